//! What good events do to the view, in whatever order and however often they come.

use std::collections::BTreeMap;

use bson::{Bson, Document, doc};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use service_kit::projection::{Generation, Lookup};
use shared_events::envelope::encode;

use crate::harness::{World, eventually};
use crate::thing::{event, record};

#[tokio::test(flavor = "multi_thread")]
async fn events_are_applied_in_order_and_older_ones_change_nothing() {
    let world = World::new().await;
    let service = world.start();
    for version in [1, 2, 3, 2, 1, 3] {
        world.publish(&record("a", version)).await;
    }
    world.publish(&record("a", 4)).await;
    for version in [2, 3] {
        world.publish(&record("a", version)).await;
    }
    // Another key of the same topic comes last in its partition: when it is there, so is everything before it.
    world.publish(&record("a", 5)).await;
    service.reaches("a", 5).await;
    let found = service.find("a").await.unwrap();
    assert_eq!((found.version, found.view.text.as_str()), (5, "text 5"));
    assert_eq!(world.parked().await, Vec::<Document>::new());
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_nobody_gave_stays_and_one_that_is_left_out_becomes_null() {
    let world = World::new().await;
    let service = world.start();
    let mut first = event("a", 1);
    first.data.note = Some("$$ROOT".to_owned());
    world.publish(&encode(&first).unwrap()).await;
    service.reaches("a", 1).await;
    assert_eq!(service.find("a").await.unwrap().view.note.as_deref(), Some("$$ROOT"));

    let view = world.database.collection::<Document>("things.g1");
    view.update_one(doc! { "_id": "a" }, doc! { "$set": { "orders": 7 } }).await.unwrap();
    world.publish(&record("a", 2)).await;
    service.reaches("a", 2).await;
    let stored = view.find_one(doc! { "_id": "a" }).await.unwrap().unwrap();
    assert_eq!((stored.get("orders"), stored.get("note")), (Some(&Bson::Int32(7)), Some(&Bson::Null)));
    assert_eq!(stored.get_str("eventId").unwrap(), "a-2");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_not_yet_until_the_end_of_the_log_was_reached() {
    let world = World::new().await;
    world.publish(&record("a", 1)).await;
    let service = world.start();
    assert_eq!(service.reader.find("nobody").await.unwrap(), Lookup::NotYet);
    service.completes().await;
    assert_eq!(service.reader.find("nobody").await.unwrap(), Lookup::Missing);
    assert_eq!(service.find("a").await.unwrap().version, 1);
    service.stop().await;

    // A restart remembers.
    let service = world.start();
    service.completes().await;
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_stores_the_position_and_then_tells_the_group() {
    let world = World::new().await;
    let service = world.start();
    let mut ends = BTreeMap::new();
    for key in 0..200 {
        let (partition, offset) = world.publish(&record(&format!("k{key}"), 1)).await;
        ends.insert(partition, offset + 1);
    }
    eventually("all positions applied", async || {
        let report = service.reader.standing();
        let there = ends.iter().all(|(partition, end)| {
            report.partitions.iter().any(|known| known.partition == *partition && known.next == *end)
        });
        if there { Ok(()) } else { Err(report) }
    })
    .await;
    let outcome = service.stop().await;
    assert_eq!(outcome.exit_code(), 0, "{outcome:?}");
    let ends: Vec<_> = ends.into_iter().collect();
    assert_eq!(world.checkpoints().await, ends);
    assert_eq!(world.committed().await, ends);
}

#[tokio::test(flavor = "multi_thread")]
async fn caught_up_says_per_partition_how_far_behind_it_is() {
    let world = World::new().await;
    let (partition, offset) = world.publish(&record("a", 1)).await;
    let service = world.start();
    let report = eventually("caught up", async || {
        let report = service.reader.standing();
        if report.caught_up { Ok(report) } else { Err(report) }
    })
    .await;
    assert_eq!((report.projection, report.generation, report.partitions.len()), ("things", Some(Generation(1)), 3));
    let known = report.partitions.iter().find(|known| known.partition == partition).unwrap();
    assert_eq!((known.next, known.end, known.behind()), (offset + 1, Some(offset + 1), Some(0)));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_order_with_any_repeats_gives_the_same_view_live_and_read_again() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut history: Vec<(usize, u64)> =
        (0..600).map(|_| (random.random_range(0..12), random.random_range(1..40))).collect();
    history.shuffle(&mut random);
    let world = World::new().await;
    let service = world.start();
    let mut newest = BTreeMap::new();
    for (key, version) in &history {
        world.publish_quickly(&record(&format!("k{key}"), *version));
        let known: &mut u64 = newest.entry(format!("k{key}")).or_default();
        *known = (*known).max(*version);
    }
    world.flush().await;
    for (key, version) in &newest {
        service.reaches(key, *version).await;
    }
    let live = world.view().await;
    service.stop().await;
    assert_eq!(live.iter().map(|(key, version, _)| (key.clone(), *version)).collect::<BTreeMap<_, _>>(), newest);

    // Twice over: nothing is left of the view, then nothing of the positions alone.
    for gone in [&["things.g1", "checkpoints"][..], &["checkpoints"]] {
        for collection in gone {
            world.database.collection::<Document>(collection).drop().await.unwrap();
        }
        let service = world.start();
        service.completes().await;
        service.stop().await;
        assert_eq!(world.view().await, live, "seed {seed}");
    }
    assert_eq!(world.parked().await, Vec::<Document>::new());
}
