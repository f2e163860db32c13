//! What reading makes of a record: an event, or the cause for which it is parked.

use bson::Document;

use super::super::sample::{Things, event, original};
use super::*;

fn read(original: &Original) -> Result<Projected, Cause> {
    Reader::of::<Things>().unwrap().read(original)
}

#[test]
fn an_event_becomes_the_document_of_its_state() {
    let mut given = event("a", 7);
    given.data.note = Some("$version".to_owned());
    let projected = read(&original(&given)).unwrap();
    assert_eq!((projected.key.as_str(), projected.version, projected.event_id.as_str()), ("a", 7, "a-7"));
    let document = Document::try_from(projected.document).unwrap();
    assert_eq!(document, bson::doc! {"text": "text 7", "note": "$version", "version": 7_i64, "eventId": "a-7"});
}

#[test]
fn a_field_that_the_event_leaves_out_becomes_null() {
    let projected = read(&original(&event("a", 1))).unwrap();
    let document = Document::try_from(projected.document).unwrap();
    assert_eq!(document.get("note"), Some(&Bson::Null));
}

#[test]
fn each_way_to_be_wrong_has_its_cause() {
    let good = original(&event("a", 1));
    let mut rejected = event("a", 1);
    rejected.data.text = "reject".to_owned();
    let mut panics = event("a", 1);
    panics.data.text = "panic".to_owned();
    let without = |name: &str| {
        let headers = good.headers.iter().filter(|(header, _)| header != name).cloned().collect();
        Original { headers, ..good.clone() }
    };
    let cases = [
        (Original::default(), CauseKind::Undecodable),
        (Original { key: None, ..good.clone() }, CauseKind::Undecodable),
        (Original { value: None, ..good.clone() }, CauseKind::Undecodable),
        (Original { value: Some(Vec::new()), ..good.clone() }, CauseKind::Undecodable),
        (without("ce_id"), CauseKind::Undecodable),
        (Original { value: Some(b"\xff\x00".to_vec()), ..good.clone() }, CauseKind::SchemaViolation),
        (
            Original { value: Some(br#"{"id":"a","version":"1","text":"x"}"#.to_vec()), ..good.clone() },
            CauseKind::SchemaViolation,
        ),
        (Original { key: Some(b"b".to_vec()), ..good.clone() }, CauseKind::SchemaViolation),
        (original(&rejected), CauseKind::Rejected),
        (original(&panics), CauseKind::Rejected),
    ];
    for (given, expected) in cases {
        assert_eq!(read(&given).unwrap_err().kind, expected, "{given:?}");
    }
}

#[test]
fn an_unknown_type_of_this_aggregate_is_applied_and_a_foreign_one_is_not() {
    let mut unknown = event("a", 1);
    unknown.envelope.kind = "thing.repainted".to_owned();
    assert!(read(&original(&unknown)).is_ok());
    let mut foreign = event("a", 1);
    foreign.envelope.kind = "order.placed".to_owned();
    assert_eq!(read(&original(&foreign)).unwrap_err().kind, CauseKind::SchemaViolation);
}
