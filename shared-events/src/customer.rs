//! A customer as the world sees it: the data of `accounts.customer.created`, `.updated` and `.deleted`.
//!
//! The same shape is what accounts stores and what its API answers, so that there is one description of a customer.
//! A card number has no place in it (G8): the type cannot hold one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{envelope::EventData, time::Timestamp};

/// The type of the first event.
pub const CREATED: &str = "accounts.customer.created";
/// The type of every later change but the last.
pub const UPDATED: &str = "accounts.customer.updated";
/// The type of the last event: the state before it, with `status` and `deletedAt`.
pub const DELETED: &str = "accounts.customer.deleted";

/// The complete state of a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// Chosen by the caller or made by the service; never used again after a delete.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]+$", examples("12345"))]
    pub id: String,
    /// The person.
    pub name: Name,
    /// How to reach them.
    pub contact: Contact,
    /// At most one per type.
    #[schema(max_items = 10)]
    pub addresses: Vec<Address>,
    /// At most one per type; what can be shown of each card.
    #[schema(max_items = 5)]
    pub credit_cards: Vec<CreditCard>,
    /// 1, 2, 3 … without gaps.
    #[schema(minimum = 1)]
    pub version: u64,
    /// `DELETED` is for ever.
    pub status: Status,
    /// When version 1 was made.
    pub created_at: Timestamp,
    /// When this version was made.
    pub updated_at: Timestamp,
    /// When the customer was deleted; absent while living.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
}

/// The event's data: the customer, and which top-level parts this change made different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomerChange {
    /// The state after the change.
    #[serde(flatten)]
    pub customer: Customer,
    /// The top-level parts that differ from the version before.
    #[serde(default)]
    #[schema(required = true)]
    pub changed: Vec<String>,
}

/// A person's name, as they write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Name {
    /// `Mr.`, `Dr.`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Given name.
    pub first_name: String,
    /// Middle name or initial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// Family name.
    pub last_name: String,
    /// `Jr.`, `III`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suffix: Option<String>,
}

/// How to reach a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// As typed.
    pub primary_phone: String,
    /// As typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secondary_phone: Option<String>,
    /// Unique among living customers, compared trimmed and case-folded; shown as typed.
    pub email: String,
}

/// A postal address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// What it is for; at most one of each.
    #[serde(rename = "type")]
    pub kind: AddressType,
    /// The customer's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// First line.
    pub address1: String,
    /// Second line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address2: Option<String>,
    /// City.
    pub city: String,
    /// State or region.
    pub state: String,
    /// Postal code, where the country has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// What an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AddressType {
    /// Where bills go.
    Billing,
    /// Where parcels go.
    Shipping,
    /// Where parcels go when asked for.
    ShippingAlternate,
}

impl AddressType {
    /// Every type by its word, for those who read one.
    pub const WORDS: [(&str, Self); 3] = [
        (Self::Billing.word(), Self::Billing),
        (Self::Shipping.word(), Self::Shipping),
        (Self::ShippingAlternate.word(), Self::ShippingAlternate),
    ];

    /// The word it is written as.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Billing => "BILLING",
            Self::Shipping => "SHIPPING",
            Self::ShippingAlternate => "SHIPPING_ALTERNATE",
        }
    }
}

/// What is kept of a card: enough for its holder to recognise it, useless to anybody else (G8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditCard {
    /// Which of the customer's cards; at most one of each.
    #[serde(rename = "type")]
    pub kind: CardType,
    /// The customer's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `VISA`, `MASTERCARD` …, `UNKNOWN` when the number does not tell.
    pub brand: String,
    /// The last four digits.
    pub last_four: String,
    /// `2019-06`
    pub expiration: String,
    /// As embossed.
    pub name_on_card: String,
}

/// Which of the customer's cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CardType {
    /// The one to charge first.
    Primary,
    /// The other one.
    Alternate,
}

/// Whether the customer still exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Living.
    Active,
    /// Gone for good; the id is spent, the e-mail is free again.
    Deleted,
}

impl EventData for CustomerChange {
    const SOURCE_PREFIX: &'static str = "/accounts/customers/";
    const TYPE_PREFIX: &'static str = "accounts.customer.";
    const DATASCHEMA: &'static str = "/schemas/customer/v1.json";

    fn id(&self) -> &str {
        &self.customer.id
    }

    fn version(&self) -> u64 {
        self.customer.version
    }

    fn check(&self) -> Result<(), String> {
        match (self.customer.status, self.customer.deleted_at) {
            (Status::Active, Some(_)) => Err("an active customer has deletedAt".to_owned()),
            (Status::Deleted, None) => Err("a deleted customer has no deletedAt".to_owned()),
            (Status::Active, None) | (Status::Deleted, Some(_)) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AddressType;

    #[test]
    fn the_words_of_the_types_are_those_that_are_written() {
        for (word, kind) in AddressType::WORDS {
            assert_eq!(serde_json::to_value(kind).unwrap(), word);
        }
    }
}
