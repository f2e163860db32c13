//! What the topic gets, read back as a consumer reads it.

use shared_events::customer::AddressType;
use shared_events::envelope::decode;
use shared_events::order::{CANCELLED, PLACED};
use uuid::Uuid;

use super::*;
use crate::order::command::Command;
use crate::order::samples::{after, at, john, placed};

fn change(kind: &str) -> Change {
    Change {
        id: Uuid::from_u128(7),
        kind: kind.to_owned(),
        at: at(3),
        traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned()),
        changed: vec!["items".to_owned()],
    }
}

#[test]
fn an_event_is_read_back_with_everything() {
    let order = placed(&[AddressType::Shipping]);
    let record = OrderAggregate::event("6119", 1, &change(PLACED), Some("hash"), &order);
    let event = decode::<OrderChange>(&record.as_raw()).unwrap();
    assert_eq!(event.data, OrderChange { order, changed: vec!["items".to_owned()] });
    let envelope = event.envelope;
    assert_eq!((envelope.id, envelope.source.as_str()), (Uuid::from_u128(7).to_string(), "/orders/6119"));
    assert_eq!((envelope.kind.as_str(), envelope.sequence, envelope.time), (PLACED, 1, at(3)));
    assert_eq!((envelope.request_hash.as_deref(), envelope.traceparent), (Some("hash"), change("").traceparent));
    assert_eq!(OrderAggregate::version_of(&record.as_raw()), Some(("6119".to_owned(), 1)));
}

#[test]
fn what_was_frozen_is_in_the_event() {
    let cancel = Command::Cancel { customer: Some(john(7, &[AddressType::Shipping])), at: at(5) };
    let order = after(Some(&placed(&[AddressType::Shipping])), cancel);
    let record = OrderAggregate::event("6119", 2, &change(CANCELLED), None, &order);
    let event = decode::<OrderChange>(&record.as_raw()).unwrap();
    assert_eq!(event.data.order.recipient, order.recipient);
    assert_eq!(event.data.order.recipient.map(|recipient| recipient.customer_version), Some(7));
}

#[test]
fn a_record_of_something_else_is_no_order() {
    let record =
        OrderAggregate::event("6119", 1, &change("accounts.customer.created"), None, &placed(&[AddressType::Shipping]));
    assert_eq!(OrderAggregate::version_of(&record.as_raw()), None);
}
