//! The reason why this system exists: while an order waits, it goes to wherever its customer lives by then.

use reqwest::StatusCode;
use serde_json::json;
use shared_events::customer::AddressType;

use crate::bodies::{sample, small};
use crate::customer::{city, deleted, sample as customer, without_address};
use crate::harness::{Answer, World, order_token, token};

const ORDER: &str = "/orders/6119";

/// Reads the order once the copy has its customer at this version.
async fn read_after(world: &World, version: u64) -> Answer {
    let token = token("12345", version);
    let answer = world.get_with(ORDER, &[("Consistency-Token", &token), ("Prefer", "wait=30")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer
}

#[tokio::test]
async fn an_address_change_reaches_an_order_that_is_not_yet_fulfilled() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    let placed = world.place(&sample()).await.json();
    assert_eq!(placed["shippingAddress"]["city"], city(1));

    world.publish(customer("12345", 2)).await;
    let moved = read_after(&world, 2).await;
    assert_eq!(
        (moved.json()["shippingAddress"]["city"].clone(), moved.json()["customerVersion"].clone()),
        (json!(city(2)), json!(2))
    );
    assert_eq!((moved.json()["version"].clone(), moved.header("etag")), (json!(1), Some("\"1.2\"")));

    let fulfilled = world.act("6119", "fulfil", &[]).await;
    assert_eq!((fulfilled.status, fulfilled.header("etag")), (StatusCode::OK, Some("\"2\"")), "{fulfilled:?}");
    assert_eq!(fulfilled.header("consistency-token"), Some(order_token("6119", 2).as_str()));
    let frozen = fulfilled.json();
    assert_eq!((&frozen["status"], &frozen["version"]), (&json!("FULFILLED"), &json!(2)));
    assert_eq!((&frozen["fulfilledAt"], frozen.get("cancelledAt")), (&frozen["updatedAt"], None));

    world.publish(customer("12345", 3)).await;
    let kept = read_after(&world, 3).await;
    assert_eq!((kept.json(), kept.header("etag")), (frozen.clone(), Some("\"2\"")));
    assert_eq!((&frozen["shippingAddress"]["city"], &frozen["customerVersion"]), (&json!(city(2)), &json!(2)));
}

#[tokio::test]
async fn an_address_change_never_hides_behind_a_304() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    world.place(&sample()).await;
    let same = world.get_with(ORDER, &[("If-None-Match", "\"1.1\"")]).await;
    assert_eq!((same.status, same.text.as_str(), same.header("etag")), (StatusCode::NOT_MODIFIED, "", Some("\"1.1\"")));
    assert_eq!(same.header("consistency-token"), Some(order_token("6119", 1).as_str()));
    world.knows(customer("12345", 2)).await;
    let newer = world.get_with(ORDER, &[("If-None-Match", "\"1.1\"")]).await;
    assert_eq!((newer.status, newer.header("etag")), (StatusCode::OK, Some("\"1.2\"")));
    assert_eq!(world.get_with(ORDER, &[("If-Match", "\"1.1\"")]).await.status, StatusCode::PRECONDITION_FAILED);
    world.act("6119", "fulfil", &[]).await;
    assert_eq!(world.get_with(ORDER, &[("If-None-Match", "\"1.2\"")]).await.status, StatusCode::OK);
    assert_eq!(world.get_with(ORDER, &[("If-None-Match", "\"2\"")]).await.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn fulfilling_with_a_condition_freezes_exactly_what_the_client_saw() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    world.place(&sample()).await;
    world.knows(customer("12345", 2)).await;
    let stale = world.act("6119", "fulfil", &[("If-Match", "\"1.1\"")]).await;
    assert_eq!((stale.status, stale.header("etag")), (StatusCode::PRECONDITION_FAILED, Some("\"1.2\"")), "{stale:?}");
    assert_eq!(stale.header("consistency-token"), Some(order_token("6119", 1).as_str()));
    assert_eq!(world.get(ORDER).await.json()["status"], "PLACED");

    let seen = [("If-Match", "\"1.2\"")];
    let fulfilled = world.act("6119", "fulfil", &seen).await;
    assert_eq!((fulfilled.status, fulfilled.json()["customerVersion"].clone()), (StatusCode::OK, json!(2)));
    let again = world.act("6119", "fulfil", &seen).await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, fulfilled.json()), "its first answer may have been lost");
    for other in ["\"1.1\"", "\"1.3\"", "\"3\""] {
        let refused = world.act("6119", "fulfil", &[("If-Match", other)]).await;
        assert_eq!(
            (refused.status, refused.header("etag")),
            (StatusCode::PRECONDITION_FAILED, Some("\"2\"")),
            "{other}"
        );
    }
    assert_eq!(world.act("6119", "cancel", &seen).await.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(world.act("6119", "fulfil", &[("If-Match", "*")]).await.status, StatusCode::OK);
    assert_eq!(world.published(2).await.len(), 2);
}

