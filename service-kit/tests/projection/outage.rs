//! A server that is away parks nothing and loses nothing.

use bson::{Document, doc};
use service_kit::projection::Lookup;

use crate::harness::{World, database, eventually};
use crate::proxy::Proxy;
use crate::thing::record;

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_mongodb_parks_nothing_and_everything_is_applied_after_it() {
    let world = World::new().await;
    let proxy = Proxy::to(&world.servers.mongodb_uri).await;
    let service = world.start_with(database(&proxy.uri(), &world.prefix).await);
    world.publish(&record("before", 1)).await;
    service.reaches("before", 1).await;
    service.completes().await;

    proxy.cut();
    // More than the channel holds, so that the consumer has to let go of its partitions and take them up again.
    for key in 0..3_000 {
        world.publish_quickly(&record(&format!("k{key}"), 1));
    }
    world.flush().await;
    // Each look gives up after a second: long enough for the consumer to run out of room and of patience.
    for _ in 0..3 {
        assert!(service.reader.find("k1").await.is_err());
    }
    proxy.heal();
    service.reaches("k2999", 1).await;
    let there = eventually("all of them", async || {
        let view = world.database.collection::<Document>("things.g1");
        let count = view.count_documents(doc! {}).await.unwrap();
        if count == 3_001 { Ok(count) } else { Err(count) }
    })
    .await;
    assert_eq!(there, 3_001);
    assert_eq!(world.parked().await, Vec::<Document>::new());
    assert_eq!(service.reader.find("nobody").await.unwrap(), Lookup::Missing);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_dropped_underneath_ends_the_process_and_the_next_one_builds_the_copy_again() {
    let world = World::new().await;
    let service = world.start();
    world.publish(&record("a", 1)).await;
    service.reaches("a", 1).await;
    world.database.drop().await.unwrap();
    world.publish(&record("b", 1)).await;
    let outcome = service.ended().await;
    assert_eq!(outcome.exit_code(), 1, "{outcome:?}");
    assert!(format!("{outcome:?}").contains("gone or have moved back"), "{outcome:?}");

    let service = world.start();
    service.reaches("a", 1).await;
    service.reaches("b", 1).await;
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_while_kafka_is_away_still_knows_that_the_copy_is_complete() {
    let mut world = World::new().await;
    let service = world.start();
    world.publish(&record("a", 1)).await;
    service.reaches("a", 1).await;
    service.completes().await;
    service.stop().await;

    world.kafka.brokers = "127.0.0.1:1".to_owned();
    let service = world.start();
    service.completes().await;
    assert_eq!(service.find("a").await.unwrap().version, 1);
    assert_eq!(service.reader.find("nobody").await.unwrap(), Lookup::Missing);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_dropped_under_an_idle_copy_ends_the_process_too() {
    let world = World::new().await;
    let service = world.start();
    world.publish(&record("a", 1)).await;
    service.completes().await;
    world.database.drop().await.unwrap();
    let outcome = service.ended().await;
    assert!(format!("{outcome:?}").contains("gone or have moved back"), "{outcome:?}");
}
