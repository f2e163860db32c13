//! `GET /orders/customers`.

use reqwest::StatusCode;
use serde_json::Value;

use crate::customer::{deleted, sample};
use crate::harness::{Answer, World};

fn ids(answer: &Answer) -> Vec<String> {
    let items = answer.json()["items"].as_array().unwrap().clone();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pages_of_living_customers_follow_each_other_to_the_end() {
    let world = World::new().await;
    for id in ["e", "b", "d", "a", "c"] {
        world.publish(sample(id, 1)).await;
    }
    world.publish(deleted("d", 2)).await;
    for id in ["e", "b", "a", "c"] {
        world.has(id, 1).await;
    }
    world.has("d", 2).await;

    let (mut seen, mut path) = (Vec::new(), "/orders/customers?limit=3".to_owned());
    loop {
        let answer = world.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.header("consistency-token"), None);
        seen.extend(ids(&answer));
        match (answer.header("link"), answer.json().get("next")) {
            (Some(link), Some(Value::String(next))) => {
                path = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
                assert!(path.contains(next.as_str()), "{link}");
            }
            (None, None) => break,
            other => panic!("{other:?}"),
        }
    }
    // Made at the same instant: then by id.
    assert_eq!(seen, ["a", "b", "c", "e"]);
}

#[tokio::test]
async fn a_cursor_that_was_tampered_with_or_is_of_another_list_is_refused() {
    let world = World::new().await;
    for id in ["a", "b"] {
        world.publish(sample(id, 1)).await;
        world.has(id, 1).await;
    }
    let first = world.get("/orders/customers?limit=1").await;
    let cursor = first.json()["next"].as_str().unwrap().to_owned();
    assert_eq!(world.get(&format!("/orders/customers?cursor={cursor}")).await.status, StatusCode::OK);
    for path in [format!("/orders/customers?cursor={cursor}x"), format!("/orders/list?cursor={cursor}")] {
        assert_eq!(world.get(&path).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
}
