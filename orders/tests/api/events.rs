//! What the world is told of what a client did.

use std::collections::HashMap;

use serde_json::json;
use shared_events::order::{CANCELLED, FULFILLED, OrderChange, OrderStatus, PLACED};

use crate::bodies::{sample, small};
use crate::customer::{city, sample as customer};
use crate::harness::World;

#[tokio::test]
async fn each_change_is_an_event_with_the_whole_state_and_versions_have_no_gap() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let traced = format!("00-{trace}-00f067aa0ba902b7-01");
    world.post_with("/orders", &[("traceparent", &traced)], &sample()).await;
    world.place(&small("other", "12345")).await;
    world.knows(customer("12345", 2)).await;
    let fulfilled = world.act("6119", "fulfil", &[]).await.json();
    world.act("other", "cancel", &[]).await;

    let mut by_order: HashMap<String, Vec<_>> = HashMap::new();
    for event in world.published(4).await {
        by_order.entry(event.envelope.subject.clone()).or_default().push(event);
    }
    let told = |id: &str| -> Vec<_> {
        by_order[id].iter().map(|event| (event.envelope.kind.as_str(), event.envelope.sequence)).collect()
    };
    assert_eq!(told("6119"), [(PLACED, 1), (FULFILLED, 2)]);
    assert_eq!(told("other"), [(PLACED, 1), (CANCELLED, 2)]);

    let [placed, sent] = [0, 1].map(|index| by_order["6119"][index].clone());
    assert!(placed.envelope.traceparent.unwrap().starts_with(&format!("00-{trace}-")));
    assert_eq!(
        (placed.envelope.source.as_str(), placed.envelope.dataschema.as_str()),
        ("/orders/6119", "/schemas/order/v1.json")
    );
    assert_eq!(placed.data.changed, ["customerId", "items", "shipTo", "total"]);
    let OrderChange { order, changed } = sent.data;
    assert_eq!(changed, ["status", "recipient", "fulfilledAt"]);
    assert_eq!((order.status, order.fulfilled_at), (OrderStatus::Fulfilled, Some(sent.envelope.time)));
    assert_eq!(order.placed_at, placed.data.order.placed_at);
    let recipient = order.recipient.unwrap();
    assert_eq!((recipient.customer_version, recipient.address.unwrap().city), (2, city(2)));
    assert_eq!(json!(recipient.name), fulfilled["customerName"]);
}

#[tokio::test]
async fn the_schema_that_events_point_at_is_served_and_fits_them() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    world.place(&sample()).await;
    world.act("6119", "fulfil", &[]).await;
    let events = world.published(2).await;
    let served = world.get(&events[0].envelope.dataschema).await;
    assert_eq!(served.header("content-type"), Some("application/schema+json"));
    let (mut compiler, mut schemas) = (boon::Compiler::new(), boon::Schemas::new());
    compiler.add_resource("http://host/schema", served.json()).unwrap();
    let schema = compiler.compile("http://host/schema", &mut schemas).unwrap();
    for event in events {
        schemas.validate(&serde_json::to_value(&event.data).unwrap(), schema).unwrap();
    }
}
