//! Decoding says what is wrong (D8): every error, and the records that cause it.

use serde_json::{Value, json};
use shared_events::{customer::CREATED, envelope::DecodeError, order::PLACED};

use crate::{
    found::{Found, OPTIONAL, REQUIRED},
    samples::{Sampled, for_every_aggregate},
};

for_every_aggregate!(
    the_sample_can_be_read,
    every_error_has_a_record_that_causes_it,
    a_record_without_a_usable_key_belongs_to_no_aggregate,
    a_record_without_a_value_is_no_event,
    every_required_header_is_missed_by_name,
    optional_headers_may_be_missing_and_unknown_ones_present,
    a_header_is_text_and_not_empty,
    a_header_says_what_the_contract_says,
    a_type_of_another_aggregate_is_foreign_and_an_unknown_one_of_ours_is_applicable,
    key_headers_and_data_tell_one_story,
    data_of_another_shape_violates_the_schema,
    what_cannot_be_is_refused_in_words,
    a_member_named_twice_is_no_data,
    unknown_members_are_ignored,
    an_error_never_repeats_the_content,
);

/// The id of another aggregate.
const OTHER: &str = "12346";

fn the_sample_can_be_read<D: Sampled>() {
    assert_eq!(Found::sample().decode(), Ok(D::fullest()));
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

fn every_error_has_a_record_that_causes_it<D: Sampled>() {
    let causes: [(&str, Found<D>); 8] = [
        ("NoKey", Found::sample().key(None)),
        ("KeyNotText", Found::sample().key(Some(b"\xff"))),
        ("NoValue", Found::sample().value(None)),
        ("HeaderMissing", Found::sample().without("ce_id")),
        ("HeaderInvalid", Found::sample().header("ce_time", "noon")),
        ("ForeignType", Found::sample().header("ce_type", "elsewhere.thing.made")),
        ("Contradiction", Found::sample().header("ce_subject", OTHER)),
        ("Data", Found::sample().value(Some(b"{}"))),
    ];
    for (error, record) in causes {
        assert_eq!(record.decode().as_ref().map_err(name), Err(error));
    }
}

fn a_record_without_a_usable_key_belongs_to_no_aggregate<D: Sampled>() {
    assert_eq!(Found::<D>::sample().key(None).decode(), Err(DecodeError::NoKey));
    assert_eq!(Found::<D>::sample().key(Some(b"")).decode(), Err(DecodeError::NoKey));
    assert_eq!(Found::<D>::sample().key(Some(b"\xff\xfe")).decode(), Err(DecodeError::KeyNotText));
}

fn a_record_without_a_value_is_no_event<D: Sampled>() {
    assert_eq!(Found::<D>::sample().value(None).decode(), Err(DecodeError::NoValue));
    assert_eq!(Found::<D>::sample().value(Some(b"")).decode(), Err(DecodeError::NoValue));
}

fn every_required_header_is_missed_by_name<D: Sampled>() {
    for name in REQUIRED {
        assert_eq!(Found::<D>::sample().without(name).decode(), Err(DecodeError::HeaderMissing(name)));
        let mut null = Found::<D>::sample();
        null.headers.push((name.to_owned(), None));
        assert_eq!(null.decode(), Err(DecodeError::HeaderMissing(name)), "the last of a repeated header counts");
    }
}

fn optional_headers_may_be_missing_and_unknown_ones_present<D: Sampled>() {
    for name in OPTIONAL {
        assert!(Found::<D>::sample().without(name).decode().is_ok(), "{name}");
    }
    let mut more = Found::<D>::sample();
    more.headers.push(("ce_partitionkey".to_owned(), Some(vec![0xff])));
    assert!(more.decode().is_ok());
}

fn a_header_is_text_and_not_empty<D: Sampled>() {
    for name in REQUIRED.into_iter().chain(OPTIONAL) {
        for value in [b"".as_slice(), b"\xff"] {
            let error = Found::<D>::sample().header(name, value).decode().unwrap_err();
            assert!(matches!(error, DecodeError::HeaderInvalid { name: n, .. } if n == name), "{name}: {error}");
        }
    }
}

fn a_header_says_what_the_contract_says<D: Sampled>() {
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
        let error = Found::<D>::sample().header(name, value).decode().unwrap_err();
        assert!(matches!(error, DecodeError::HeaderInvalid { name: n, .. } if n == name), "{name} {value}: {error}");
        assert!(!error.is_schema_violation());
    }
    for value in ["application/json; charset=utf-8", "Application/JSON"] {
        assert!(Found::<D>::sample().header("content-type", value).decode().is_ok(), "{value}");
    }
}

