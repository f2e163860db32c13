//! When several faults apply, the first of 415, 413, 400, 404, 412, 422, 409 is told.

use reqwest::Method;
use serde_json::json;

use crate::bodies::{sample, small, with};
use crate::customer::{deleted, sample as customer};
use crate::harness::World;

#[tokio::test]
async fn the_first_fault_in_the_promised_order_is_told() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    world.place(&sample()).await;
    world.place(&small("done", "12345")).await;
    world.act("done", "cancel", &[]).await;
    world.knows(deleted("gone", 1)).await;
    let before = world.stored().await;

    let large = format!("{{\"x\": \"{}\"}}", "x".repeat(256 * 1024));
    let bad = with(sample(), "/items", json!([])).to_string();
    let taken = with(sample(), "/shipTo", json!("BILLING")).to_string();
    let nowhere = with(small("new", "gone"), "/shipTo", json!("SHIPPING_ALTERNATE")).to_string();
    let for_the_dead = small("new", "gone").to_string();
    let [json, text, key, token, none] = [
        ("Content-Type", "application/json"),
        ("Content-Type", "text/plain"),
        ("Idempotency-Key", "k"),
        ("Consistency-Token", "x"),
        ("Accept", "*/*"),
    ];
    let tag = |tag| ("If-Match", tag);
    let cases = [
        (415, "/orders?x=1", text, none, large.as_str()),
        (413, "/orders?x=1", json, token, large.as_str()),
        (400, "/orders?x=1", json, none, bad.as_str()),
        (400, "/orders", json, none, "{"),
        (400, "/orders", json, token, bad.as_str()),
        (400, "/orders", json, key, bad.as_str()),
        (422, "/orders", json, none, bad.as_str()),
        (422, "/orders", json, none, nowhere.as_str()),
        (409, "/orders", json, none, taken.as_str()),
        (409, "/orders", json, none, for_the_dead.as_str()),
        (400, "/orders/a%20b/cancel", tag("\"9\""), none, ""),
        (400, "/orders/unknown/cancel?x=1", tag("\"9\""), none, ""),
        (400, "/orders/unknown/cancel", tag("9"), none, ""),
        (400, "/orders/unknown/fulfil", tag("\"9\""), token, ""),
        (404, "/orders/unknown/fulfil", tag("\"9\""), none, ""),
        (412, "/orders/done/fulfil", tag("\"9\""), none, ""),
        (409, "/orders/done/fulfil", tag("\"2\""), none, ""),
    ];
    for (status, path, first, second, body) in cases {
        let answer = world.ask(Method::POST, path, &[first, second], body.as_bytes().to_vec()).await;
        assert_eq!(answer.status.as_u16(), status, "{path} {first:?} {second:?}: {answer:?}");
        answer.problem();
    }
    assert_eq!(world.stored().await, before);
}
