//! What the world is told of what a client did.

use serde_json::json;

use crate::bodies::{full, sample, small, with};
use crate::harness::Accounts;

#[tokio::test]
async fn each_change_is_an_event_with_the_whole_state() {
    let accounts = Accounts::start().await;
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let ask = accounts.post("/accounts/customers").header("traceparent", trace);
    let created = ask.json(&full("a")).send().await.json();
    let body = with(with(full("a"), "/name/suffix", json!(null)), "/creditCards", json!(null));
    let replaced = accounts.put("/accounts/customers/a").if_match("*").json(&body).send().await.json();
    accounts.delete("/accounts/customers/a").if_match("*").send().await;

    let events = accounts.published(3).await;
    let told: Vec<_> = events.iter().map(|event| (event.header("ce_type"), event.header("ce_sequence"))).collect();
    assert_eq!(
        told,
        [
            ("accounts.customer.created", "00000000000000000001"),
            ("accounts.customer.updated", "00000000000000000002"),
            ("accounts.customer.deleted", "00000000000000000003"),
        ]
    );
    assert!(events[0].header("traceparent").starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"), "{:?}", events[0]);
    let changed = |index: usize| events[index].data()["changed"].clone();
    assert_eq!(changed(0), json!(["name", "contact", "addresses", "creditCards"]));
    assert_eq!((changed(1), changed(2)), (json!(["name", "creditCards"]), json!(["status", "deletedAt"])));
    for (event, state) in events.iter().zip([created, replaced.clone()]) {
        let mut data = event.data();
        data.as_object_mut().unwrap().remove("changed");
        assert_eq!((event.key.as_str(), data), ("a", state));
    }
    let last = events[2].data();
    assert_eq!((&last["status"], &last["name"]), (&json!("DELETED"), &replaced["name"]));
    assert_eq!(last["deletedAt"], events[2].header("ce_time"));
    accounts.stop().await;
}

#[tokio::test]
async fn a_card_number_is_in_neither_the_database_nor_the_topic() {
    let accounts = Accounts::start().await;
    accounts.create(&sample()).await;
    accounts.create(&full("a")).await;
    let stored = format!("{:?}", accounts.stored().await);
    let published: String = accounts.published(2).await.iter().map(|event| event.value.clone()).collect();
    for text in [stored, published] {
        assert!(text.contains("lastFour"), "{text}");
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        for number in ["1234678900000000", "9999888877776666", "4111111111111111"] {
            assert!(!digits.contains(number), "{text}");
        }
    }
    accounts.stop().await;
}

#[tokio::test]
async fn the_schema_that_events_point_at_is_served_and_fits_them() {
    let accounts = Accounts::start().await;
    accounts.create(&small("a")).await;
    let event = accounts.published(1).await.remove(0);
    let served = accounts.get(event.header("ce_dataschema")).send().await;
    assert_eq!((served.status, served.header("content-type")), (200, "application/schema+json"));
    let (mut compiler, mut schemas) = (boon::Compiler::new(), boon::Schemas::new());
    compiler.add_resource("http://host/schema", served.json()).unwrap();
    let schema = compiler.compile("http://host/schema", &mut schemas).unwrap();
    schemas.validate(&event.data(), schema).unwrap();
    accounts.stop().await;
}
