//! An order as the world sees it: the data of `orders.order.placed`, `.cancelled` and `.fulfilled`.
//!
//! While an order waits it says *who* it is for and which of the customer's addresses it goes to, not where that is:
//! that is the customer's to change. What was true when it was fulfilled or cancelled is frozen into it, as `recipient`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    customer::{Address, AddressType, Name, Status},
    envelope::EventData,
    time::Timestamp,
};

/// The type of the first event.
pub const PLACED: &str = "orders.order.placed";
/// The type of the last event of an order that was called off.
pub const CANCELLED: &str = "orders.order.cancelled";
/// The type of the last event of an order that was sent.
pub const FULFILLED: &str = "orders.order.fulfilled";

/// The complete state of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Chosen by the caller or made by the service; never used again.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]+$", examples("6119"))]
    pub id: String,
    /// Whose order it is: the customer's id in accounts.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]+$", examples("12345"))]
    pub customer_id: String,
    /// What was ordered, line by line, as it was placed; several lines may be of one item.
    #[schema(min_items = 1, max_items = 200)]
    pub items: Vec<OrderLine>,
    /// Which of the customer's addresses it goes to.
    pub ship_to: AddressType,
    /// Where the order is in its life.
    pub status: OrderStatus,
    /// What it costs: only when every line has a price, and all in one currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total: Option<Money>,
    /// The customer as it was when the order was fulfilled or cancelled; absent while the order is `PLACED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub recipient: Option<Recipient>,
    /// 1, 2, 3 … without gaps.
    #[schema(minimum = 1)]
    pub version: u64,
    /// When it was placed: the day that it counts for in reports.
    pub placed_at: Timestamp,
    /// When this version was made.
    pub updated_at: Timestamp,
    /// When it was fulfilled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub fulfilled_at: Option<Timestamp>,
    /// When it was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cancelled_at: Option<Timestamp>,
}

/// The event's data: the order, and which top-level parts this change made different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderChange {
    /// The state after the change.
    #[serde(flatten)]
    pub order: Order,
    /// The top-level parts that differ from the version before.
    #[serde(default)]
    #[schema(required = true)]
    pub changed: Vec<String>,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderLine {
    /// The item's id.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]+$", examples("z3333"))]
    pub item_id: String,
    /// What the item is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub title: Option<String>,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub description: Option<String>,
    /// How many.
    #[schema(minimum = 1, maximum = 10_000)]
    pub quantity: u32,
    /// What one of them costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub unit_price: Option<Money>,
}

/// An amount of money: an exact decimal, never a float.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Money {
    /// With exactly as many places as the currency has: `12.50`, and `1250` where there are none.
    #[schema(pattern = r"^[0-9]+(\.[0-9]+)?$", examples("12.50"))]
    pub amount: String,
    /// ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$", examples("USD"))]
    pub currency: String,
}

/// Whom an order went to, frozen: a later change of the customer does not reach it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Recipient {
    /// The version of the customer that this was taken from.
    #[schema(minimum = 1)]
    pub customer_version: u64,
    /// Whether the customer still existed: the order of one who did not can only have been cancelled.
    pub customer_status: Status,
    /// The customer's name.
    pub name: Name,
    /// The address of the type in `shipTo`; absent when the customer had none, which only a cancelled order may show.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub address: Option<Address>,
}

/// Where an order is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderStatus {
    /// It waits, and goes to wherever the customer lives by then.
    Placed,
    /// It was sent.
    Fulfilled,
    /// It was called off, and counts in no report.
    Cancelled,
}

impl OrderStatus {
    /// Every status by its word, for those who read one.
    pub const WORDS: [(&str, Self); 3] = [
        (Self::Placed.word(), Self::Placed),
        (Self::Fulfilled.word(), Self::Fulfilled),
        (Self::Cancelled.word(), Self::Cancelled),
    ];

    /// The word it is written as.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Placed => "PLACED",
            Self::Fulfilled => "FULFILLED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

impl EventData for OrderChange {
    const SOURCE_PREFIX: &'static str = "/orders/";
    const TYPE_PREFIX: &'static str = "orders.order.";
    const DATASCHEMA: &'static str = "/schemas/order/v1.json";

    fn id(&self) -> &str {
        &self.order.id
    }

    fn version(&self) -> u64 {
        self.order.version
    }

    fn check(&self) -> Result<(), String> {
        let Order { status, recipient, fulfilled_at, cancelled_at, items, .. } = &self.order;
        if items.is_empty() {
            return Err("an order has no items".to_owned());
        }
        let has = (recipient.is_some(), fulfilled_at.is_some(), cancelled_at.is_some());
        let due = match status {
            OrderStatus::Placed => (false, false, false),
            OrderStatus::Fulfilled => (true, true, false),
            OrderStatus::Cancelled => (true, false, true),
        };
        if has != due {
            return Err("recipient, fulfilledAt and cancelledAt do not fit the status".to_owned());
        }
        match (status, recipient) {
            (OrderStatus::Fulfilled, Some(Recipient { address: None, .. })) => {
                Err("a fulfilled order has no address".to_owned())
            }
            (OrderStatus::Fulfilled, Some(Recipient { customer_status: Status::Deleted, .. })) => {
                Err("the customer of a fulfilled order was deleted".to_owned())
            }
            (OrderStatus::Placed | OrderStatus::Fulfilled | OrderStatus::Cancelled, _) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::OrderStatus;

    #[test]
    fn the_words_of_the_status_are_those_that_are_written() {
        for (word, status) in OrderStatus::WORDS {
            assert_eq!(serde_json::to_value(status).unwrap(), word);
        }
    }
}
