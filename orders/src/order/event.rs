//! What the write path has to know of an order, and what the world is told.

use service_kit::write_path::{Aggregate, Change, record_of, version_in};
use shared_events::order::{Order, OrderChange};
use shared_events::record::{RawRecord, Record};
use shared_events::topic::{ORDER_CHANGE, TopicSpec};

/// Orders, as the write path sees them.
#[derive(Debug)]
pub enum OrderAggregate {}

impl Aggregate for OrderAggregate {
    const NAME: &'static str = "order";
    const COLLECTION: &'static str = "customer.orders";
    const TOPIC: TopicSpec = ORDER_CHANGE;
    const UNIQUE_KEYS: &'static [&'static str] = &[];

    type State = Order;

    /// None: an order is unique by its id, and found by members of its state.
    fn keys(_: &Order) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn event(_: &str, version: u64, change: &Change, request: Option<&str>, state: &Order) -> Record {
        let data = OrderChange { order: state.clone(), changed: change.changed.clone() };
        #[expect(clippy::expect_used, reason = "JSON holds every string, number and list; an order has nothing else")]
        record_of(version, change, request, data).expect("an order can be written as JSON")
    }

    fn version_of(record: &RawRecord<'_>) -> Option<(String, u64)> {
        version_in::<OrderChange>(record)
    }
}

#[cfg(test)]
mod tests;
