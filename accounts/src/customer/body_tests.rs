//! Bodies against `domain.md`, section 1: what is accepted, and each fault at its place.

use proptest::prelude::*;
use serde_json::{Value, json};
use service_kit::http::body::{Fault, Json, merge_patch};
use shared_events::customer::Customer;

use super::body::{named_id, new_customer, replacement};
use super::samples::{SAMPLE, john, parse, profile, smallest};

fn pointers(faults: Result<impl Sized, Vec<Fault>>) -> Vec<String> {
    faults.err().unwrap_or_default().into_iter().map(|fault| fault.pointer).collect()
}

/// The smallest body with one value put at a pointer.
fn with(pointer: &str, value: Value) -> Value {
    let mut body = smallest();
    body["addresses"] = json!([{"type": "BILLING", "address1": "1 Way", "city": "C", "state": "S"}]);
    body["creditCards"] = json!([{"type": "PRIMARY", "number": "4111 1111 1111 1111", "expiration": "6/29",
        "nameOnCard": "A Lee"}]);
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent).unwrap() {
        Value::Object(members) => drop(members.insert(name.to_owned(), value)),
        Value::Array(items) => items.push(value),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => panic!("{parent}"),
    }
    body
}

fn stored() -> Value {
    serde_json::to_value(john()).unwrap()
}

#[test]
fn the_well_known_sample_is_accepted_unchanged() {
    let sample = new_customer(&Json::parse(SAMPLE.as_bytes()).unwrap()).unwrap();
    assert_eq!(sample.id.unwrap().as_str(), "12345");
    let cards = stored()["creditCards"].clone();
    assert_eq!(
        cards,
        json!([
            {"type": "PRIMARY", "description": "VISA", "brand": "UNKNOWN", "lastFour": "0000",
             "expiration": "2019-06", "nameOnCard": "John S. Doe"},
            {"type": "ALTERNATE", "description": "Corporate American Express", "brand": "UNKNOWN", "lastFour": "6666",
             "expiration": "2020-03", "nameOnCard": "John Doe"},
        ])
    );
}

#[test]
fn the_smallest_customer_has_a_name_and_a_contact() {
    assert_eq!(pointers(new_customer(&parse(&smallest()))), [""; 0]);
    let nulls = json!({"id": null, "addresses": null, "creditCards": null, "version": null, "deletedAt": null});
    let Json::Object(mut members) = parse(&smallest()) else { unreachable!() };
    let Json::Object(more) = parse(&nulls) else { unreachable!() };
    members.extend(more);
    assert_eq!(pointers(new_customer(&Json::Object(members))), [""; 0]);
}