#[tokio::test]
async fn whoever_is_deleted_keeps_their_orders_which_can_only_be_cancelled() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    world.place(&sample()).await;
    world.place(&small("other", "12345")).await;
    world.knows(deleted("12345", 2)).await;
    let read = world.get(ORDER).await;
    let order = read.json();
    assert_eq!(
        (read.status, &order["status"], &order["customerStatus"]),
        (StatusCode::OK, &json!("PLACED"), &json!("DELETED"))
    );
    assert_eq!(
        (&order["shippingAddress"]["city"], &order["customerName"]["lastName"]),
        (&json!(city(2)), &json!("Doe"))
    );

    let refused = world.act("6119", "fulfil", &[]).await;
    assert_eq!((refused.status, refused.problem().as_str()), (StatusCode::CONFLICT, "conflict"));
    assert_eq!(refused.header("consistency-token"), Some(order_token("6119", 1).as_str()));
    let cancelled = world.act("6119", "cancel", &[]).await;
    assert_eq!(cancelled.status, StatusCode::OK, "{cancelled:?}");
    let order = cancelled.json();
    assert_eq!((&order["customerStatus"], &order["customerVersion"]), (&json!("DELETED"), &json!(2)));
    assert_eq!(order["shippingAddress"]["city"], city(2));
}

#[tokio::test]
async fn an_address_that_is_gone_is_null_and_nothing_is_sent_there() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    world.place(&sample()).await;
    world.knows(without_address(customer("12345", 2), AddressType::Shipping)).await;
    let order = world.get(ORDER).await.json();
    assert_eq!(order.get("shippingAddress"), Some(&json!(null)), "said, not left out");
    assert_eq!(order["shipTo"], "SHIPPING");
    let refused = world.act("6119", "fulfil", &[]).await;
    assert_eq!((refused.status, refused.problem().as_str()), (StatusCode::CONFLICT, "conflict"));
    assert!(refused.text.contains("SHIPPING"), "{refused:?}");
    let cancelled = world.act("6119", "cancel", &[]).await;
    assert_eq!((cancelled.status, cancelled.json()["shippingAddress"].clone()), (StatusCode::OK, json!(null)));
    world.knows(customer("12345", 3)).await;
    assert_eq!(world.get(ORDER).await.json(), cancelled.json(), "frozen as it was last shown");
}

#[tokio::test]
async fn both_ends_may_be_asked_for_again_and_exclude_each_other() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    for (id, first, other, status) in [("a", "fulfil", "cancel", "FULFILLED"), ("b", "cancel", "fulfil", "CANCELLED")] {
        world.place(&small(id, "12345")).await;
        let done = world.act(id, first, &[]).await;
        assert_eq!((done.status, done.json()["status"].clone()), (StatusCode::OK, json!(status)), "{done:?}");
        let again = world.act(id, first, &[]).await;
        assert_eq!(
            (again.status, again.json(), again.header("etag")),
            (StatusCode::OK, done.json(), done.header("etag"))
        );
        let refused = world.act(id, other, &[]).await;
        assert_eq!((refused.status, refused.problem().as_str()), (StatusCode::CONFLICT, "conflict"), "{refused:?}");
        assert_eq!(refused.header("consistency-token"), Some(order_token(id, 2).as_str()));
        assert_eq!(world.get(&format!("/orders/{id}")).await.json(), done.json());
    }
    assert_eq!(world.act("nobody", "cancel", &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.published(4).await.len(), 4);
}

#[tokio::test]
async fn of_many_who_end_an_order_at_once_one_end_is_made() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    world.place(&sample()).await;
    let ends = (0..12).map(|number| world.act("6119", if number % 2 == 0 { "fulfil" } else { "cancel" }, &[]));
    let answers = futures_util::future::join_all(ends).await;
    let end = world.get(ORDER).await.json();
    for answer in &answers {
        match answer.status {
            StatusCode::OK => assert_eq!(answer.json(), end),
            StatusCode::CONFLICT => {}
            other => panic!("{other}: {answer:?}"),
        }
    }
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 6);
    assert_eq!(world.published(2).await.len(), 2);
}
