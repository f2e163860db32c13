//! The aliases that clients of the earlier system call.

use reqwest::StatusCode;
use serde_json::json;

use crate::customer::{deleted, sample};
use crate::harness::World;

#[tokio::test]
async fn a_customer_is_shown_in_the_shape_that_those_clients_know() {
    let world = World::new().await;
    world.publish(sample("12345", 1)).await;
    world.has("12345", 1).await;
    let answer = world.get("/orders/order/12345").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.header("link"), Some("</orders/customers/12345>; rel=\"successor-version\""));
    assert!(answer.header("deprecation").is_some());
    let body = answer.json();
    let mut members: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
    members.sort_unstable();
    assert_eq!(members, ["addresses", "contact", "id", "name", "orders"]);
    assert_eq!((&body["id"], &body["orders"]), (&json!("12345"), &json!([])));
    assert_eq!(body["addresses"].as_array().unwrap().len(), 2);

    let list = world.get("/orders/list").await;
    assert_eq!(list.json(), json!([body]));
    assert_eq!(list.headers("link"), ["</orders/customers>; rel=\"successor-version\""]);
}

#[tokio::test]
async fn an_unknown_and_a_deleted_customer_are_not_found_in_those_clients_words() {
    let world = World::new().await;
    world.publish(deleted("gone", 2)).await;
    world.has("gone", 2).await;
    for id in ["gone", "nobody"] {
        let answer = world.get(&format!("/orders/order/{id}")).await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::NOT_FOUND, "Customer not found!"));
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    }
    assert_eq!(world.get("/orders/list").await.json(), json!([]));
}

#[tokio::test]
async fn the_list_ends_after_two_hundred_and_says_where_it_goes_on() {
    let world = World::new().await;
    for number in 0..201 {
        world.publish(sample(&format!("c{number:03}"), 1)).await;
    }
    for number in 0..201 {
        world.has(&format!("c{number:03}"), 1).await;
    }
    let first = world.get("/orders/list").await;
    assert_eq!(first.json().as_array().unwrap().len(), 200);
    let links = first.headers("link");
    let next = links.iter().find(|link| link.ends_with("rel=\"next\"")).unwrap();
    let path = next.trim_start_matches('<').split('>').next().unwrap();
    let second = world.get(path).await;
    assert_eq!(second.json()[0]["id"], "c200");
    assert_eq!(second.json().as_array().unwrap().len(), 1);
}
