//! The published schema, by an independent validator: it stands alone, our events satisfy it, and it leaves room for
//! members that a later version adds.

use boon::{Compiler, Draft, Schemas};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use shared_events::envelope::{self, Event};

use crate::samples::{Sampled, any::any_event, for_every_aggregate};

for_every_aggregate!(
    the_schema_is_the_one_that_events_point_at,
    it_refers_to_nothing_outside_itself,
    every_published_event_satisfies_it,
    a_later_version_may_add_members_anywhere,
    what_every_event_has_is_promised,
    another_shape_does_not_satisfy_it,
    optional_members_satisfy_it_present_or_absent,
);

/// `Err` with the validator's words.
fn validate<D: Sampled>(data: &Value) -> Result<(), String> {
    let url = format!("https://example.com{}", D::DATASCHEMA);
    let mut schemas = Schemas::new();
    let mut compiler = Compiler::new();
    // No loader is set: a reference to another document would fail here.
    compiler.set_default_draft(Draft::V2020_12);
    compiler.enable_format_assertions();
    compiler.add_resource(&url, D::schema()).unwrap();
    let compiled = compiler.compile(&url, &mut schemas).unwrap();
    schemas.validate(data, compiled).map_err(|error| error.to_string())
}

fn data_of<D: Sampled>(event: &Event<D>) -> Value {
    serde_json::from_slice(&envelope::encode(event).unwrap().value).unwrap()
}

/// Calls `visit` with every object in the document.
fn each_object(value: &Value, visit: &mut impl FnMut(&Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            visit(members);
            members.values().for_each(|member| each_object(member, visit));
        }
        Value::Array(items) => items.iter().for_each(|item| each_object(item, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Adds a member to every object in the data.
fn add_everywhere(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(add_everywhere);
            members.insert("added".to_owned(), json!({"later": [1]}));
        }
        Value::Array(items) => items.iter_mut().for_each(add_everywhere),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn the_schema_is_the_one_that_events_point_at<D: Sampled>() {
    let schema = D::schema();
    assert_eq!(schema["$id"], D::DATASCHEMA);
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
}

fn it_refers_to_nothing_outside_itself<D: Sampled>() {
    let schema = D::schema();
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

fn every_published_event_satisfies_it<D: Sampled>() {
    for (kind, _, event) in D::golden() {
        assert_eq!(validate::<D>(&data_of(&event)), Ok(()), "{kind}");
    }
}

fn a_later_version_may_add_members_anywhere<D: Sampled>() {
    let mut data = data_of(&D::fullest());
    add_everywhere(&mut data);
    assert_eq!(validate::<D>(&data), Ok(()));
    each_object(&D::schema(), &mut |object| {
        for closed in ["additionalProperties", "unevaluatedProperties"] {
            assert!(!object.contains_key(closed), "{closed} would make every reader of the schema refuse new members");
        }
    });
}

fn what_every_event_has_is_promised<D: Sampled>() {
    let data = data_of(&D::fullest());
    for (place, required) in D::promised() {
        for member in required.split(' ') {
            let mut without = data.clone();
            without.pointer_mut(place).and_then(Value::as_object_mut).unwrap().remove(member).unwrap();
            assert!(validate::<D>(&without).is_err(), "{place}/{member} is not required");
        }
    }
}

fn another_shape_does_not_satisfy_it<D: Sampled>() {
    let common = [("/id", json!(12345)), ("/version", json!("2")), ("/version", json!(0)), ("/changed", json!("name"))];
    for (pointer, value) in common.into_iter().chain(D::misshapen()).chain(D::against_the_schema()) {
        let mut data = data_of(&D::fullest());
        *data.pointer_mut(pointer).unwrap() = value.clone();
        assert!(validate::<D>(&data).is_err(), "{pointer}: {value}");
    }
}

fn optional_members_satisfy_it_present_or_absent<D: Sampled>() {
    // The validator compiles the schema anew for each case.
    proptest!(ProptestConfig::with_cases(64), |(event in any_event::<D>())| {
        let mut data = data_of(&event);
        D::as_the_domain_makes_it(&mut data);
        prop_assert_eq!(validate::<D>(&data), Ok(()));
    });
}
