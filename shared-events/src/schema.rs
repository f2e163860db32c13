//! JSON Schema of the event data, made from the Rust types: what `ce_dataschema` points at.

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use crate::{customer::CustomerChange, envelope::EventData, order::OrderChange};

/// The schema of a customer's events, served by accounts at `/schemas/customer/v1.json`.
pub fn customer() -> Value {
    document::<CustomerChange>()
}

/// The schema of an order's events, served by orders at `/schemas/order/v1.json`.
pub fn order() -> Value {
    document::<OrderChange>()
}

/// A self-contained JSON Schema 2020-12 document: the type's schema with everything it refers to under `$defs`.
fn document<T: EventData + ToSchema + PartialSchema>() -> Value {
    let mut parts = Vec::new();
    T::schemas(&mut parts);
    let defs: Map<String, Value> =
        parts.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default())).collect();
    let mut document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": T::DATASCHEMA,
        "$defs": defs,
    });
    if let (Some(document), Ok(Value::Object(schema))) = (document.as_object_mut(), serde_json::to_value(T::schema())) {
        document.extend(schema);
    }
    point_at_defs(&mut document);
    document
}

/// The OpenAPI schemas refer to `#/components/schemas/…`; a document of its own has them under `#/$defs/…`.
fn point_at_defs(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                match member {
                    Value::String(target) if name == "$ref" => {
                        *target = target.replace("#/components/schemas/", "#/$defs/");
                    }
                    Value::Null
                    | Value::Bool(_)
                    | Value::Number(_)
                    | Value::String(_)
                    | Value::Array(_)
                    | Value::Object(_) => {
                        point_at_defs(member);
                    }
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(point_at_defs),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
