//! Several instances of one service share the partitions.

use std::collections::BTreeMap;

use bson::{Document, doc};

use crate::harness::{World, eventually};
use crate::thing::record;

const KEYS: usize = 60;

async fn round(world: &World, version: u64) -> BTreeMap<i32, i64> {
    let mut ends = BTreeMap::new();
    for key in 0..KEYS {
        let (partition, offset) = world.publish(&record(&format!("k{key}"), version)).await;
        ends.insert(partition, offset + 1);
    }
    ends
}

async fn all_at(world: &World, version: u64) {
    eventually(&format!("all at version {version}"), async || {
        let view = world.database.collection::<Document>("things.g1");
        let there = view.count_documents(doc! { "version": i64::try_from(version).unwrap() }).await.unwrap();
        if there == KEYS as u64 { Ok(()) } else { Err(there) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_move_between_instances_and_nothing_is_lost_or_parked() {
    let world = World::new().await;
    let first = world.start();
    round(&world, 1).await;
    all_at(&world, 1).await;

    let second = world.start();
    round(&world, 2).await;
    all_at(&world, 2).await;
    second.completes().await;

    first.stop().await;
    round(&world, 3).await;
    all_at(&world, 3).await;

    let third = world.start();
    round(&world, 4).await;
    second.die().await;
    let ends = round(&world, 5).await;
    all_at(&world, 5).await;
    third.completes().await;
    third.stop().await;
    assert_eq!(world.parked().await, Vec::<Document>::new());
    assert_eq!(world.checkpoints().await.into_iter().collect::<BTreeMap<_, _>>(), ends);
}
