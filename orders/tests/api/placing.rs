//! `POST /orders` and `GET /orders/{id}`: an order against the copy of the customers.

use reqwest::StatusCode;
use serde_json::json;
use shared_events::customer::AddressType;

use crate::bodies::{anonymous, placed_at, sample, small, with};
use crate::customer::{deleted, sample as customer, without_address};
use crate::harness::{World, order_token, token};

#[tokio::test]
async fn the_well_known_sample_is_placed_and_read_back() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    let placed = world.place(&sample()).await;
    assert_eq!(placed.header("location"), Some("/orders/6119"));
    assert_eq!(placed.header("etag"), Some("\"1.1\""));
    assert_eq!(placed.header("consistency-token"), Some(order_token("6119", 1).as_str()));
    let order = placed.json();
    let mut expected = json!({
        "id": "6119",
        "customerId": "12345",
        "customerName": { "title": "Mr.", "firstName": "John", "middleName": "S.", "lastName": "Doe", "suffix": "Jr." },
        "customerVersion": 1,
        "customerStatus": "ACTIVE",
        "items": [
            {"itemId": "z3333", "title": "Coffee", "description": "Whole beans", "quantity": 6,
             "unitPrice": {"amount": "12.50", "currency": "USD"}},
            {"itemId": "z4444", "quantity": 3, "unitPrice": {"amount": "3.75", "currency": "USD"}},
        ],
        "shipTo": "SHIPPING",
        "shippingAddress": { "type": "SHIPPING", "address1": "123 Oak Street", "city": "Sunset 1", "state": "CA",
                             "postalCode": "12345-6789" },
        "status": "PLACED",
        "total": {"amount": "86.25", "currency": "USD"},
        "version": 1,
    });
    assert_eq!(order["placedAt"], order["updatedAt"]);
    for time in ["placedAt", "updatedAt"] {
        expected[time] = order[time].clone();
    }
    assert_eq!(order, expected);

    let read = world.get("/orders/6119").await;
    assert_eq!((read.status, read.json()), (StatusCode::OK, order));
    for header in ["etag", "consistency-token"] {
        assert_eq!(read.header(header), placed.header(header));
    }
    assert_eq!(world.get("/orders/6120").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_id_is_made_when_none_is_given() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    let [one, two] = [world.place(&anonymous(sample())).await, world.place(&anonymous(sample())).await];
    assert_ne!(one.header("location"), two.header("location"), "without id or key each request is one of its own");
    let order = one.json();
    let id = order["id"].as_str().unwrap();
    assert_eq!((id.len(), id.as_bytes()[14]), (36, b'7'), "a UUID of version 7: {id}");
}

#[tokio::test]
async fn an_unknown_a_deleted_and_an_addressless_customer_are_told_apart() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    world.knows(deleted("gone", 2)).await;
    world.knows(without_address(customer("billed", 1), AddressType::Shipping)).await;
    let bare = without_address(without_address(customer("bare", 1), AddressType::Shipping), AddressType::Billing);
    world.knows(bare).await;

    let unknown = world.post("/orders", &small("a", "nobody-7")).await;
    assert_eq!((unknown.status, unknown.problem().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "invalid-content"));
    assert_eq!(unknown.pointers(), ["/customerId"]);
    assert!(unknown.text.contains("nobody-7"), "{unknown:?}");

    let gone = world.post("/orders", &small("a", "gone")).await;
    assert_eq!((gone.status, gone.problem().as_str()), (StatusCode::CONFLICT, "conflict"), "{gone:?}");

    for (id, ship_to, there) in [
        ("12345", json!("SHIPPING_ALTERNATE"), "BILLING, SHIPPING"),
        ("billed", json!("SHIPPING"), "BILLING"),
        ("bare", json!(null), "no other"),
    ] {
        let refused = world.post("/orders", &with(small("a", id), "/shipTo", ship_to)).await;
        assert_eq!(
            (refused.status, refused.pointers()),
            (StatusCode::UNPROCESSABLE_ENTITY, vec!["/shipTo".to_owned()])
        );
        assert!(refused.text.contains(there), "{refused:?}");
    }
    assert_eq!(world.stored().await, []);
    let billed = world.place(&small("a", "billed")).await.json();
    assert_eq!((&billed["shipTo"], &billed["shippingAddress"]["type"]), (&json!("BILLING"), &json!("BILLING")));
}

#[tokio::test]
async fn a_customer_that_a_token_names_is_waited_for() {
    let world = World::new().await;
    let (token, order) = (token("12345", 2), sample());
    let headers = [("Consistency-Token", token.as_str()), ("Prefer", "wait=30")];
    // The request is on its way before accounts' events are in the log.
    let (placed, ()) = tokio::join!(world.post_with("/orders", &headers, &order), async {
        world.publish(customer("12345", 1)).await;
        world.publish(customer("12345", 2)).await;
    });
    assert_eq!(placed.status, StatusCode::CREATED, "{placed:?}");
    assert_eq!(placed.json()["shippingAddress"]["city"], "Sunset 2");

    let token = crate::harness::token("12345", 3);
    let headers = [("Consistency-Token", token.as_str()), ("Prefer", "wait=0")];
    let refused = world.post_with("/orders", &headers, &small("b", "12345")).await;
    assert_eq!((refused.status, refused.problem().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "not-yet-consistent"));
    assert!(refused.header("retry-after").is_some());
    assert_eq!(world.stored().await.len(), 1);
}

#[tokio::test]
async fn while_the_copy_has_not_reached_the_end_of_its_log_nobody_is_called_unknown() {
    let world = World::before_accounts().await;
    let refused = world.post("/orders", &small("a", "12345")).await;
    assert_eq!((refused.status, refused.problem().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "unavailable"));
    assert!(refused.header("retry-after").is_some());
    assert_eq!(world.stored().await, []);
}

#[tokio::test]
async fn a_sample_may_say_when_it_was_placed_and_nothing_else_of_it_moves() {
    let world = World::with(&[("samples.placed_at", "true")]).await;
    world.knows(customer("12345", 1)).await;
    let placed = world.place(&placed_at("a", "12345", "2026-02-01T01:30:00+02:00")).await.json();
    assert_eq!(placed["placedAt"], "2026-01-31T23:30:00.000Z");
    let event = world.published(1).await.remove(0);
    assert_eq!(event.data.order.placed_at.to_string(), "2026-01-31T23:30:00.000Z");
    assert_eq!(placed["updatedAt"], event.envelope.time.to_string());
    assert!(event.envelope.time > event.data.order.placed_at);
    let future = world.post("/orders", &placed_at("b", "12345", "2999-01-01T00:00:00Z")).await;
    assert_eq!((future.status, future.pointers()), (StatusCode::UNPROCESSABLE_ENTITY, vec!["/placedAt".to_owned()]));
}
