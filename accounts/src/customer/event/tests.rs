//! What the topic gets, read back as a consumer reads it.

use service_kit::write_path::Change;
use shared_events::customer::{CREATED, DELETED};
use shared_events::envelope::decode;
use uuid::Uuid;

use super::*;
use crate::customer::samples::{at, deleted_john, john};

fn change(kind: &str) -> Change {
    Change {
        id: Uuid::from_u128(7),
        kind: kind.to_owned(),
        at: at(3),
        traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned()),
        changed: vec!["name".to_owned()],
    }
}

#[test]
fn an_event_is_read_back_with_everything() {
    let record = CustomerAggregate::event("12345", 1, &change(CREATED), Some("hash"), &john());
    let event = decode::<CustomerChange>(&record.as_raw()).unwrap();
    assert_eq!(event.data, CustomerChange { customer: john(), changed: vec!["name".to_owned()] });
    assert_eq!((event.envelope.id, event.envelope.time), (Uuid::from_u128(7).to_string(), at(3)));
    assert_eq!(
        (event.envelope.request_hash.as_deref(), event.envelope.traceparent),
        (Some("hash"), change("").traceparent)
    );
    assert_eq!(CustomerAggregate::version_of(&record.as_raw()), Some(("12345".to_owned(), 1)));
}

#[test]
fn what_is_no_event_of_a_customer_has_no_version() {
    assert_eq!(CustomerAggregate::version_of(&RawRecord::default()), None);
}

#[test]
fn a_card_number_is_in_no_event() {
    let record = CustomerAggregate::event("12345", 1, &change(CREATED), None, &john());
    let text = String::from_utf8(record.value).unwrap();
    assert!(text.contains(r#""lastFour":"0000""#) && !text.contains("6789-0000") && !text.contains("number"), "{text}");
}

#[test]
fn a_deleted_customer_gives_its_email_back_and_is_still_found_by_it() {
    assert_eq!(
        CustomerAggregate::keys(&john()),
        [(EMAIL, "john.doe@internet.com".to_owned()), (LAST_NAME, "doe".to_owned())]
    );
    let gone = CustomerAggregate::keys(&deleted_john());
    assert_eq!(gone[0], (FORMER_EMAIL, "john.doe@internet.com".to_owned()));
    assert!(CustomerAggregate::event("12345", 2, &change(DELETED), None, &deleted_john()).size() > 0);
}
