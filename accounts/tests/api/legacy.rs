//! Clients of the earlier system.

use serde_json::json;

use crate::bodies::{sample, small, with, without};
use crate::harness::{Accounts, SAMPLE};

const CREATE: &str = "/accounts/customer/create";

#[tokio::test]
async fn the_sample_is_printed_created_and_created_again() {
    let accounts = Accounts::start().await;
    let printed = accounts.get("/accounts/customer/print").send().await;
    assert_eq!((printed.status, printed.json()), (200, sample()));
    assert!(printed.header("deprecation").starts_with('@'));

    let created = accounts.post(CREATE).text(&printed.text).send().await;
    assert_eq!((created.status, created.text.as_str()), (201, "Customer account created!"));
    assert!(created.header("content-type").starts_with("text/plain"), "{created:?}");
    assert_eq!((created.header("location"), created.header("etag")), ("/accounts/customers/12345", "\"1\""));
    assert!(!created.header("consistency-token").is_empty());
    assert_eq!(created.header("link"), "</accounts/customers>; rel=\"successor-version\"");
    assert!(created.header("deprecation").starts_with('@'));

    let before = accounts.stored().await;
    let again = accounts.post(CREATE).text(SAMPLE).send().await;
    assert_eq!((again.status, again.header("etag")), (201, "\"1\""), "the same content is no change");
    assert_eq!(accounts.stored().await, before);
    let changed = with(sample(), "/addresses/0/city", json!("Miami"));
    let changed = accounts.post(CREATE).header("Accept", "application/json").json(&changed).send().await;
    assert_eq!((changed.status, changed.header("etag")), (201, "\"2\""));
    assert_eq!(changed.json()["addresses"][0]["city"], "Miami");
    accounts.stop().await;
}

#[tokio::test]
async fn the_answer_is_text_unless_json_is_asked_for() {
    let accounts = Accounts::start().await;
    for (accept, media_type) in [
        ("*/*", "text/plain"),
        ("text/plain, */*", "text/plain"),
        ("text/plain, application/json, */*", "text/plain"),
        ("application/json", "application/json"),
        ("application/json, text/plain;q=0.5", "application/json"),
    ] {
        let created = accounts.post(CREATE).header("Accept", accept).json(&small("a")).send().await;
        assert!(created.header("content-type").starts_with(media_type), "{accept}: {created:?}");
        assert_eq!((created.status, created.header("vary")), (201, "Accept"));
    }
    accounts.stop().await;
}

#[tokio::test]
async fn its_faults_are_those_of_a_create_and_a_deleted_id_stays_spent() {
    let accounts = Accounts::start().await;
    let faults = accounts.post(CREATE).json(&without(small("a"), "/name/lastName")).send().await;
    assert_eq!((faults.status, faults.pointers()), (422, vec!["/name/lastName".to_owned()]));
    assert!(faults.header("deprecation").starts_with('@'));
    let without_id = accounts.post(CREATE).json(&without(small("a"), "/id")).send().await;
    assert_eq!(without_id.status, 201);
    accounts.create(&small("b")).await;
    accounts.delete("/accounts/customers/b").if_match("*").send().await;
    assert_eq!(accounts.post(CREATE).json(&small("b")).send().await.status, 409);
    let wrong_and_deleted = accounts.post(CREATE).json(&without(small("b"), "/contact")).send().await;
    assert_eq!(wrong_and_deleted.status, 422);
    accounts.stop().await;
}
