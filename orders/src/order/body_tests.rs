//! Bodies against `domain.md`, section 2: what is accepted, and each fault at its place.

use proptest::prelude::*;
use serde_json::{Value, json};
use service_kit::http::body::{Fault, Json};
use service_kit::http::idempotency::fingerprint;

use super::body::{NewOrder, new_order};
use super::draft::{Draft, PlacedAt};
use super::samples::{at, draft, parse, read, sample};

fn pointers(faults: Result<impl Sized, Vec<Fault>>) -> Vec<String> {
    faults.err().unwrap_or_default().into_iter().map(|fault| fault.pointer).collect()
}

/// The sample with one value put at a pointer.
fn with(pointer: &str, value: Value) -> Value {
    let mut body = sample();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[name] = value;
    body
}

fn item(id: &str) -> Value {
    json!({"itemId": id, "quantity": 1})
}

fn print(draft: &Draft) -> String {
    fingerprint(&serde_json::to_value(draft).unwrap())
}

#[test]
fn the_smallest_order_has_a_customer_and_an_item() {
    let NewOrder { id, draft } = read(&json!({"customerId": "c", "items": [item("z")]})).unwrap();
    assert_eq!((id, draft.customer_id(), draft.ship_to()), (None, "c", None));
    let nulls = json!({"id": null, "customerId": 7, "shipTo": null,
        "items": [{"itemId": 3, "title": null, "description": null, "quantity": 1.0, "unitPrice": null}]});
    let parts = draft_of(&nulls).into_parts();
    assert_eq!((parts.customer_id.as_str(), parts.items[0].item_id.as_str(), parts.total), ("7", "3", None));
}

fn draft_of(body: &Value) -> Draft {
    read(body).unwrap().draft
}

#[test]
fn several_lines_of_one_item_are_kept_apart() {
    let body = with("/items", json!([item("z"), item("y"), item("z")]));
    let ids: Vec<_> = draft_of(&body).into_parts().items.into_iter().map(|line| line.item_id).collect();
    assert_eq!(ids, ["z", "y", "z"]);
}

#[test]
fn every_single_fault_is_told_at_its_place() {
    let long = |length: usize| json!("x".repeat(length));
    let price = |amount: Value| json!({"amount": amount, "currency": "USD"});
    let cases = [
        ("/id", json!("a\"b"), "/id"),
        ("/id", json!("a'b"), "/id"),
        ("/id", json!("$where"), "/id"),
        ("/id", json!("a/b"), "/id"),
        ("/id", json!("📦"), "/id"),
        ("/id", json!(""), "/id"),
        ("/id", json!(".."), "/id"),
        ("/id", long(65), "/id"),
        ("/id", json!(-1), "/id"),
        ("/id", json!(1.5), "/id"),
        ("/id", json!(true), "/id"),
        ("/id", json!("customers"), "/id"),
        ("/id", json!("reports"), "/id"),
        ("/id", json!("list"), "/id"),
        ("/id", json!("order"), "/id"),
        ("/id", json!("openapi.json"), "/id"),
        ("/id", json!("swagger-ui"), "/id"),
        ("/customerId", json!(null), "/customerId"),
        ("/customerId", json!("a b"), "/customerId"),
        ("/customerId", json!([]), "/customerId"),
        ("/items", json!(null), "/items"),
        ("/items", json!({}), "/items"),
        ("/items", json!([]), "/items"),
        ("/items", json!(vec![item("z"); 201]), "/items"),
        ("/items", json!(["z"]), "/items/0"),
        ("/items/0/itemId", json!(null), "/items/0/itemId"),
        ("/items/0/itemId", long(65), "/items/0/itemId"),
        ("/items/0/itemId", json!("$gt"), "/items/0/itemId"),
        ("/items/0/title", long(201), "/items/0/title"),
        ("/items/0/title", json!("a\nb"), "/items/0/title"),
        ("/items/0/title", json!(7), "/items/0/title"),
        ("/items/0/description", long(501), "/items/0/description"),
        ("/items/0/quantity", json!(null), "/items/0/quantity"),
        ("/items/0/quantity", json!(0), "/items/0/quantity"),
        ("/items/0/quantity", json!(-1), "/items/0/quantity"),
        ("/items/0/quantity", json!(1.5), "/items/0/quantity"),
        ("/items/0/quantity", json!(10_001), "/items/0/quantity"),
        ("/items/0/quantity", json!("6"), "/items/0/quantity"),
        ("/items/0/unitPrice", json!("12.50"), "/items/0/unitPrice"),
        ("/items/0/unitPrice", price(json!(12.5)), "/items/0/unitPrice/amount"),
        ("/items/0/unitPrice", price(json!("1e9")), "/items/0/unitPrice/amount"),
        ("/items/0/unitPrice", price(json!("-1")), "/items/0/unitPrice/amount"),
        ("/items/0/unitPrice", price(json!("12.345")), "/items/0/unitPrice/amount"),
        ("/items/0/unitPrice", price(json!("00.5")), "/items/0/unitPrice/amount"),
        ("/items/0/unitPrice", price(json!("1000000000001")), "/items/0/unitPrice/amount"),
        ("/items/0/unitPrice/currency", json!("usd"), "/items/0/unitPrice/currency"),
        ("/items/0/unitPrice/currency", json!("AAA"), "/items/0/unitPrice/currency"),
        ("/items/0/unitPrice/currency", json!("XXX"), "/items/0/unitPrice/currency"),
        ("/items/0/unitPrice/currency", json!(null), "/items/0/unitPrice/currency"),
        ("/items/0/unitPrice/tax", json!("1"), "/items/0/unitPrice/tax"),
        ("/items/0/price", json!(1), "/items/0/price"),
        ("/shipTo", json!("HOME"), "/shipTo"),
        ("/shipTo", json!("shipping"), "/shipTo"),
        ("/shipTo", json!(1), "/shipTo"),
        ("/placedAt", json!("2026-05-01T10:00:00Z"), "/placedAt"),
        ("/status", json!("PLACED"), "/status"),
        ("/version", json!(1), "/version"),
        ("/total", price(json!("1.00")), "/total"),
        ("/customer", json!(null), "/customer"),
    ];
    for (at, value, expected) in cases {
        let body = with(at, value);
        assert_eq!(pointers(read(&body)), [expected], "{body}");
    }
}

