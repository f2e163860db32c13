//! What the API says about an order, and the headers that an answer about one carries.

use serde::Serialize;
use service_kit::http::entity::Entity;
use service_kit::http::precondition::ETag;
use service_kit::http::problem::Problem;
use service_kit::write_path::Aggregate;
use shared_events::customer::{Address, AddressType, Name, Status};
use shared_events::order::{self, Money, OrderLine, OrderStatus, Recipient};
use shared_events::time::Timestamp;
use utoipa::ToSchema;

use crate::order::customer::Customer;
use crate::order::event::OrderAggregate;
use crate::order::view::StoredOrder;

/// An order. While it is `PLACED`, what it says about its customer is what is true now; afterwards, what was true then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Order)]
pub struct Order {
    /// Chosen by the caller or made by the service; never used again.
    #[schema(min_length = 1, max_length = 64, examples("6119"))]
    id: String,
    /// Whose order it is: the customer's id in accounts.
    #[schema(min_length = 1, max_length = 64, examples("12345"))]
    customer_id: String,
    /// What the customer is called.
    customer_name: Name,
    /// The version of the customer that name and address were taken from.
    #[schema(minimum = 1)]
    customer_version: u64,
    /// Whether the customer still exists. If not, the order can only be cancelled, and shows what was last known.
    customer_status: Status,
    /// What was ordered, line by line, as it was placed; several lines may be of one item.
    #[schema(min_items = 1, max_items = 200)]
    items: Vec<OrderLine>,
    /// Which of the customer's addresses it goes to.
    ship_to: AddressType,
    /// That address; null when the customer has none of that type any more.
    #[schema(required = true)]
    shipping_address: Option<Address>,
    /// Where the order is in its life.
    status: OrderStatus,
    /// What it costs: only when every line has a price, and all in one currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total: Option<Money>,
    /// 1, 2, 3 … without gaps.
    #[schema(minimum = 1)]
    version: u64,
    /// When it was placed: the day that it counts for in reports.
    placed_at: Timestamp,
    /// When this version was made.
    updated_at: Timestamp,
    /// When it was fulfilled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    fulfilled_at: Option<Timestamp>,
    /// When it was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    cancelled_at: Option<Timestamp>,
}

/// A stored order, and the customer that it is shown with.
#[derive(Clone, Debug)]
pub struct Shown {
    /// As it is stored.
    pub stored: StoredOrder,
    /// What it says of its customer.
    recipient: Recipient,
}

impl Shown {
    /// The order with what is frozen into it, or else with its customer as they are now.
    pub fn with(stored: StoredOrder, customer: &Customer) -> Self {
        let frozen = stored.state.recipient.clone();
        let recipient = frozen.unwrap_or_else(|| customer.recipient(stored.state.ship_to));
        Self { stored, recipient }
    }

    /// The same, when the customer may not be known; `None` for an order that needs one.
    pub fn new(stored: StoredOrder, customer: Option<&Customer>) -> Option<Self> {
        match (customer, stored.state.recipient.clone()) {
            (Some(customer), _) => Some(Self::with(stored, customer)),
            (None, Some(recipient)) => Some(Self { stored, recipient }),
            (None, None) => None,
        }
    }

    /// What the headers of an answer about it say.
    pub fn entity(&self) -> Entity {
        Entity::new(OrderAggregate::NAME, &self.stored.id, self.stored.version, self.tag())
    }

    /// While it waits, the order is what two versions make: its own, and that of its customer.
    fn tag(&self) -> ETag {
        match self.stored.state.status {
            OrderStatus::Placed => ETag::of_versions(self.stored.version, self.recipient.customer_version),
            OrderStatus::Fulfilled | OrderStatus::Cancelled => ETag::of_version(self.stored.version),
        }
    }

    /// The tag that it had when it was last `PLACED`; its own while it is.
    pub fn last_placed_tag(&self) -> ETag {
        let version = match self.stored.state.status {
            OrderStatus::Placed => self.stored.version,
            OrderStatus::Fulfilled | OrderStatus::Cancelled => self.stored.version.saturating_sub(1),
        };
        ETag::of_versions(version, self.recipient.customer_version)
    }
}

impl From<Shown> for Order {
    fn from(Shown { stored, recipient }: Shown) -> Self {
        let order::Order { id, customer_id, items, ship_to, status, total, .. } = stored.state;
        let order::Order { version, placed_at, updated_at, fulfilled_at, cancelled_at, .. } = stored.state;
        let Recipient { customer_version, customer_status, name: customer_name, address: shipping_address } = recipient;
        Self {
            id,
            customer_id,
            customer_name,
            customer_version,
            customer_status,
            items,
            ship_to,
            shipping_address,
            status,
            total,
            version,
            placed_at,
            updated_at,
            fulfilled_at,
            cancelled_at,
        }
    }
}

/// The refusal of something about an order says what is known of it.
pub(super) fn with_token(problem: Problem, stored: &StoredOrder) -> Problem {
    Entity::new(OrderAggregate::NAME, &stored.id, stored.version, ETag::of_version(stored.version)).refuse(problem)
}
