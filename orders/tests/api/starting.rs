//! When the service is ready.

use reqwest::StatusCode;
use serde_json::json;

use crate::bodies::sample;
use crate::customer::sample as customer;
use crate::harness::World;

#[tokio::test]
async fn who_waited_for_ready_may_write_at_once() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    world.orders.terminate();
    world.orders.ended().await;
    let again = world.orders.start_again().await.unwrap();
    again.ready().await.unwrap();
    let placed = world.post("/orders", &sample()).await;
    assert_eq!(placed.status, StatusCode::CREATED, "{placed:?}");
}

#[tokio::test]
async fn kafka_that_is_away_keeps_nobody_from_reading() {
    let world = World::without_kafka().await;
    let orders = world.get("/orders").await;
    assert_eq!((orders.status, orders.json()), (StatusCode::OK, json!({"items": []})));
    assert_eq!(world.get("/orders/6119").await.status, StatusCode::NOT_FOUND);
    let refused = world.post("/orders", &sample()).await;
    assert_eq!((refused.status, refused.problem().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "unavailable"));
}
