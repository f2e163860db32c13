//! G6 in a report: what cannot be read holds back its own order and no other.

use bson::{Document, doc};
use futures_util::TryStreamExt;
use shared_events::record::RawRecord;
use shared_events::topic::ORDER_CHANGE;

use super::{cancelled, placed, row};
use crate::harness::World;

#[tokio::test]
async fn behind_an_event_that_cannot_be_read_the_later_ones_of_its_order_wait_and_others_flow() {
    let world = World::new().await;
    world.order(placed("bad", "2026-11-27", &[("x", 5)])).await;
    world.counts("bad", 1).await;
    let garbage = RawRecord { key: Some(b"bad"), headers: vec![], value: Some(b"\x00\xff garbage") };
    world.publish_to(&ORDER_CHANGE, &garbage).await;
    // Had it been applied, nothing would tell whether what came before it is still counted.
    world.order(cancelled("bad", 3, "2026-11-27", &[("x", 5)])).await;
    world.order(placed("bad", "2026-11-27", &[("x", 5)])).await;
    for n in 0..10 {
        let id = format!("good-{n}");
        world.order(placed(&id, "2026-11-28", &[("x", 1)])).await;
        world.counts(&id, 1).await;
    }
    world.parks(2).await;
    assert_eq!(world.sold("").await, [row("x", 15, 11, "2026-11-28")]);

    let parked = world.database.collection::<Document>("parked");
    let found: Vec<Document> =
        parked.find(doc! {}).sort(doc! { "offset": 1 }).await.unwrap().try_collect().await.unwrap();
    let cause = |one: &Document| one.get_document("cause").unwrap().get_str("kind").unwrap().to_owned();
    let causes: Vec<String> = found.iter().map(cause).collect();
    assert_eq!(causes, ["undecodable", "waiting"], "{found:?}");
}