#[test]
fn all_faults_are_told_at_once_and_members_that_are_given_twice() {
    let body = br#"{"customerId": "a b", "items": [{"quantity": 0, "quantity": 1}, 7], "shipTo": "HOME", "colour": 1, "shipTo": null}"#;
    let told = pointers(new_order(&Json::parse(body).unwrap(), PlacedAt::Unknown));
    let expected = [
        "/customerId",
        "/items/0/itemId",
        "/items/0/quantity",
        "/items/0/quantity",
        "/items/1",
        "/shipTo",
        "/shipTo",
        "/colour",
    ];
    assert_eq!(told, expected);
}

#[test]
fn when_an_order_was_placed_is_only_said_for_samples_and_never_of_the_future() {
    let placed = |text: &str, may| pointers(new_order(&parse(&with("/placedAt", json!(text))), may));
    assert_eq!(placed("2026-05-01T10:00:00Z", PlacedAt::Unknown), ["/placedAt"]);
    assert_eq!(placed("2026-05-01T10:00:00+02:00", PlacedAt::Until(at(9))), [""; 0]);
    assert_eq!(placed(&at(9).to_string(), PlacedAt::Until(at(9))), [""; 0]);
    for bad in [at(10).to_string().as_str(), "2026-02-30T00:00:00Z", "2026-05-01", "yesterday"] {
        assert_eq!(placed(bad, PlacedAt::Until(at(9))), ["/placedAt"], "{bad}");
    }
}

#[test]
fn two_bodies_are_the_same_when_they_would_be_stored_alike() {
    let same = |body: Value| print(&draft(&body)) == print(&draft(&sample()));
    assert!(same(with("/customerId", json!("12345"))));
    assert!(same(with("/items/0/unitPrice/amount", json!("12.50"))));
    assert!(same(with("/items/0/description", json!(null))));
    assert!(same(with("/id", json!("another"))), "the id is what they are found by");
    assert!(!same(with("/items/0/quantity", json!(7))));
    assert!(!same(with("/items/0/title", json!("coffee"))));
    assert!(!same(with("/shipTo", json!("SHIPPING"))), "left open, it is not yet resolved");
    let mut turned = sample();
    turned["items"].as_array_mut().unwrap().reverse();
    assert!(!same(turned), "lines have an order");
}

proptest! {
    #[test]
    fn no_body_is_too_odd_to_be_read_or_refused(text in "[\\[\\]{}:,\"a-zI0-9. -]{0,60}") {
        if let Ok(json) = Json::parse(text.as_bytes()) {
            prop_assert!(new_order(&json, PlacedAt::Unknown).map_or_else(|faults| !faults.is_empty(), |_| true));
        }
    }
}
