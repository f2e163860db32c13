//! The published schema, by an independent validator: it stands alone, our events satisfy it, and it leaves room for
//! members that a later version adds.

use boon::{Compiler, Draft, Schemas};
use proptest::prelude::*;
use serde_json::{Value, json};
use shared_events::{
    customer::CustomerChange,
    envelope::{self, EventData},
    schema,
};

use crate::samples;

const URL: &str = "https://example.com/schemas/customer/v1.json";

/// `Err` with the validator's words.
fn validate(data: &Value) -> Result<(), String> {
    let mut schemas = Schemas::new();
    let mut compiler = Compiler::new();
    // No loader is set: a reference to another document would fail here.
    compiler.set_default_draft(Draft::V2020_12);
    compiler.enable_format_assertions();
    compiler.add_resource(URL, schema::customer()).unwrap();
    let compiled = compiler.compile(URL, &mut schemas).unwrap();
    schemas.validate(data, compiled).map_err(|error| error.to_string())
}

fn data_of(event: &envelope::Event<CustomerChange>) -> Value {
    serde_json::from_slice(&envelope::encode(event).unwrap().value).unwrap()
}

/// Calls `visit` with every object in the document.
fn each_object(value: &Value, visit: &mut impl FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            visit(members);
            members.values().for_each(|member| each_object(member, visit));
        }
        Value::Array(items) => items.iter().for_each(|item| each_object(item, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_schema_is_the_one_that_events_point_at() {
    let schema = schema::customer();
    assert_eq!(schema["$id"], CustomerChange::DATASCHEMA);
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
}

#[test]
fn it_refers_to_nothing_outside_itself() {
    let schema = schema::customer();
    let mut references = 0;
    each_object(&schema, &mut |object| {
        if let Some(target) = object.get("$ref") {
            let path = target.as_str().and_then(|target| target.strip_prefix('#')).unwrap();
            assert!(schema.pointer(path).is_some(), "{target}");
            references += 1;
        }
    });
    assert!(references > 0, "a schema without references would make this test empty");
}

#[test]
fn every_event_of_a_customers_life_satisfies_it() {
    for event in samples::life() {
        assert_eq!(validate(&data_of(&event)), Ok(()), "{}", event.envelope.kind);
    }
}

#[test]
fn a_later_version_may_add_members_anywhere() {
    let mut data = data_of(&samples::updated());
    for place in ["", "/name", "/contact", "/addresses/0", "/creditCards/0"] {
        let object = data.pointer_mut(place).and_then(Value::as_object_mut).unwrap();
        object.insert("added".to_owned(), json!({"later": [1]}));
    }
    assert_eq!(validate(&data), Ok(()));
    each_object(&schema::customer(), &mut |object| {
        for closed in ["additionalProperties", "unevaluatedProperties"] {
            assert!(!object.contains_key(closed), "{closed} would make every reader of the schema refuse new members");
        }
    });
}

#[test]
fn what_every_event_has_is_promised() {
    let data = data_of(&samples::created());
    let members = [
        ("", "id name contact addresses creditCards version status createdAt updatedAt changed"),
        ("/name", "firstName lastName"),
        ("/contact", "primaryPhone email"),
        ("/addresses/0", "type address1 city state"),
        ("/creditCards/0", "type brand lastFour expiration nameOnCard"),
    ];
    for (place, required) in members {
        for member in required.split(' ') {
            let mut without = data.clone();
            without.pointer_mut(place).and_then(Value::as_object_mut).unwrap().remove(member).unwrap();
            assert!(validate(&without).is_err(), "{place}/{member} is not required");
        }
    }
}

#[test]
fn a_wrong_type_does_not_satisfy_it() {
    let wrong = [
        ("/version", json!("2")),
        ("/version", json!(0)),
        ("/status", json!("SLEEPING")),
        ("/createdAt", json!("yesterday")),
        ("/addresses", json!({})),
        ("/addresses/0/type", json!("HOME")),
        ("/changed", json!("name")),
        ("/id", json!(12345)),
        ("/id", json!("a b")),
    ];
    for (pointer, value) in wrong {
        let mut data = data_of(&samples::updated());
        *data.pointer_mut(pointer).unwrap() = value.clone();
        assert!(validate(&data).is_err(), "{pointer}: {value}");
    }
}

proptest! {
    // The validator compiles the schema anew for each case.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn optional_members_satisfy_it_present_or_absent(event in samples::any_event()) {
        let mut data = data_of(&event);
        // The rules for ids are the domain's; the contract's types do not hold them.
        data["id"] = json!("12345");
        prop_assert_eq!(validate(&data), Ok(()));
    }
}
