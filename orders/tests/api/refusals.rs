//! Bad input: each a clear refusal, nothing stored and nothing published.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::bodies::{anonymous, sample, with};
use crate::customer::sample as customer;
use crate::harness::World;

const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];

fn items(count: usize) -> Value {
    json!(vec![json!({"itemId": "z", "quantity": 1}); count])
}

#[tokio::test]
async fn every_bad_body_is_refused_at_its_place_and_leaves_nothing_behind() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    let quantity = |value: Value| with(sample(), "/items/0/quantity", value);
    let amount = |text: &str| with(sample(), "/items/0/unitPrice/amount", json!(text));
    let id = |value: Value| with(sample(), "/id", value);
    let mut cases = vec![
        (quantity(json!(0)), "/items/0/quantity"),
        (quantity(json!(-1)), "/items/0/quantity"),
        (quantity(json!(1.5)), "/items/0/quantity"),
        (quantity(json!(10_001)), "/items/0/quantity"),
        (with(sample(), "/items", items(0)), "/items"),
        (with(sample(), "/items", items(201)), "/items"),
        (amount("1e9"), "/items/0/unitPrice/amount"),
        (amount("-1"), "/items/0/unitPrice/amount"),
        (amount("12.345"), "/items/0/unitPrice/amount"),
        (amount("1000000000000.01"), "/items/0/unitPrice/amount"),
        (with(sample(), "/items/0/unitPrice/amount", json!(12.5)), "/items/0/unitPrice/amount"),
        (with(sample(), "/items/0/unitPrice/currency", json!("BTC")), "/items/0/unitPrice/currency"),
        (with(sample(), "/items/0/unitPrice/currency", json!("XXX")), "/items/0/unitPrice/currency"),
        (with(sample(), "/items/0/itemId", json!("a\"b")), "/items/0/itemId"),
        (with(sample(), "/customerId", json!({"$gt": ""})), "/customerId"),
        (with(sample(), "/placedAt", json!("2026-01-01T00:00:00Z")), "/placedAt"),
        (with(sample(), "/status", json!("FULFILLED")), "/status"),
    ];
    let long = "x".repeat(65);
    let ids = ["a\"b", "a'b", "$where", "a$b", "a/b", "../b", "📦", "", ".", "..", "a b", "a\u{0}", long.as_str()];
    let reserved = ["customers", "reports", "list", "order", "openapi.json", "swagger-ui"];
    cases.extend(ids.into_iter().chain(reserved).map(|text| (id(json!(text)), "/id")));
    for (body, pointer) in &cases {
        let refused = world.post("/orders", body).await;
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid-content"),
            "{body}"
        );
        assert_eq!(refused.pointers(), [*pointer], "{body}");
    }
    let all = with(with(quantity(json!(0)), "/shipTo", json!("HOME")), "/id", json!("list"));
    assert_eq!(world.post("/orders", &all).await.pointers(), ["/id", "/items/0/quantity", "/shipTo"]);

    assert_eq!(world.stored().await, []);
    // What would have been published before this one would be found with it.
    world.place(&anonymous(with(sample(), "/items", items(200)))).await;
    let events = world.published(1).await;
    assert_eq!((events.len(), events[0].data.order.items.len()), (1, 200));
}

#[tokio::test]
async fn what_is_no_json_or_too_much_of_it_is_refused() {
    let world = World::new().await;
    let much = format!("{{\"x\": \"{}\"}}", "x".repeat(256 * 1024));
    for (status, headers, body) in [
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, [("Content-Type", "text/plain")], "{}"),
        (StatusCode::PAYLOAD_TOO_LARGE, JSON, much.as_str()),
        (StatusCode::BAD_REQUEST, JSON, "{"),
        (StatusCode::BAD_REQUEST, JSON, "{} {}"),
        (StatusCode::UNPROCESSABLE_ENTITY, JSON, "[]"),
        (StatusCode::UNPROCESSABLE_ENTITY, JSON, "{\"id\": \"a\", \"id\": \"b\"}"),
    ] {
        let answer = world.ask(Method::POST, "/orders", &headers, body.as_bytes().to_vec()).await;
        assert_eq!(answer.status, status, "{}", &body[..body.len().min(40)]);
        answer.problem();
    }
}

#[tokio::test]
async fn an_action_takes_no_body_and_minds_none() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    world.place(&sample()).await;
    let body = br#"{"status": "CANCELLED", "shippingAddress": null}"#.to_vec();
    let fulfilled = world.ask(Method::POST, "/orders/6119/fulfil", &JSON, body).await;
    assert_eq!((fulfilled.status, fulfilled.json()["status"].clone()), (StatusCode::OK, json!("FULFILLED")));
    assert!(fulfilled.json()["shippingAddress"].is_object());
}

#[tokio::test]
async fn paths_beside_the_orders_are_no_orders() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    world.place(&sample()).await;
    for (method, path, status, allow) in [
        (Method::GET, "/orders/customers", StatusCode::OK, None),
        (Method::GET, "/orders/list", StatusCode::OK, None),
        (Method::GET, "/orders/openapi.json", StatusCode::OK, None),
        (Method::GET, "/orders/swagger-ui/", StatusCode::OK, None),
        (Method::GET, "/orders/reports", StatusCode::OK, None),
        (Method::GET, "/orders/order", StatusCode::NOT_FOUND, None),
        (Method::GET, "/orders/6119/items", StatusCode::NOT_FOUND, None),
        (Method::GET, "/orders/%6Cist", StatusCode::BAD_REQUEST, None),
        (Method::GET, "/orders/a%20b", StatusCode::BAD_REQUEST, None),
        (Method::POST, "/orders/a%2Fb/cancel", StatusCode::BAD_REQUEST, None),
        (Method::POST, "/orders/list", StatusCode::METHOD_NOT_ALLOWED, Some("GET, HEAD")),
        (Method::DELETE, "/orders/6119", StatusCode::METHOD_NOT_ALLOWED, Some("GET, HEAD")),
        (Method::PUT, "/orders/6119", StatusCode::METHOD_NOT_ALLOWED, Some("GET, HEAD")),
        (Method::GET, "/orders/6119/cancel", StatusCode::METHOD_NOT_ALLOWED, Some("POST")),
        (Method::POST, "/orders/customers/cancel", StatusCode::METHOD_NOT_ALLOWED, Some("GET, HEAD")),
        (Method::PATCH, "/orders", StatusCode::METHOD_NOT_ALLOWED, Some("GET, HEAD, POST")),
        (Method::HEAD, "/orders/6119", StatusCode::OK, None),
    ] {
        let answer = world.ask(method.clone(), path, &[], Vec::new()).await;
        assert_eq!((answer.status, answer.header("allow")), (status, allow), "{method} {path}");
    }
}
