//! The document and the readers give the same answers.

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};
use utoipa::openapi::{ComponentsBuilder, OpenApiBuilder};

use super::*;
use crate::order::samples::{read, sample};

/// A validator of its own, which reads the document as any client would.
struct Described(Schemas, SchemaIndex);

impl Described {
    fn new() -> Self {
        let components =
            ComponentsBuilder::new().schema("It", NewOrder::schema()).schema(Price::name(), Price::schema()).build();
        let document = OpenApiBuilder::new().components(Some(components)).build();
        let mut compiler = Compiler::new();
        compiler.add_resource("http://host/api", serde_json::to_value(document).unwrap()).unwrap();
        compiler.enable_format_assertions();
        let mut schemas = Schemas::new();
        let index = compiler.compile("http://host/api#/components/schemas/It", &mut schemas).unwrap();
        Self(schemas, index)
    }

    fn accepts(&self, body: &Value) -> bool {
        self.0.validate(body, self.1).is_ok()
    }
}

/// The body with one value put at, or (`None`) taken from, a pointer.
fn with(pointer: &str, value: Option<Value>) -> Value {
    let mut body = sample();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let members = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => drop(members.insert(name.to_owned(), value)),
        None => drop(members.remove(name)),
    }
    body
}

/// What may stand, or not, in any place.
fn values() -> impl Iterator<Item = Option<Value>> {
    let texts = [
        "",
        " ",
        "a",
        "7",
        "\u{0}",
        "a\u{85}b",
        "\u{3000}",
        "é",
        "..",
        "a b",
        "SHIPPING",
        "shipping",
        "USD",
        "usd",
        "XXX",
        "JPY",
        "BHD",
        "CLF",
        "0",
        "00.5",
        "1e9",
        "-1",
        "12.5",
        "12.345",
        "1.2345",
        "1.",
        ".5",
        "1000000000000",
        "1000000000000.00",
        "1000000000000.01",
        "999999999999.99",
        "10000000000000",
    ];
    let plain = [
        json!(null),
        json!(true),
        json!(7),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(10_000),
        json!(10_001),
        json!([]),
        json!({}),
    ];
    let long = [64, 65, 200, 201, 500, 501].map(|length| json!("x".repeat(length)));
    let texts = texts.map(|text| json!(text));
    texts.into_iter().chain(plain).chain(long).map(Some).chain([None])
}

#[test]
fn an_order_is_described_as_it_is_read() {
    let described = Described::new();
    for place in [
        "/id",
        "/customerId",
        "/items",
        "/shipTo",
        "/placedAt",
        "/status",
        "/other",
        "/items/0/itemId",
        "/items/0/title",
        "/items/0/description",
        "/items/0/quantity",
        "/items/0/unitPrice",
        "/items/0/unitPrice/amount",
        "/items/0/unitPrice/currency",
        "/items/0/unitPrice/other",
        "/items/0/other",
    ] {
        for value in values() {
            let body = with(place, value);
            assert_eq!(described.accepts(&body), read(&body).is_ok(), "{place}: {body}");
        }
    }
}

#[test]
fn every_currency_is_described_with_its_places() {
    let described = Described::new();
    for unit in Unit::all() {
        for amount in ["1", "1.2", "1.23", "1.234", "1.2345"] {
            let body = with("/items/0/unitPrice", Some(json!({"amount": amount, "currency": unit.code()})));
            assert_eq!(described.accepts(&body), read(&body).is_ok(), "{body}");
        }
    }
}

#[test]
fn the_length_of_the_list_is_described() {
    let described = Described::new();
    for length in [0, 1, 200, 201] {
        let body = with("/items", Some(json!(vec![json!({"itemId": "z", "quantity": 1}); length])));
        assert_eq!(described.accepts(&body), read(&body).is_ok(), "{length}");
    }
}

#[test]
fn the_example_is_accepted() {
    let example = examples::new_order();
    assert!(read(&example).is_ok() && Described::new().accepts(&example));
}
