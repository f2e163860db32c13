//! Orders as their events carry them.

use serde_json::{Value, json};
use shared_events::envelope::{Envelope, Event, EventData};
use shared_events::order::{CANCELLED, FULFILLED, OrderChange, OrderStatus, PLACED};
use shared_events::time::Timestamp;

/// A version of an order of the well-known customer: the day on which it was placed, and its lines.
pub(crate) fn order(id: &str, version: u64, status: OrderStatus, day: &str, lines: &[(&str, u32)]) -> OrderChange {
    let line = |(item, quantity): &(&str, u32)| json!({ "itemId": item, "quantity": quantity });
    let mut order = json!({
        "id": id,
        "customerId": "12345",
        "items": lines.iter().map(line).collect::<Vec<_>>(),
        "shipTo": "SHIPPING",
        "status": status,
        "version": version,
        "placedAt": format!("{day}T12:00:00.000Z"),
        "updatedAt": at(version),
        "changed": ["status"],
    });
    match status {
        OrderStatus::Placed => {}
        OrderStatus::Fulfilled => settle(&mut order, "fulfilledAt", version),
        OrderStatus::Cancelled => settle(&mut order, "cancelledAt", version),
    }
    serde_json::from_value(order).unwrap()
}

fn settle(order: &mut Value, member: &str, version: u64) {
    order[member] = json!(at(version));
    order["recipient"] = json!({
        "customerVersion": 1,
        "customerStatus": "ACTIVE",
        "name": { "firstName": "John", "lastName": "Doe" },
        "address": { "type": "SHIPPING", "address1": "123 Oak Street", "city": "Sunrise", "state": "CA" },
    });
}

/// The event of a state.
pub(crate) fn event(change: OrderChange) -> Event<OrderChange> {
    let order = &change.order;
    let kind = match order.status {
        OrderStatus::Placed => PLACED,
        OrderStatus::Fulfilled => FULFILLED,
        OrderStatus::Cancelled => CANCELLED,
    };
    let envelope = Envelope {
        id: format!("{}-{}", order.id, order.version),
        source: format!("{}{}", OrderChange::SOURCE_PREFIX, order.id),
        kind: kind.to_owned(),
        subject: order.id.clone(),
        sequence: order.version,
        time: order.updated_at,
        dataschema: OrderChange::DATASCHEMA.to_owned(),
        traceparent: None,
        request_hash: None,
        snapshot: false,
    };
    Event { envelope, data: change }
}

/// When a version was made: not on the day that the order counts for.
fn at(version: u64) -> Timestamp {
    Timestamp::from_millis(1_798_000_000_000 + i64::try_from(version).unwrap()).unwrap()
}
