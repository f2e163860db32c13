//! Consistency tokens of both services (D7, G7): never an older state than the one that was written.

use reqwest::StatusCode;
use shared_events::token::ConsistencyToken;

use crate::bodies::small;
use crate::customer::{city, deleted, sample};
use crate::harness::{World, order_token, token};

const PATH: &str = "/orders/customers/12345";

#[tokio::test]
async fn a_token_is_waited_for_until_its_state_has_come() {
    let world = World::new().await;
    for version in 1..=3 {
        let token = token("12345", version);
        let headers = [("Consistency-Token", token.as_str()), ("Prefer", "wait=30")];
        let change = if version < 3 { sample("12345", version) } else { deleted("12345", version) };
        // The request is on its way before the event is in the log.
        let (answer, _) = tokio::join!(world.get_with(PATH, &headers), world.publish(change));
        if version < 3 {
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            assert_eq!(answer.json()["addresses"][1]["city"], city(version));
        } else {
            assert_eq!(answer.status, StatusCode::GONE, "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_state_that_does_not_come_is_503_or_stale_for_those_who_accept_it() {
    let world = World::new().await;
    world.publish(sample("12345", 1)).await;
    world.has("12345", 1).await;
    let token = token("12345", 2);
    let strict = world.get_with(PATH, &[("Consistency-Token", &token), ("Prefer", "wait=0")]).await;
    assert_eq!(strict.status, StatusCode::SERVICE_UNAVAILABLE, "{strict:?}");
    assert!(strict.header("retry-after").is_some());
    let lenient = world.get_with(PATH, &[("Consistency-Token", &token), ("Prefer", "wait=0, handling=lenient")]).await;
    assert_eq!((lenient.status, lenient.header("consistency")), (StatusCode::OK, Some("stale")), "{lenient:?}");
    assert_eq!(lenient.json()["version"], 1);
}

#[tokio::test]
async fn every_read_takes_tokens_and_several_at_once() {
    let world = World::new().await;
    world.publish(sample("a", 1)).await;
    world.publish(sample("b", 1)).await;
    let both = format!("{}, {}", token("a", 1), token("b", 1));
    for path in ["/orders/customers", "/orders/list", "/orders/customers/a", "/orders/order/b"] {
        let answer = world.get_with(path, &[("Consistency-Token", &both), ("Prefer", "wait=30")]).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {answer:?}");
        assert_eq!(answer.header("consistency-token").is_some(), path.matches('/').count() == 3, "{path}");
        let missing = format!("{both},{}", token("c", 1));
        let answer = world.get_with(path, &[("Consistency-Token", &missing), ("Prefer", "wait=0")]).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn every_read_and_command_takes_tokens_of_orders_too() {
    let world = World::new().await;
    world.knows(sample("a", 1)).await;
    let placed = world.place(&small("o", "a")).await;
    let both = format!("{}, {}", placed.header("consistency-token").unwrap(), token("a", 1));
    let later = format!("{both}, {}", order_token("o", 2));
    let reads = ["/orders", "/orders/o", "/orders/customers", "/orders/list", "/orders/customers/a", "/orders/order/a"];
    for path in reads {
        let answer = world.get_with(path, &[("Consistency-Token", &both)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {answer:?}");
        let answer = world.get_with(path, &[("Consistency-Token", &later), ("Prefer", "wait=0")]).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}: {answer:?}");
        let stale = [("Consistency-Token", later.as_str()), ("Prefer", "wait=0, handling=lenient")];
        let answer = world.get_with(path, &stale).await;
        assert_eq!(
            (answer.status, answer.header("consistency")),
            (StatusCode::OK, Some("stale")),
            "{path}: {answer:?}"
        );
    }
    let insisting = [("Consistency-Token", later.as_str()), ("Prefer", "wait=0")];
    for action in ["cancel", "fulfil"] {
        assert_eq!(world.act("o", action, &insisting).await.status, StatusCode::SERVICE_UNAVAILABLE);
    }
    let placing = world.post_with("/orders", &insisting, &small("p", "a")).await;
    assert_eq!(placing.status, StatusCode::SERVICE_UNAVAILABLE, "{placing:?}");

    // What is waited for comes while it is waited for.
    let waiting = [("Consistency-Token", later.as_str()), ("Prefer", "wait=30")];
    let (read, ended) = tokio::join!(world.get_with("/orders/o", &waiting), world.act("o", "fulfil", &[]));
    assert_eq!((read.status, read.json()), (StatusCode::OK, ended.json()));
    assert_eq!(read.header("consistency-token"), Some(order_token("o", 2).as_str()), "that of the order alone");
}

#[tokio::test]
async fn a_token_of_something_unknown_is_refused() {
    let world = World::new().await;
    let foreign = ConsistencyToken::new("invoice", "1", 1).encode();
    for bad in [foreign.as_str(), "no token", ""] {
        let answer = world.get_with(PATH, &[("Consistency-Token", bad)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}: {answer:?}");
    }
}
