//! The document and the readers give the same answers.

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};
use service_kit::http::body::merge_patch;
use utoipa::openapi::OpenApiBuilder;

use super::*;
use crate::customer::body::{new_customer, replacement};
use crate::customer::samples::{john, parse};

/// A validator of its own, which reads the document as any client would.
struct Described(Schemas, SchemaIndex);

impl Described {
    fn by(schema: Part) -> Self {
        let components = utoipa::openapi::ComponentsBuilder::new()
            .schema("It", schema)
            .schema(CountryCode::name(), CountryCode::schema())
            .build();
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
fn with(body: &Value, pointer: &str, value: Option<Value>) -> Value {
    let mut body = body.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let members = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => drop(members.insert(name.to_owned(), value)),
        None => drop(members.remove(name)),
    }
    body
}

/// What may stand, or not, in any place.
fn values() -> Vec<Option<Value>> {
    let long = |length| Some(json!("x".repeat(length)));
    let texts = [
        "",
        " ",
        "a",
        "7",
        "\u{0}",
        "a\u{85}b",
        "\u{3000}",
        "é",
        "ann@example.org",
        "+1 (555) 666/7777",
        "US",
        "us",
        "BILLING",
        "PRIMARY",
        "6/29",
        "2029-06",
        "13/29",
        "4111 1111 1111 1112",
        "..",
        "a b",
    ];
    let plain = [json!(null), json!(true), json!(7), json!(-1), json!(1.5), json!([]), json!({})];
    let texts = texts.into_iter().map(|text| Some(json!(text)));
    let lengths = [20, 21, 64, 65, 80, 81, 200, 201, 500, 501].into_iter().map(long);
    texts.chain(lengths).chain(plain.into_iter().map(Some)).chain([None]).collect()
}

const PLACES: [&str; 25] = [
    "/name",
    "/name/title",
    "/name/firstName",
    "/name/lastName",
    "/name/other",
    "/contact",
    "/contact/primaryPhone",
    "/contact/secondaryPhone",
    "/contact/email",
    "/addresses",
    "/addresses/0/type",
    "/addresses/0/description",
    "/addresses/0/address1",
    "/addresses/0/address2",
    "/addresses/0/state",
    "/addresses/0/postalCode",
    "/addresses/0/country",
    "/creditCards",
    "/creditCards/0/type",
    "/creditCards/0/description",
    "/creditCards/0/number",
    "/creditCards/0/expiration",
    "/creditCards/0/nameOnCard",
    "/creditCards/0/other",
    "/other",
];

#[test]
fn a_create_is_described_as_it_is_read() {
    let described = Described::by(NewCustomer::schema());
    for place in PLACES.into_iter().chain(["/id"]) {
        for value in values() {
            let body = with(&examples::new_customer(), place, value);
            assert_eq!(described.accepts(&body), new_customer(&parse(&body)).is_ok(), "{place}: {body}");
        }
    }
}

#[test]
fn a_replacement_is_described_as_it_is_read() {
    let described = Described::by(CustomerReplacement::schema());
    for place in PLACES {
        for value in values() {
            let body = with(&examples::replacement(), place, value);
            assert_eq!(described.accepts(&body), replacement(&parse(&body), &john()).is_ok(), "{place}: {body}");
        }
    }
    let read = serde_json::to_value(john()).unwrap();
    assert!(described.accepts(&read), "what was read may be sent back");
}

#[test]
fn a_patch_is_described_as_it_is_read() {
    let described = Described::by(CustomerPatch::schema());
    let stored = serde_json::to_value(john()).unwrap();
    for place in PLACES {
        for value in values() {
            let patch = with(&examples::replacement(), place, value);
            let patched = merge_patch(stored.clone().into(), parse(&patch));
            assert_eq!(described.accepts(&patch), replacement(&patched, &john()).is_ok(), "{place}: {patch}");
        }
    }
    assert!(described.accepts(&json!({})));
}

#[test]
fn every_example_is_accepted() {
    let accepted =
        |body: Value| new_customer(&parse(&body)).is_ok() && Described::by(NewCustomer::schema()).accepts(&body);
    assert!(accepted(examples::new_customer()));
    assert!(accepted(examples::sample()));
    assert!(examples::IMPORT.lines().all(|line| accepted(serde_json::from_str(line).unwrap())));
    assert!(replacement(&parse(&examples::replacement()), &john()).is_ok());
    assert!(Described::by(CustomerPatch::schema()).accepts(&examples::patch()));
}
