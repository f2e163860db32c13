//! What a dead, cut-off or overflowing writer left is published by whoever is alive (rules 8 to 12).

use std::collections::BTreeMap;

use bson::doc;
use service_kit::write_path::WritePathSettings;

use crate::harness::{World, eventually, settings};

/// Nothing listens there: a broker that cannot be reached.
const NOWHERE: &str = "127.0.0.1:9";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_writer_left_is_swept_by_another_in_order() {
    let world = World::new().await;
    let cut_off = world.start_with(&world.uri, NOWHERE, settings()).await;
    for text in ["1", "2", "3"] {
        if text == "1" {
            cut_off.create("a", text).await.unwrap()
        } else {
            cut_off.update("a", text).await.unwrap()
        };
    }
    cut_off.create("b", "1").await.unwrap();
    cut_off.crash().await;
    assert!(world.log().await.is_empty());
    let alive = world.start().await;
    world.assert_complete(&BTreeMap::from([("a".to_owned(), 3), ("b".to_owned(), 1)])).await;
    // Published, then marked: the next sweep has nothing to do.
    let notes = world.database().await.collection::<bson::Document>("notes");
    eventually("both documents are marked", || async {
        notes.count_documents(doc! { "published": true }).await.unwrap() == 2
    })
    .await;
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_living_writer_carries_what_a_dead_one_left() {
    let world = World::new().await;
    let cut_off = world.start_with(&world.uri, NOWHERE, settings()).await;
    cut_off.create("a", "1").await.unwrap();
    cut_off.update("a", "2").await.unwrap();
    cut_off.crash().await;
    // No sweep comes to help: the new writer's own hand-off must bring the older events along.
    let no_sweep = WritePathSettings { sweep_interval_ms: 3_600_000, suspect_after_ms: 3_600_000, ..settings() };
    let alive = world.start_with(&world.uri, &world.brokers, no_sweep).await;
    alive.update("a", "3").await.unwrap();
    world.assert_complete(&BTreeMap::from([("a".to_owned(), 3)])).await;
    // And once Kafka has them, they are carried no longer.
    eventually("the chain is empty again", || async {
        let stored = alive.update("a", "more").await.unwrap();
        let notes = world.database().await.collection::<bson::Document>("notes");
        let document = notes.find_one(doc! { "_id": "a", "version": stored.version as i64 }).await.unwrap().unwrap();
        document.get_array("unpublished").is_err()
    })
    .await;
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overflowing_hand_off_loses_nothing() {
    let world = World::new().await;
    let narrow = WritePathSettings { hand_off_queue: 1, ..settings() };
    let running = world.start_with(&world.uri, &world.brokers, narrow).await;
    let notes = world.database().await.collection::<bson::Document>("notes");
    let mut versions = BTreeMap::new();
    // How far the publisher keeps up is the machine's choice; an overflow shows by the id that is taken after it.
    for round in 0.. {
        assert!(round < 20, "nothing overflowed, so nothing was shown");
        let commits = (0..300).map(|i| {
            let (id, running) = (format!("n{round}-{i}"), &running);
            async move {
                running.create(&id, "1").await.unwrap();
                running.update(&id, "2").await.unwrap();
                (id, 2)
            }
        });
        versions.extend(futures_util::future::join_all(commits).await);
        if notes.distinct("change.writer", doc! {}).await.unwrap().len() > 1 {
            break;
        }
    }
    world.assert_complete(&versions).await;
    running.crash().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_long_a_chain_is_refused_not_dropped() {
    let world = World::new().await;
    let short = WritePathSettings { max_carried: 5, ..settings() };
    let cut_off = world.start_with(&world.uri, NOWHERE, short).await;
    cut_off.create("a", "1").await.unwrap();
    for _ in 0..5 {
        cut_off.update("a", "more").await.unwrap();
    }
    cut_off.update("a", "one too many").await.unwrap_err();
    cut_off.crash().await;
    let alive = world.start().await;
    world.assert_complete(&BTreeMap::from([("a".to_owned(), 6)])).await;
    alive.stop().await;
}
