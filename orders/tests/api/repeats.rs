//! The same request again: by id, by `Idempotency-Key`, one after the other and all at once.

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::bodies::{anonymous, sample, with};
use crate::customer::{deleted, sample as customer};
use crate::harness::{Answer, World, order_token};

const KEY: &str = "8e03978e-40d5-43e8-bc93-6894a57f9324";

async fn with_key(world: &World, key: &str, body: &Value) -> Answer {
    world.post_with("/orders", &[("Idempotency-Key", key)], body).await
}

#[tokio::test]
async fn the_same_id_with_the_same_body_is_the_same_order_whatever_became_of_its_customer() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    let first = world.place(&sample()).await;
    let otherwise = with(with(sample(), "/id", json!("6119")), "/items/0/unitPrice/amount", json!("12.50"));
    for body in [sample(), otherwise] {
        let again = world.post("/orders", &body).await;
        assert_eq!((again.status, again.json()), (StatusCode::OK, first.json()), "{again:?}");
        for header in ["location", "etag", "consistency-token"] {
            assert_eq!(again.header(header), first.header(header));
        }
    }
    world.knows(deleted("12345", 2)).await;
    let again = world.post("/orders", &sample()).await;
    assert_eq!((again.status, again.json()["customerStatus"].clone()), (StatusCode::OK, json!("DELETED")));
    assert_eq!(world.act("6119", "cancel", &[]).await.status, StatusCode::OK);
    let again = world.post("/orders", &sample()).await;
    assert_eq!((again.status, again.json()["status"].clone()), (StatusCode::OK, json!("CANCELLED")));
    assert_eq!(world.published(2).await.len(), 2, "placed and cancelled, once each");
}

#[tokio::test]
async fn the_same_id_with_another_body_is_a_conflict() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    world.place(&sample()).await;
    for other in [
        with(sample(), "/items/0/quantity", json!(7)),
        with(sample(), "/shipTo", json!("SHIPPING")),
        with(sample(), "/customerId", json!("nobody")),
    ] {
        let refused = world.post("/orders", &other).await;
        assert_eq!((refused.status, refused.problem().as_str()), (StatusCode::CONFLICT, "conflict"), "{other}");
        assert_eq!(refused.header("consistency-token"), Some(order_token("6119", 1).as_str()));
    }
    assert_eq!(world.stored().await.len(), 1);
}

#[tokio::test]
async fn a_key_finds_what_the_first_request_placed_as_it_is_now() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    let body = anonymous(sample());
    let first = with_key(&world, KEY, &body).await;
    let again = with_key(&world, KEY, &body).await;
    assert_eq!((first.status, again.status), (StatusCode::CREATED, StatusCode::CREATED), "{first:?}");
    assert_eq!((again.json(), again.header("location")), (first.json(), first.header("location")));

    let id = first.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(world.act(&id, "fulfil", &[]).await.status, StatusCode::OK);
    let again = with_key(&world, KEY, &body).await;
    assert_eq!((again.status, again.header("etag")), (StatusCode::CREATED, Some("\"2\"")));
    assert_eq!(again.json()["status"], "FULFILLED");

    let other = with_key(&world, KEY, &with(body.clone(), "/items/1/quantity", json!(4))).await;
    assert_eq!((other.status, other.problem().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused"));
    let named = with_key(&world, KEY, &sample()).await;
    assert_eq!((named.status, named.problem().as_str()), (StatusCode::BAD_REQUEST, "malformed-request"));

    let events = world.published(2).await;
    let prints: Vec<_> = events.iter().map(|event| event.envelope.request_hash.clone().unwrap()).collect();
    assert_eq!((prints[0].len(), &prints[0]), (64, &prints[1]), "it is on every event of the order");
    assert_eq!((events.len(), world.stored().await.len()), (2, 1));
}

#[tokio::test]
async fn requests_that_are_sent_often_at_once_place_one_order_and_all_succeed() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    let (by_id, by_key) = (sample(), anonymous(sample()));
    let answers = join_all((0..12).map(|_| world.post("/orders", &by_id))).await;
    let placed = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
    let found = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!((placed, found), (1, 11), "{answers:?}");
    assert!(answers.iter().all(|answer| answer.json() == answers[0].json()));

    let answers = join_all((0..12).map(|_| with_key(&world, KEY, &by_key))).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::CREATED), "{answers:?}");
    assert!(answers.iter().all(|answer| answer.json() == answers[0].json()));
    assert_eq!((world.stored().await.len(), world.published(2).await.len()), (2, 2));
}

#[tokio::test]
async fn of_different_orders_with_one_id_sent_at_once_one_wins() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    let bodies: Vec<_> = (1..=8).map(|quantity| with(sample(), "/items/0/quantity", json!(quantity))).collect();
    let answers = join_all(bodies.iter().map(|body| world.post("/orders", body))).await;
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(StatusCode::CREATED), count(StatusCode::CONFLICT)), (1, 7), "{answers:?}");
}
