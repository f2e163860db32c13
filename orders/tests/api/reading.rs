//! `GET /orders/customers/{id}`.

use reqwest::StatusCode;
use serde_json::json;

use crate::customer::{city, deleted, sample};
use crate::harness::{World, token};

#[tokio::test]
async fn a_customer_of_accounts_is_shown_with_what_fulfilment_needs_and_no_card() {
    let world = World::new().await;
    world.publish(sample("12345", 1)).await;
    world.has("12345", 1).await;
    let answer = world.get("/orders/customers/12345").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(answer.header("consistency-token"), Some(token("12345", 1).as_str()));
    let mut body = answer.json();
    assert_eq!(body["addresses"][1]["city"], city(1));
    assert_eq!(body["addresses"].as_array().unwrap().len(), 2);
    body["addresses"].take();
    let expected = json!({
        "id": "12345",
        "name": { "title": "Mr.", "firstName": "John", "middleName": "S.", "lastName": "Doe", "suffix": "Jr." },
        "contact": { "primaryPhone": "555-666-7777", "secondaryPhone": "555-444-9898", "email": "12345@internet.com" },
        "addresses": null,
        "version": 1,
        "status": "ACTIVE",
        "createdAt": "2023-11-14T22:13:20.000Z",
        "updatedAt": "2023-11-14T22:13:20.001Z",
        "orders": { "items": [] },
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let world = World::new().await;
    world.publish(sample("12345", 1)).await;
    world.has("12345", 1).await;
    let same = world.get_with("/orders/customers/12345", &[("If-None-Match", "\"1\"")]).await;
    assert_eq!((same.status, same.text.as_str(), same.header("etag")), (StatusCode::NOT_MODIFIED, "", Some("\"1\"")));
    world.publish(sample("12345", 2)).await;
    world.has("12345", 2).await;
    let newer = world.get_with("/orders/customers/12345", &[("If-None-Match", "\"1\"")]).await;
    assert_eq!((newer.status, newer.header("etag")), (StatusCode::OK, Some("\"2\"")));
}

#[tokio::test]
async fn a_deleted_customer_is_gone_and_a_late_event_does_not_bring_them_back() {
    let world = World::new().await;
    world.publish(sample("12345", 1)).await;
    world.publish(deleted("12345", 2)).await;
    world.publish(sample("12345", 1)).await;
    // Another event of the same customer's partition, so that the late one has been read when this one is there.
    world.publish(deleted("12345", 3)).await;
    world.has("12345", 3).await;
    let answer = world.get("/orders/customers/12345").await;
    assert_eq!(answer.status, StatusCode::GONE, "{answer:?}");
    assert_eq!(answer.header("consistency-token"), Some(token("12345", 3).as_str()));
    assert_eq!(answer.json()["type"], "/problems/gone");
}

#[tokio::test]
async fn a_customer_that_never_was_is_not_found_once_the_log_was_read_to_its_end() {
    let world = World::new().await;
    let answer = world.get("/orders/customers/nobody").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (StatusCode::NOT_FOUND, Some("application/problem+json"))
    );
}

#[tokio::test]
async fn what_cannot_be_read_of_a_request_is_refused_by_name() {
    let world = World::new().await;
    for (path, headers, named) in [
        ("/orders/customers/a%20b", [("Accept", "*/*")], "id"),
        ("/orders/customers/12345?verbose=1", [("Accept", "*/*")], "verbose"),
        ("/orders/customers/12345", [("If-None-Match", "1")], "If-None-Match"),
        ("/orders/customers/12345", [("Consistency-Token", "x")], "Consistency-Token"),
        ("/orders/customers?limit=0", [("Accept", "*/*")], "limit"),
        ("/orders/customers?status=ACTIVE", [("Accept", "*/*")], "status"),
        ("/orders/list?limit=5", [("Accept", "*/*")], "limit"),
        ("/orders/order/12345?x", [("Accept", "*/*")], "x"),
    ] {
        let answer = world.get_with(path, &headers).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}: {answer:?}");
        let name = answer.json()["parameters"][0]["name"].as_str().unwrap().to_lowercase();
        assert_eq!(name, named.to_lowercase(), "{path}");
    }
}