fn a_type_of_another_aggregate_is_foreign_and_an_unknown_one_of_ours_is_applicable<D: Sampled>() {
    let others = [CREATED, PLACED].into_iter().filter(|kind| !kind.starts_with(D::TYPE_PREFIX));
    let plural = format!("{}s.created", D::TYPE_PREFIX.trim_end_matches('.'));
    for kind in others.chain([D::TYPE_PREFIX, &plural]) {
        let error = Found::<D>::sample().header("ce_type", kind).decode().unwrap_err();
        assert_eq!(error, DecodeError::ForeignType(kind.to_owned()));
        assert!(error.is_schema_violation());
    }
    let long = Found::<D>::sample().header("ce_type", "é".repeat(1000)).decode().unwrap_err();
    assert_eq!(long, DecodeError::ForeignType("é".repeat(100)), "a cause is kept short");
    let unknown = Found::<D>::sample().header("ce_type", format!("{}merged", D::TYPE_PREFIX)).decode().unwrap();
    assert_eq!(unknown.data, D::fullest().data);
}

fn key_headers_and_data_tell_one_story<D: Sampled>() {
    let id = D::fullest().envelope.subject;
    let cases: [(Found<D>, &str); 7] = [
        (Found::sample().header("ce_subject", OTHER), "ce_subject"),
        (Found::sample().key(Some(OTHER.as_bytes())), "ce_subject"),
        (Found::sample().header("ce_source", format!("{}{OTHER}", D::SOURCE_PREFIX)), "ce_source"),
        (Found::sample().header("ce_source", format!("/elsewhere/{id}")), "ce_source"),
        (Found::sample().data("/id", OTHER.into()), "the data's id"),
        (Found::sample().data("/version", 3.into()), "the data's version"),
        (Found::sample().header("ce_sequence", "00000000000000000003"), "the data's version"),
    ];
    for (record, what) in cases {
        let error = record.decode().unwrap_err();
        assert_eq!(error, DecodeError::Contradiction(what), "{record:?}");
        assert!(error.is_schema_violation());
    }
}

/// Of every aggregate, with the places that are its own.
fn misshapen<D: Sampled>() -> Vec<(&'static str, Value)> {
    let common = [
        ("/id", json!(12345)),
        ("/version", json!("2")),
        ("/version", json!(-1)),
        ("/version", json!(2.5)),
        ("/changed", json!("status")),
        ("/updatedAt", json!("2026-11-21T07:58:27")),
    ];
    common.into_iter().chain(D::misshapen()).collect()
}

fn data_of_another_shape_violates_the_schema<D: Sampled>() {
    let values = ["not JSON", "[]", "{\"id\":\"12345\"", &"[".repeat(100_000)].map(|value| value.as_bytes().to_vec());
    let broken = values.into_iter().chain([vec![0xff, 0xff]]).map(|value| Found::<D>::sample().value(Some(&value)));
    let wrong = misshapen::<D>().into_iter().map(|(pointer, value)| Found::sample().data(pointer, value));
    for record in broken.chain(wrong) {
        let error = record.decode().unwrap_err();
        assert!(matches!(error, DecodeError::Data { schema, .. } if schema == D::DATASCHEMA), "{error}");
        assert!(error.is_schema_violation());
    }
}

fn what_cannot_be_is_refused_in_words<D: Sampled>() {
    for (event, words) in D::against_the_rules() {
        let expected = DecodeError::Data { schema: D::DATASCHEMA, why: words.to_owned() };
        assert_eq!(Found::of(&event).decode(), Err(expected), "{event:?}");
    }
}

fn a_member_named_twice_is_no_data<D: Sampled>() {
    let id = D::fullest().envelope.subject;
    for member in [&format!(r#""id":"{id}""#), r#""changed":[]"#] {
        let twice = Found::<D>::sample().with_member(member);
        assert!(matches!(twice.decode(), Err(DecodeError::Data { .. })), "{member}");
    }
}

fn unknown_members_are_ignored<D: Sampled>() {
    let more = Found::sample().with_member(r#""loyalty":{"tier":3}"#);
    assert_eq!(more.decode(), Ok(D::fullest()));
}

fn an_error_never_repeats_the_content<D: Sampled>() {
    let secret = "4111111111111111";
    for (pointer, _) in misshapen::<D>() {
        for value in [json!(secret), json!({ secret: secret })] {
            let decoded = Found::<D>::sample().data(pointer, value.clone()).decode();
            assert!(decoded.is_err() || value.is_string(), "{pointer}: no place takes an object of other members");
            if let Err(error) = decoded {
                assert!(!format!("{error} {error:?}").contains(secret), "{pointer}");
            }
        }
    }
}
