//! `Idempotency-Key`: a create that may be repeated.

use serde_json::json;

use crate::bodies::{full, small, with, without};
use crate::harness::{Accounts, Answer};

const KEY: &str = "8e03978e-40d5-43e8-bc93-6894a57f9324";

async fn create(accounts: &Accounts, key: &str, body: &serde_json::Value) -> Answer {
    accounts.post("/accounts/customers").header("Idempotency-Key", key).json(body).send().await
}

#[tokio::test]
async fn a_repeat_finds_what_the_first_one_made_as_it_is_now() {
    let accounts = Accounts::start().await;
    let body = without(full("a"), "/id");
    let first = create(&accounts, KEY, &body).await;
    assert_eq!((first.status, first.header("etag")), (201, "\"1\""));
    let again = create(&accounts, KEY, &body).await;
    assert_eq!((again.status, again.json(), again.header("location")), (201, first.json(), first.header("location")));

    let path = first.header("location");
    assert_eq!(accounts.patch(path).if_match("*").text(r#"{"addresses": null}"#).send().await.status, 200);
    let again = create(&accounts, KEY, &body).await;
    assert_eq!((again.status, again.header("etag"), again.json()["addresses"].clone()), (201, "\"2\"", json!([])));

    let hashes = accounts.published(2).await;
    let hashes: Vec<_> = hashes.iter().map(|record| record.header("ce_requesthash")).collect();
    assert_eq!((hashes.len(), hashes[0].len()), (2, 64));
    assert_eq!(hashes[0], hashes[1], "it is on every event of the customer");

    assert_eq!(accounts.delete(path).if_match("*").send().await.status, 204);
    assert_eq!(create(&accounts, KEY, &body).await.status, 410);
    accounts.stop().await;
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused_and_what_counts_is_what_is_stored() {
    let accounts = Accounts::start().await;
    let body = without(full("a"), "/id");
    assert_eq!(create(&accounts, KEY, &body).await.status, 201);
    let other = create(&accounts, KEY, &with(body.clone(), "/name/firstName", json!("Josefa"))).await;
    assert_eq!((other.status, other.problem()), (422, "idempotency-key-reused".to_owned()));
    let same = with(body.clone(), "/creditCards/0/number", json!("4111-1111-1111-1111"));
    let same = with(same, "/addresses/1/address2", json!(null));
    assert_eq!(create(&accounts, KEY, &same).await.status, 201, "written otherwise, stored alike");
    assert_eq!(accounts.stored().await.len(), 1);
    accounts.stop().await;
}

#[tokio::test]
async fn a_request_that_is_sent_often_at_once_creates_once() {
    let accounts = Accounts::start().await;
    let body = without(small("a"), "/id");
    let answers = futures_util::future::join_all((0..16).map(|_| create(&accounts, KEY, &body))).await;
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.json() == answers[0].json()), "{answers:?}");
    assert_eq!(accounts.stored().await.len(), 1);
    accounts.stop().await;
}