#[test]
fn every_single_fault_is_told_at_its_place() {
    let long = |length: usize| json!("x".repeat(length));
    let cases = [
        ("/id", json!("a b"), "/id"),
        ("/id", json!(-1), "/id"),
        ("/id", json!(true), "/id"),
        ("/name", json!(null), "/name"),
        ("/name", json!("Ann Lee"), "/name"),
        ("/name/title", json!(""), "/name/title"),
        ("/name/firstName", json!(null), "/name/firstName"),
        ("/name/firstName", json!("Ann\u{0}"), "/name/firstName"),
        ("/name/middleName", json!(1), "/name/middleName"),
        ("/name/lastName", long(81), "/name/lastName"),
        ("/name/suffix", json!("4111 1111 1111 1111"), "/name/suffix"),
        ("/name/nickName", json!("A"), "/name/nickName"),
        ("/contact/primaryPhone", json!("12"), "/contact/primaryPhone"),
        ("/contact/secondaryPhone", json!("call me"), "/contact/secondaryPhone"),
        ("/contact/email", json!("ann"), "/contact/email"),
        ("/contact/fax", json!(null), "/contact/fax"),
        ("/addresses", json!({}), "/addresses"),
        ("/addresses", json!(vec![json!({}); 11]), "/addresses"),
        ("/addresses/0", json!("1 Way"), "/addresses/1"),
        ("/addresses/0/type", json!("HOME"), "/addresses/0/type"),
        ("/addresses/0/type", json!(null), "/addresses/0/type"),
        ("/addresses/0/description", long(501), "/addresses/0/description"),
        ("/addresses/0/address1", json!(" "), "/addresses/0/address1"),
        ("/addresses/0/address1", json!("4111111111111111"), "/addresses/0/address1"),
        ("/addresses/0/address2", long(201), "/addresses/0/address2"),
        ("/addresses/0/city", json!(null), "/addresses/0/city"),
        ("/addresses/0/state", long(201), "/addresses/0/state"),
        ("/addresses/0/postalCode", long(21), "/addresses/0/postalCode"),
        ("/addresses/0/country", json!("usa"), "/addresses/0/country"),
        ("/addresses/0/zip", json!("1"), "/addresses/0/zip"),
        ("/creditCards", json!(vec![json!({}); 6]), "/creditCards"),
        ("/creditCards/0/type", json!("VISA"), "/creditCards/0/type"),
        ("/creditCards/0/description", json!("4111 1111 1111 1111"), "/creditCards/0/description"),
        ("/creditCards/0/number", json!(null), "/creditCards/0/number"),
        ("/creditCards/0/number", json!(4111111111111111u64), "/creditCards/0/number"),
        ("/creditCards/0/number", json!("4111"), "/creditCards/0/number"),
        ("/creditCards/0/brand", json!("AMEX"), "/creditCards/0/brand"),
        ("/creditCards/0/lastFour", json!("1112"), "/creditCards/0/lastFour"),
        ("/creditCards/0/expiration", json!("13/29"), "/creditCards/0/expiration"),
        ("/creditCards/0/nameOnCard", json!(null), "/creditCards/0/nameOnCard"),
        ("/creditCards/0/cvv", json!("123"), "/creditCards/0/cvv"),
        ("/version", json!(1), "/version"),
        ("/version", json!("1"), "/version"),
        ("/status", json!("ACTIVE"), "/status"),
        ("/createdAt", json!("2026-11-21T08:00:00Z"), "/createdAt"),
        ("/updatedAt", json!("yesterday"), "/updatedAt"),
        ("/deletedAt", json!("2026-11-21T08:00:00Z"), "/deletedAt"),
        ("/nickname", json!(null), "/nickname"),
    ];
    for (at, value, expected) in cases {
        let body = with(at, value);
        // An address pushed behind the first one keeps its index.
        assert_eq!(pointers(new_customer(&parse(&body))), [expected], "{body}");
    }
}

#[test]
fn one_of_each_type_and_no_more() {
    let body = with("/addresses/-", json!({"type": "BILLING", "address1": "2 Way", "city": "C", "state": "S"}));
    assert_eq!(pointers(new_customer(&parse(&body))), ["/addresses/1/type"]);
    let body = with(
        "/creditCards/-",
        json!({"type": "PRIMARY", "number": "4111-1111-1111-1111", "expiration": "6/29",
        "nameOnCard": "A"}),
    );
    assert_eq!(pointers(new_customer(&parse(&body))), ["/creditCards/1/type"]);
}

#[test]
fn no_fault_repeats_a_card_number() {
    let number = "4111 1111 1111 1111";
    let mut body = with("/name/firstName", json!(number));
    body["creditCards"][0]["nameOnCard"] = json!(number);
    body["creditCards"][0]["type"] = json!(number);
    body["creditCards"][0]["lastFour"] = json!(number);
    body["creditCards"][0]["expiration"] = json!(number);
    body["contact"]["email"] = json!(number);
    body[number] = json!(number);
    let faults = new_customer(&parse(&body)).unwrap_err();
    assert_eq!(faults.len(), 7);
    assert!(!format!("{faults:?}").contains("1111"), "{faults:?}");
}

