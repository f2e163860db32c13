//! Decoding says what is wrong (D8): every error, and the records that cause it.

use shared_events::envelope::{self, DecodeError};

use crate::{
    found::{Found, OPTIONAL, REQUIRED},
    samples,
};

#[test]
fn the_sample_can_be_read() {
    assert_eq!(Found::sample().decode(), Ok(samples::updated()));
}

/// Without `_`: a new variant must be named here, and then needs a record below.
fn name(error: &DecodeError) -> &'static str {
    match error {
        DecodeError::NoKey => "NoKey",
        DecodeError::KeyNotText => "KeyNotText",
        DecodeError::NoValue => "NoValue",
        DecodeError::HeaderMissing(_) => "HeaderMissing",
        DecodeError::HeaderInvalid { .. } => "HeaderInvalid",
        DecodeError::ForeignType(_) => "ForeignType",
        DecodeError::Contradiction(_) => "Contradiction",
        DecodeError::Data { .. } => "Data",
    }
}

#[test]
fn every_error_has_a_record_that_causes_it() {
    let causes = [
        ("NoKey", Found::sample().key(None)),
        ("KeyNotText", Found::sample().key(Some(b"\xff"))),
        ("NoValue", Found::sample().value(None)),
        ("HeaderMissing", Found::sample().without("ce_id")),
        ("HeaderInvalid", Found::sample().header("ce_time", "noon")),
        ("ForeignType", Found::sample().header("ce_type", "orders.order.placed")),
        ("Contradiction", Found::sample().header("ce_subject", "12346")),
        ("Data", Found::sample().value(Some(b"{}"))),
    ];
    for (error, record) in causes {
        assert_eq!(record.decode().as_ref().map_err(name), Err(error));
    }
}

#[test]
fn a_record_without_a_usable_key_belongs_to_no_aggregate() {
    assert_eq!(Found::sample().key(None).decode(), Err(DecodeError::NoKey));
    assert_eq!(Found::sample().key(Some(b"")).decode(), Err(DecodeError::NoKey));
    assert_eq!(Found::sample().key(Some(b"\xff\xfe")).decode(), Err(DecodeError::KeyNotText));
}

#[test]
fn a_record_without_a_value_is_no_event() {
    assert_eq!(Found::sample().value(None).decode(), Err(DecodeError::NoValue));
    assert_eq!(Found::sample().value(Some(b"")).decode(), Err(DecodeError::NoValue));
}

#[test]
fn every_required_header_is_missed_by_name() {
    for name in REQUIRED {
        assert_eq!(Found::sample().without(name).decode(), Err(DecodeError::HeaderMissing(name)));
        let mut null = Found::sample();
        null.headers.push((name.to_owned(), None));
        assert_eq!(null.decode(), Err(DecodeError::HeaderMissing(name)), "the last of a repeated header counts");
    }
}

#[test]
fn optional_headers_may_be_missing_and_unknown_ones_present() {
    for name in OPTIONAL {
        assert!(Found::sample().without(name).decode().is_ok(), "{name}");
    }
    let mut more = Found::sample();
    more.headers.push(("ce_partitionkey".to_owned(), Some(vec![0xff])));
    assert!(more.decode().is_ok());
}

#[test]
fn a_header_is_text_and_not_empty() {
    for name in REQUIRED.into_iter().chain(OPTIONAL) {
        for value in [b"".as_slice(), b"\xff"] {
            let error = Found::sample().header(name, value).decode().unwrap_err();
            assert!(matches!(error, DecodeError::HeaderInvalid { name: n, .. } if n == name), "{name}: {error}");
        }
    }
}

#[test]
fn a_header_says_what_the_contract_says() {
    let cases = [
        ("ce_specversion", "0.3"),
        ("ce_time", "yesterday"),
        ("ce_time", "2026-11-21T07:58:27"),
        ("ce_sequence", "2"),
        ("ce_sequence", "00000000000000000000"),
        ("ce_sequence", "+0000000000000000002"),
        ("ce_sequence", "09223372036854775808"),
        ("ce_sequence", "99999999999999999999"),
        ("content-type", "text/plain"),
        ("content-type", "application/cloudevents+json"),
    ];
    for (name, value) in cases {
        let error = Found::sample().header(name, value).decode().unwrap_err();
        assert!(matches!(error, DecodeError::HeaderInvalid { name: n, .. } if n == name), "{name} {value}: {error}");
        assert!(!error.is_schema_violation());
    }
    for value in ["application/json; charset=utf-8", "Application/JSON"] {
        assert!(Found::sample().header("content-type", value).decode().is_ok(), "{value}");
    }
}

