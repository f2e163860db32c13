//! Orders as they are stored in `customer.orders`, and the questions that are asked of them.

use bson::{DateTime, Document, doc};
use serde::{Deserialize, Serialize};
use service_kit::mongo::IndexSpec;
use service_kit::write_path::Stored;
use shared_events::order::{Order, OrderStatus};
use shared_events::time::Timestamp;

/// An order as it is stored.
pub type StoredOrder = Stored<Order>;

/// The member by which the orders of a customer are found.
pub const CUSTOMER: &str = "customerId";

/// Where an order stands in a list, which never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    placed_at_ms: i64,
    id: String,
}

/// What a list is filtered by; all of it applies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this customer.
    pub customer_id: Option<String>,
    /// In this part of its life.
    pub status: Option<OrderStatus>,
    /// Placed then or later.
    pub from: Option<Timestamp>,
    /// Placed before then.
    pub to: Option<Timestamp>,
}

impl Position {
    /// The position of this order.
    pub fn of(stored: &StoredOrder) -> Self {
        Self { placed_at_ms: stored.state.placed_at.millis(), id: stored.id.clone() }
    }
}

impl Filter {
    /// The documents that match, after a position.
    pub fn documents(&self, after: Option<&Position>) -> Document {
        let Self { customer_id, status, from, to } = self;
        let mut filter = Document::new();
        if let Some(id) = customer_id {
            filter.insert(CUSTOMER, id);
        }
        if let Some(status) = status {
            filter.insert("status", status.word());
        }
        let mut placed = Document::new();
        placed.extend(from.map(|from| ("$gte".to_owned(), date(from.millis()).into())));
        placed.extend(to.map(|to| ("$lt".to_owned(), date(to.millis()).into())));
        if let Some(Position { placed_at_ms, id }) = after {
            let at = date(*placed_at_ms);
            placed.insert("$lte", at);
            filter.insert("$or", [doc! { "placedAt": { "$lt": at } }, doc! { "_id": { "$lt": id } }]);
        }
        if !placed.is_empty() {
            filter.insert("placedAt", placed);
        }
        filter
    }
}

fn date(millis: i64) -> DateTime {
    DateTime::from_millis(millis)
}

/// The order of every list. Orders that were placed at the same instant stand in the order of their ids.
pub fn newest_first() -> Document {
    doc! { "placedAt": -1, "_id": -1 }
}

/// The indexes that the lists and their filters need.
pub fn indexes() -> Vec<IndexSpec> {
    vec![
        IndexSpec::new("list_by_time", newest_first()),
        IndexSpec::new("list_by_customer", doc! { CUSTOMER: 1, "placedAt": -1, "_id": -1 }),
        IndexSpec::new("list_by_status", doc! { "status": 1, "placedAt": -1, "_id": -1 }),
    ]
}