#[test]
fn what_was_read_can_be_sent_back() {
    assert_eq!(pointers(replacement(&parse(&stored()), &john())), [""; 0]);
    for (member, value) in [
        ("id", json!("12346")),
        ("version", json!(2)),
        ("status", json!("DELETED")),
        ("createdAt", json!("2026-11-21T08:00:01Z")),
        ("updatedAt", json!("2026-11-21T08:00:01Z")),
        ("deletedAt", json!("2026-11-21T08:00:01Z")),
    ] {
        let mut body = stored();
        body[member] = value;
        assert_eq!(pointers(replacement(&parse(&body), &john())), [format!("/{member}")], "{body}");
    }
    let mut body = stored();
    body["id"] = json!(12345);
    body["createdAt"] = json!("2026-11-21T09:00:00.000+01:00");
    assert_eq!(pointers(replacement(&parse(&body), &john())), [""; 0]);
}

#[test]
fn a_card_without_a_number_keeps_the_stored_one_of_its_type() {
    let mut body = stored();
    body["creditCards"].as_array_mut().unwrap().remove(1);
    body["creditCards"][0] = json!({"type": "ALTERNATE", "expiration": "4/20", "nameOnCard": "John Doe"});
    let (.., cards) = replacement(&parse(&body), &john()).unwrap().into_parts();
    assert_eq!((cards[0].last_four.as_str(), cards[0].expiration.as_str()), ("6666", "2020-04"));

    let mut john = john();
    john.credit_cards.remove(1);
    assert_eq!(pointers(replacement(&parse(&body), &john)), ["/creditCards/0/number"]);
}

#[test]
fn brand_and_last_four_must_be_what_will_be_stored() {
    let mut body = stored();
    body["creditCards"][0]["number"] = json!("4111 1111 1111 1111");
    assert_eq!(
        pointers(replacement(&parse(&body), &john())),
        ["/creditCards/0/brand", "/creditCards/0/lastFour"],
        "they are those of the old number"
    );
    body["creditCards"][0]["brand"] = json!("VISA");
    body["creditCards"][0]["lastFour"] = json!("1111");
    assert_eq!(pointers(replacement(&parse(&body), &john())), [""; 0]);
}

fn patched(stored: &Customer, patch: Value) -> Vec<String> {
    let target = serde_json::to_value(stored).unwrap().into();
    pointers(replacement(&merge_patch(target, patch.into()), stored))
}

#[test]
fn a_patch_is_judged_by_what_it_would_make() {
    assert_eq!(patched(&john(), json!({"contact": {"secondaryPhone": null}, "addresses": null})), [""; 0]);
    assert_eq!(patched(&john(), json!({})), [""; 0]);
    assert_eq!(patched(&john(), json!({"name": {"lastName": null}})), ["/name/lastName"]);
    assert_eq!(patched(&john(), json!({"name": null})), ["/name"]);
    assert_eq!(patched(&john(), json!({"nickname": null})), ["/nickname"]);
    assert_eq!(patched(&john(), json!({"version": 7})), ["/version"]);
    assert_eq!(patched(&john(), json!([])), [""]);
    assert_eq!(patched(&john(), json!({"creditCards": [{"type": "PRIMARY"}]})).len(), 2);
}

#[test]
fn the_named_id_is_the_one_that_would_be_read() {
    assert_eq!(named_id(&Json::parse(SAMPLE.as_bytes()).unwrap()).unwrap().as_str(), "12345");
    assert_eq!(named_id(&parse(&smallest())), None);
    assert_eq!(named_id(&parse(&json!({"id": ".."}))), None);
    assert_eq!(named_id(&parse(&json!([]))), None);
}

proptest! {
    #[test]
    fn any_customer_that_is_accepted_can_be_sent_back_unchanged(
        first in r"\PC{1,80}", title in prop::option::of(r"\PC{1,8}"), description in prop::option::of(r"\PC{0,40}"),
    ) {
        let mut body = with("/name/firstName", json!(first));
        body["name"]["title"] = json!(title);
        body["addresses"][0]["description"] = json!(description);
        prop_assume!(new_customer(&parse(&body)).is_ok());
        let (name, contact, addresses, credit_cards) = profile(&body).into_parts();
        let stored = Customer { name, contact, addresses, credit_cards, ..john() };
        let again = serde_json::to_value(&stored).unwrap();
        prop_assert_eq!(replacement(&parse(&again), &stored).unwrap().differences(Some(&stored)), Vec::<String>::new());
    }
}