#[test]
fn a_type_of_another_aggregate_is_foreign_and_an_unknown_one_of_ours_is_applicable() {
    for kind in ["orders.order.placed", "accounts.customer.", "accounts.customers.created"] {
        let error = Found::sample().header("ce_type", kind).decode().unwrap_err();
        assert_eq!(error, DecodeError::ForeignType(kind.to_owned()));
        assert!(error.is_schema_violation());
    }
    let long = Found::sample().header("ce_type", "é".repeat(1000)).decode().unwrap_err();
    assert_eq!(long, DecodeError::ForeignType("é".repeat(100)), "a cause is kept short");
    let unknown = Found::sample().header("ce_type", "accounts.customer.merged").decode().unwrap();
    assert_eq!(unknown.data, samples::updated().data);
}

#[test]
fn key_headers_and_data_tell_one_story() {
    let cases = [
        (Found::sample().header("ce_subject", "12346"), "ce_subject"),
        (Found::sample().key(Some(b"12346")), "ce_subject"),
        (Found::sample().header("ce_source", "/accounts/customers/12346"), "ce_source"),
        (Found::sample().header("ce_source", "/orders/12345"), "ce_source"),
        (Found::sample().data("/id", "12346".into()), "the data's id"),
        (Found::sample().data("/version", 3.into()), "the data's version"),
        (Found::sample().header("ce_sequence", "00000000000000000003"), "the data's version"),
    ];
    for (record, what) in cases {
        let error = record.decode().unwrap_err();
        assert_eq!(error, DecodeError::Contradiction(what), "{record:?}");
        assert!(error.is_schema_violation());
    }
}

#[test]
fn data_of_another_shape_violates_the_schema() {
    let mut cases = vec![
        Found::sample().value(Some(b"not JSON")),
        Found::sample().value(Some(b"\xff\xff")),
        Found::sample().value(Some(b"[]")),
        Found::sample().value(Some(b"{\"id\":\"12345\"")),
        Found::sample().value(Some("[".repeat(100_000).as_bytes())),
        Found::sample().data("/version", (-1).into()),
        Found::sample().data("/version", 2.5.into()),
        Found::sample().data("/status", "SLEEPING".into()),
        Found::sample().data("/addresses", serde_json::Value::Null),
        Found::sample().data("/createdAt", 0.into()),
        Found::sample().data("/createdAt", "2026-11-21".into()),
        Found::sample().data("/status", "DELETED".into()),
    ];
    cases.push(Found::new(envelope::encode(&samples::deleted()).unwrap()).data("/status", "ACTIVE".into()));
    for record in cases {
        let error = record.decode().unwrap_err();
        assert!(matches!(error, DecodeError::Data { schema: "/schemas/customer/v1.json", .. }), "{error}");
        assert!(error.is_schema_violation());
    }
}

#[test]
fn a_member_named_twice_is_no_data() {
    for member in [r#""id":"12345""#, r#""changed":[]"#] {
        let twice = Found::sample().with_member(member);
        assert!(matches!(twice.decode(), Err(DecodeError::Data { .. })), "{member}");
    }
}

#[test]
fn unknown_members_are_ignored() {
    let more = Found::sample().with_member(r#""loyalty":{"tier":3}"#);
    assert_eq!(more.decode(), Ok(samples::updated()));
}

#[test]
fn an_error_never_repeats_the_content() {
    let secret = "4111111111111111";
    for pointer in ["/version", "/status", "/name", "/createdAt", "/addresses/0/type", "/creditCards"] {
        let error = Found::sample().data(pointer, secret.into()).decode().unwrap_err();
        assert!(!format!("{error} {error:?}").contains(secret), "{pointer}");
    }
}
