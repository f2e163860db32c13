//! Every fault of `domain.md`, sections 1 and 3: the status, the pointer, and that nothing was stored and nothing
//! published.

use serde_json::{Value, json};

use crate::bodies::{full, small, with, without};
use crate::harness::{Accounts, Answer};

const A: &str = "/accounts/customers/a";

/// What is wrong, the body that has it, and the pointers that must be told.
type Case = (&'static str, Value, &'static [&'static str]);

/// The body with one value put somewhere.
fn put(pointer: &str, value: Value) -> Value {
    with(full("x"), pointer, value)
}

fn long(length: usize) -> Value {
    json!("x".repeat(length))
}

fn ids() -> Vec<Case> {
    vec![
        ("an empty id", put("/id", json!("")), &["/id"]),
        ("an id of 65 characters", put("/id", long(65)), &["/id"]),
        ("an id with a blank", put("/id", json!("a b")), &["/id"]),
        ("an id with a slash", put("/id", json!("a/b")), &["/id"]),
        ("an id that is no ASCII", put("/id", json!("é")), &["/id"]),
        ("a point as id", put("/id", json!(".")), &["/id"]),
        ("two points as id", put("/id", json!("..")), &["/id"]),
        ("a negative number as id", put("/id", json!(-1)), &["/id"]),
        ("2^63 as id", put("/id", json!(9_223_372_036_854_775_808_u64)), &["/id"]),
        ("a fraction as id", put("/id", json!(1.5)), &["/id"]),
        ("a boolean as id", put("/id", json!(true)), &["/id"]),
    ]
}

fn names() -> Vec<Case> {
    vec![
        ("no name", without(full("x"), "/name"), &["/name"]),
        ("null as name", put("/name", json!(null)), &["/name"]),
        ("a string as name", put("/name", json!("Ann Lee")), &["/name"]),
        ("no first name", without(full("x"), "/name/firstName"), &["/name/firstName"]),
        ("no last name", without(full("x"), "/name/lastName"), &["/name/lastName"]),
        ("an empty first name", put("/name/firstName", json!("")), &["/name/firstName"]),
        ("a blank last name", put("/name/lastName", json!(" \u{a0}")), &["/name/lastName"]),
        ("a title of 81 characters", put("/name/title", long(81)), &["/name/title"]),
        ("a middle name that is a number", put("/name/middleName", json!(1)), &["/name/middleName"]),
        ("a line feed in a suffix", put("/name/suffix", json!("Jr.\n")), &["/name/suffix"]),
        ("NUL in a first name", put("/name/firstName", json!("A\u{0}")), &["/name/firstName"]),
        ("a card number as last name", put("/name/lastName", json!("4111 1111 1111 1111")), &["/name/lastName"]),
        ("an unknown part of a name", put("/name/nick", json!("A")), &["/name/nick"]),
    ]
}

fn contacts() -> Vec<Case> {
    vec![
        ("no contact", without(full("x"), "/contact"), &["/contact"]),
        ("a list as contact", put("/contact", json!([])), &["/contact"]),
        ("no phone", without(full("x"), "/contact/primaryPhone"), &["/contact/primaryPhone"]),
        ("a phone of 6 digits", put("/contact/primaryPhone", json!("555666")), &["/contact/primaryPhone"]),
        (
            "a phone of 16 digits",
            put("/contact/secondaryPhone", json!("5556667777888899")),
            &["/contact/secondaryPhone"],
        ),
        ("letters in a phone", put("/contact/primaryPhone", json!("555-CALL-NOW")), &["/contact/primaryPhone"]),
        ("no e-mail", without(full("x"), "/contact/email"), &["/contact/email"]),
        ("an e-mail without @", put("/contact/email", json!("ann.example.com")), &["/contact/email"]),
        ("an e-mail with a display name", put("/contact/email", json!("Ann <a@b.com>")), &["/contact/email"]),
        (
            "an e-mail of 255 characters",
            put("/contact/email", json!(format!("{}@{}.com", "a".repeat(60), "b.".repeat(95) + "c"))),
            &["/contact/email"],
        ),
        ("a control character in an e-mail", put("/contact/email", json!("a@b.com\u{7}")), &["/contact/email"]),
        ("an unknown way to reach", put("/contact/fax", json!("1")), &["/contact/fax"]),
    ]
}

fn addresses() -> Vec<Case> {
    let eleven: Vec<Value> = vec![full("x")["addresses"][1].clone(); 11];
    vec![
        ("an object as addresses", put("/addresses", json!({})), &["/addresses"]),
        ("11 addresses", put("/addresses", json!(eleven)), &["/addresses"]),
        ("a string as address", put("/addresses/1", json!("2 Way")), &["/addresses/1"]),
        ("null as address", put("/addresses/1", json!(null)), &["/addresses/1"]),
        ("no type", without(full("x"), "/addresses/1/type"), &["/addresses/1/type"]),
        ("an unknown type", put("/addresses/0/type", json!("HOME")), &["/addresses/0/type"]),
        ("a type in small letters", put("/addresses/0/type", json!("billing")), &["/addresses/0/type"]),
        ("two of a type", put("/addresses/1/type", json!("BILLING")), &["/addresses/1/type"]),
        ("a description of 501", put("/addresses/0/description", long(501)), &["/addresses/0/description"]),
        (
            "a card number in a description",
            put("/addresses/0/description", json!("４１１１-１１１１-１１１１-１１１１")),
            &["/addresses/0/description"],
        ),
        ("no first line", without(full("x"), "/addresses/0/address1"), &["/addresses/0/address1"]),
        ("a first line of 201", put("/addresses/0/address1", long(201)), &["/addresses/0/address1"]),
        (
            "a card number in a first line",
            put("/addresses/0/address1", json!("c/o 378282246310005")),
            &["/addresses/0/address1"],
        ),
        ("a second line of 201", put("/addresses/0/address2", long(201)), &["/addresses/0/address2"]),
        ("no city", without(full("x"), "/addresses/1/city"), &["/addresses/1/city"]),
        ("a card number as city", put("/addresses/1/city", json!("4111.1111.1111.1111")), &["/addresses/1/city"]),
        ("no state", without(full("x"), "/addresses/1/state"), &["/addresses/1/state"]),
        ("a state of 201", put("/addresses/1/state", long(201)), &["/addresses/1/state"]),
        ("a postal code of 21", put("/addresses/0/postalCode", long(21)), &["/addresses/0/postalCode"]),
        ("a country that is none", put("/addresses/0/country", json!("XX")), &["/addresses/0/country"]),
        ("a country of three letters", put("/addresses/0/country", json!("DEU")), &["/addresses/0/country"]),
        ("an unknown part of an address", put("/addresses/0/zip", json!("1")), &["/addresses/0/zip"]),
    ]
}

fn cards() -> Vec<Case> {
    let six: Vec<Value> = vec![full("x")["creditCards"][0].clone(); 6];
    let twice = with(full("x"), "/creditCards/1", full("x")["creditCards"][0].clone());
    vec![
        ("a string as cards", put("/creditCards", json!("4111")), &["/creditCards"]),
        ("6 cards", put("/creditCards", json!(six)), &["/creditCards"]),
        ("two of a type", twice, &["/creditCards/1/type"]),
        ("an unknown type", put("/creditCards/0/type", json!("VISA")), &["/creditCards/0/type"]),
        ("no number", without(full("x"), "/creditCards/0/number"), &["/creditCards/0/number"]),
        (
            "a number that is a number",
            put("/creditCards/0/number", json!(4111111111111111_u64)),
            &["/creditCards/0/number"],
        ),
        ("a number of 11 digits", put("/creditCards/0/number", json!("41111111111")), &["/creditCards/0/number"]),
        (
            "a number of 20 digits",
            put("/creditCards/0/number", json!("41111111111111111111")),
            &["/creditCards/0/number"],
        ),
        ("letters in a number", put("/creditCards/0/number", json!("4111 1111 1111 111l")), &["/creditCards/0/number"]),
        ("another brand", put("/creditCards/0/brand", json!("AMEX")), &["/creditCards/0/brand"]),
        ("other last four digits", put("/creditCards/0/lastFour", json!("1112")), &["/creditCards/0/lastFour"]),
        ("no expiration", without(full("x"), "/creditCards/0/expiration"), &["/creditCards/0/expiration"]),
        ("month 13", put("/creditCards/0/expiration", json!("13/29")), &["/creditCards/0/expiration"]),
        (
            "another form of expiration",
            put("/creditCards/0/expiration", json!("2029/06")),
            &["/creditCards/0/expiration"],
        ),
        ("no name", without(full("x"), "/creditCards/0/nameOnCard"), &["/creditCards/0/nameOnCard"]),
        (
            "a card number as name",
            put("/creditCards/0/nameOnCard", json!("4111111111111111")),
            &["/creditCards/0/nameOnCard"],
        ),
        (
            "a card number as description",
            put("/creditCards/0/description", json!("4111-1111-1111-1111")),
            &["/creditCards/0/description"],
        ),
        ("a security code", put("/creditCards/0/cvv", json!("123")), &["/creditCards/0/cvv"]),
    ]
}

fn what_the_service_sets() -> Vec<Case> {
    vec![
        ("a version", put("/version", json!(1)), &["/version"]),
        ("a status", put("/status", json!("ACTIVE")), &["/status"]),
        ("a time of creation", put("/createdAt", json!("2026-11-21T08:00:00Z")), &["/createdAt"]),
        ("a time of update", put("/updatedAt", json!("2026-11-21T08:00:00Z")), &["/updatedAt"]),
        ("a time of deletion", put("/deletedAt", json!("2026-11-21T08:00:00Z")), &["/deletedAt"]),
        ("an unknown member", put("/nickname", json!(null)), &["/nickname"]),
        ("an unknown member with signs", put("/a~b", json!(1)), &["/a~0b"]),
    ]
}

fn shapes() -> Vec<Case> {
    let many =
        json!({"id": "", "name": {"firstName": 1}, "contact": {"email": "x"}, "addresses": [{"type": "X"}], "y": 1});
    vec![
        ("an array", json!([]), &[""]),
        ("a string", json!("customer"), &[""]),
        ("null", json!(null), &[""]),
        ("nothing in it", json!({}), &["/name", "/contact"]),
        (
            "all at once",
            many,
            &[
                "/id",
                "/name/firstName",
                "/name/lastName",
                "/contact/primaryPhone",
                "/contact/email",
                "/addresses/0/type",
                "/addresses/0/address1",
                "/addresses/0/city",
                "/addresses/0/state",
                "/y",
            ],
        ),
    ]
}

fn expect(what: &str, answer: &Answer, pointers: &[&str]) {
    assert_eq!((answer.status, answer.problem()), (422, "invalid-content".to_owned()), "{what}: {answer:?}");
    assert_eq!(answer.pointers(), pointers, "{what}");
    let digits: String = answer.text.chars().filter(char::is_ascii_digit).collect();
    assert!(!digits.contains("41111111") && !digits.contains("37828224"), "{what} is repeated: {answer:?}");
}

#[tokio::test]
async fn every_fault_of_a_body_is_told_with_its_place_and_nothing_happens() {
    let accounts = Accounts::start().await;
    accounts.create(&full("a")).await;
    let before = accounts.stored().await;
    let cases = [ids(), names(), contacts(), addresses(), cards(), what_the_service_sets(), shapes()].concat();
    for (what, body, pointers) in &cases {
        expect(what, &accounts.post("/accounts/customers").json(body).send().await, pointers);
        expect(what, &accounts.post("/accounts/customer/create").json(body).send().await, pointers);
    }
    // What a replacement reads otherwise than a create: the id, the number that may be left out, and what was read.
    for (what, body, pointers) in [names(), contacts(), addresses(), shapes()].concat() {
        let body = if body.is_object() { with(body, "/id", json!("a")) } else { body };
        let pointers: Vec<_> = pointers.iter().copied().filter(|pointer| *pointer != "/id").collect();
        expect(what, &accounts.put(A).if_match("\"1\"").json(&body).send().await, &pointers);
    }
    assert_eq!(accounts.stored().await, before);
    accounts.create(&small("after")).await;
    assert_eq!(accounts.published(2).await.len(), 2, "the two creates and nothing else");
    accounts.stop().await;
}

#[tokio::test]
async fn members_that_are_given_twice_are_refused_by_name() {
    let accounts = Accounts::start().await;
    accounts.create(&small("a")).await;
    let before = accounts.stored().await;
    let name = r#""name": {"firstName": "A", "lastName": "L", "firstName": "B"}"#;
    let contact = r#""contact": {"primaryPhone": "5556667777", "email": "b@example.com"}"#;
    let twice = format!("{{{name}, {contact}, {contact}}}");
    expect("twice", &accounts.post("/accounts/customers").text(&twice).send().await, &["/name/firstName", "/contact"]);
    expect("twice", &accounts.put(A).if_match("*").text(&twice).send().await, &["/name/firstName", "/contact"]);
    expect("twice", &accounts.patch(A).if_match("*").text(&twice).send().await, &["/name/firstName", "/contact"]);
    assert_eq!(accounts.stored().await, before);
    accounts.stop().await;
}

#[tokio::test]
async fn a_replacement_and_a_patch_cannot_say_what_the_service_says() {
    let accounts = Accounts::start().await;
    let read = accounts.create(&full("a")).await.json();
    let before = accounts.stored().await;
    let cases: [(Value, &[&str]); 10] = [
        (json!({"id": "b"}), &["/id"]),
        (json!({"id": 7}), &["/id"]),
        (json!({"version": 2}), &["/version"]),
        (json!({"version": "1"}), &["/version"]),
        (json!({"status": "DELETED"}), &["/status"]),
        (json!({"createdAt": "2020-01-01T00:00:00Z"}), &["/createdAt"]),
        (json!({"updatedAt": "now"}), &["/updatedAt"]),
        (json!({"deletedAt": "2020-01-01T00:00:00Z"}), &["/deletedAt"]),
        (
            json!({"creditCards": [{"type": "ALTERNATE", "expiration": "6/29", "nameOnCard": "A"}]}),
            &["/creditCards/0/number"],
        ),
        (
            json!({"creditCards": [{"type": "PRIMARY", "expiration": "6/29", "nameOnCard": "A", "lastFour": "4444"}]}),
            &["/creditCards/0/lastFour"],
        ),
    ];
    for (patch, pointers) in cases {
        let mut body = read.clone();
        body.as_object_mut().unwrap().extend(patch.as_object().unwrap().clone());
        expect("put", &accounts.put(A).if_match("*").json(&body).send().await, pointers);
        expect("patch", &accounts.patch(A).if_match("*").json(&patch).send().await, pointers);
    }
    let removals: [(Value, &[&str]); 5] = [
        (json!({"name": null}), &["/name"]),
        (json!({"name": {"lastName": null}, "contact": {"email": null}}), &["/name/lastName", "/contact/email"]),
        (json!({"nickname": null}), &["/nickname"]),
        (json!({"name": {"nick": null}}), &["/name/nick"]),
        (json!([]), &[""]),
    ];
    for (patch, pointers) in removals {
        expect("patch", &accounts.patch(A).if_match("*").json(&patch).send().await, pointers);
    }
    assert_eq!(accounts.stored().await, before);
    accounts.stop().await;
}

#[tokio::test]
async fn what_is_no_json_no_known_type_or_too_large_is_refused() {
    let accounts = Accounts::start().await;
    accounts.create(&small("a")).await;
    let before = accounts.stored().await;
    let customers = "/accounts/customers";
    for bad in ["", "{", "{\"id\": }", "{'id': 1}", "{} {}", "\u{feff}{}"] {
        for ask in [accounts.post(customers), accounts.put(A).if_match("*"), accounts.patch(A).if_match("*")] {
            let answer = ask.text(bad).send().await;
            assert_eq!((answer.status, answer.problem()), (400, "malformed-request".to_owned()), "{bad}");
        }
    }
    for bytes in [vec![0xff, 0xfe], b"{\"id\": \"\xff\"}".to_vec(), vec![b'['; 100_000]] {
        assert_eq!(accounts.post(customers).bytes(bytes).send().await.status, 400);
    }
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json", "json"] {
        let ask = accounts.post(customers).header("Content-Type", media_type);
        let answer = ask.json(&small("b")).send().await;
        assert_eq!((answer.status, answer.problem()), (415, "unsupported-media-type".to_owned()), "{media_type}");
    }
    let fits = with(small("b"), "/name/firstName", long(256 * 1024 - small("b").to_string().len()));
    assert_eq!(accounts.post(customers).json(&fits).send().await.status, 422, "large, and read");
    let too_large = accounts.post(customers).bytes(vec![b' '; 256 * 1024 + 1]).send().await;
    assert_eq!((too_large.status, too_large.problem()), (413, "content-too-large".to_owned()));
    assert_eq!(accounts.stored().await, before);
    accounts.stop().await;
}

#[tokio::test]
async fn malformed_parameters_and_headers_are_refused() {
    let accounts = Accounts::start().await;
    accounts.create(&small("a")).await;
    let before = accounts.stored().await;
    for id in ["a%20b", "%2E%2E%2F", "é", &"x".repeat(65), "a%00"] {
        let path = format!("/accounts/customers/{id}");
        let asks = [
            accounts.get(&path),
            accounts.put(&path).if_match("*").json(&small("a")),
            accounts.patch(&path).if_match("*").text("{}"),
            accounts.delete(&path).if_match("*"),
        ];
        for ask in asks {
            let answer = ask.send().await;
            assert_eq!((answer.status, answer.problem()), (400, "malformed-request".to_owned()), "{id}");
        }
    }
    let create = || accounts.post("/accounts/customers").json(&without(small("b"), "/id"));
    let bad = [
        accounts.get(A).header("If-None-Match", "1"),
        accounts.get(A).header("Consistency-Token", "not a token"),
        accounts
            .get(A)
            .header("Consistency-Token", &shared_events::token::ConsistencyToken::new("order", "a", 1).encode()),
        accounts.get(&format!("{A}?verbose=1")),
        accounts.get("/accounts/customer/print?x"),
        create().header("Idempotency-Key", ""),
        create().header("Idempotency-Key", "a b"),
        create().header("Idempotency-Key", &"k".repeat(256)),
        create().header("Idempotency-Key", "k").json(&small("b")),
    ];
    for (number, ask) in bad.into_iter().enumerate() {
        let answer = ask.send().await;
        assert_eq!((answer.status, answer.problem()), (400, "malformed-request".to_owned()), "{number}: {answer:?}");
    }
    assert_eq!(accounts.stored().await, before);
    accounts.stop().await;
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_what_is_not_allowed_says_what_is() {
    let accounts = Accounts::start().await;
    for ask in [
        accounts.get("/accounts/customers/nobody"),
        accounts.put("/accounts/customers/nobody").if_match("*").json(&small("nobody")),
        accounts.patch("/accounts/customers/nobody").if_match("*").text("{}"),
        accounts.delete("/accounts/customers/nobody").if_match("*"),
        accounts.get("/accounts/nothing"),
    ] {
        let answer = ask.send().await;
        assert_eq!((answer.status, answer.problem()), (404, "not-found".to_owned()));
    }
    for (ask, allowed) in [
        (accounts.delete("/accounts/customers"), "GET, HEAD, POST"),
        (accounts.post(A), "GET, HEAD, PUT, PATCH, DELETE"),
        (accounts.get("/accounts/customer/create"), "POST"),
        (accounts.put("/accounts/customer/print"), "GET, HEAD"),
    ] {
        let answer = ask.send().await;
        assert_eq!((answer.status, answer.header("allow")), (405, allowed));
    }
    assert!(accounts.stored().await.is_empty());
    accounts.stop().await;
}
