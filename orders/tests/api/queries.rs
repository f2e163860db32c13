//! `GET /orders`: filters together, offsets, a stable order and cursors.

use reqwest::StatusCode;
use serde_json::Value;

use crate::bodies::placed_at;
use crate::customer::{city, deleted, sample as customer};
use crate::harness::{Answer, World};

fn ids(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let items = answer.json()["items"].as_array().unwrap().clone();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// Three customers, and orders of two months.
async fn world_with_orders() -> World {
    let world = World::with(&[("samples.placed_at", "true")]).await;
    for id in ["ann", "bob", "eve"] {
        world.knows(customer(id, 1)).await;
    }
    for (id, of, at) in [
        ("a1", "ann", "2026-01-31T23:30:00Z"),
        ("a2", "ann", "2026-02-01T00:00:00Z"),
        ("a3", "ann", "2026-02-01T00:00:00Z"),
        ("b1", "bob", "2026-02-01T00:00:00Z"),
        ("b2", "bob", "2026-02-14T12:00:00Z"),
        ("e1", "eve", "2026-02-28T23:59:59.999Z"),
    ] {
        world.place(&placed_at(id, of, at)).await;
    }
    for (id, end) in [("a2", "cancel"), ("b2", "fulfil")] {
        assert_eq!(world.act(id, end, &[]).await.status, StatusCode::OK);
    }
    world
}

#[tokio::test]
async fn customer_status_and_time_are_filtered_together() {
    let world = world_with_orders().await;
    for (query, expected) in [
        ("", &["e1", "b2", "b1", "a3", "a2", "a1"][..]),
        ("customerId=ann", &["a3", "a2", "a1"]),
        ("customerId=nobody", &[]),
        ("status=PLACED", &["e1", "b1", "a3", "a1"]),
        ("status=FULFILLED", &["b2"]),
        ("status=CANCELLED&customerId=bob", &[]),
        ("from=2026-02-01T00:00:00Z", &["e1", "b2", "b1", "a3", "a2"]),
        ("to=2026-02-01T00:00:00Z", &["a1"]),
        ("from=2026-02-01T00:00:00Z&to=2026-02-01T00:00:00Z", &[]),
        ("from=2026-02-01T00:00:00.001Z&to=2026-03-01T00:00:00Z", &["e1", "b2"]),
        ("from=2026-02-01T00:00:00%2B01:00&to=2026-02-01T01:00:00%2B01:00", &["a1"]),
        ("from=2026-02-01T00:00:00+01:00&to=2026-02-01T01:00:00+01:00", &["a1"]),
        ("customerId=ann&status=PLACED&from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z", &["a3", "a1"]),
    ] {
        assert_eq!(ids(&world.get(&format!("/orders?{query}")).await), expected, "{query}");
    }
}

#[tokio::test]
async fn pages_follow_each_other_and_nothing_is_shown_twice_or_left_out() {
    let world = world_with_orders().await;
    let (mut seen, mut path) = (Vec::new(), "/orders?limit=2&from=2026-01-01T00:00:00%2B01:00".to_owned());
    loop {
        let answer = world.get(&path).await;
        seen.extend(ids(&answer));
        assert_eq!(answer.header("consistency-token"), None, "lists carry none");
        match (answer.link("next"), answer.json().get("next")) {
            (Some(next), Some(Value::String(cursor))) => {
                assert!(next.contains(cursor.as_str()), "{next}");
                path = next;
            }
            (None, None) => break,
            other => panic!("{other:?}"),
        }
        if seen.len() == 2 {
            // What comes meanwhile is newer than what has been shown.
            world.place(&placed_at("new", "bob", "2026-03-01T00:00:00Z")).await;
        }
    }
    assert_eq!(seen, ["e1", "b2", "b1", "a3", "a2", "a1"]);
}

#[tokio::test]
async fn each_order_of_a_page_is_shown_as_reading_it_shows_it() {
    let world = world_with_orders().await;
    world.knows(customer("ann", 2)).await;
    world.knows(deleted("eve", 2)).await;
    let page = world.get("/orders").await.json();
    for item in page["items"].as_array().unwrap() {
        let path = format!("/orders/{}", item["id"].as_str().unwrap());
        assert_eq!(world.get(&path).await.json(), *item);
    }
    assert_eq!(page["items"][3]["shippingAddress"]["city"], city(2));
    assert_eq!(page["items"][4]["shippingAddress"]["city"], city(1), "cancelled before the move");
    assert_eq!(page["items"][0]["customerStatus"], "DELETED");
}

#[tokio::test]
async fn what_cannot_be_read_of_a_query_is_refused_by_name() {
    let world = world_with_orders().await;
    let cursor = world.get("/orders?limit=1").await.json()["next"].as_str().unwrap().to_owned();
    for (query, named) in [
        ("from=2026-02-30T00:00:00Z".to_owned(), "from"),
        ("to=2026-02-28".to_owned(), "to"),
        ("to=2026-02-28T00:00:00".to_owned(), "to"),
        ("from=2026-03-01T00:00:00Z&to=2026-02-01T00:00:00Z".to_owned(), "to"),
        ("from=2026-03-01T00:00:00Z&to=2026-03-01T00:30:00%2B01:00".to_owned(), "to"),
        ("status=placed".to_owned(), "status"),
        ("status=PLACED&status=PLACED".to_owned(), "status"),
        ("customerId=a%20b".to_owned(), "customerId"),
        ("limit=0".to_owned(), "limit"),
        ("customer=ann".to_owned(), "customer"),
        (format!("cursor={cursor}x"), "cursor"),
        (format!("cursor={cursor}&status=PLACED"), "cursor"),
    ] {
        let refused = world.get(&format!("/orders?{query}")).await;
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (StatusCode::BAD_REQUEST, "malformed-request"),
            "{query}"
        );
        assert_eq!(refused.json()["parameters"][0]["name"], named, "{query}");
    }
    assert_eq!(ids(&world.get(&format!("/orders?cursor={cursor}")).await).len(), 5);
}
