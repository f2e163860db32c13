//! A log that is not the one the copy was made from (D4): noticed at the start, in one sentence with the remedy.

use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use service_kit::kafka::{Role, TopicError, ensure_topic};
use service_kit::projection::Projection;
use service_kit::supervisor::Outcome;

use crate::harness::{World, eventually};
use crate::thing::{Things, record};

/// Deletes the topic and makes one of the same name, with nothing in it.
async fn recreate(world: &mut World) {
    let admin: AdminClient<DefaultClientContext> = world.kafka.client().create().unwrap();
    admin.delete_topics(&[&world.topic()], &AdminOptions::new()).await.unwrap();
    eventually("the topic gone", async || match ensure_topic(&world.kafka, &Things::TOPIC, Role::Reader).await {
        Err(TopicError::NotYet(_)) => Ok(()),
        still => Err(still),
    })
    .await;
    eventually("the topic made again", async || ensure_topic(&world.kafka, &Things::TOPIC, Role::Owner).await).await;
    world.renew_producer();
}

fn sentence(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Refused(refused) => refused.to_string(),
        Outcome::Stopped | Outcome::Failed(_) | Outcome::Cut { .. } => panic!("not refused: {outcome:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_ends_before_the_checkpoint_stops_the_service() {
    let mut world = World::new().await;
    let service = world.start();
    world.publish(&record("a", 1)).await;
    service.reaches("a", 1).await;
    service.stop().await;
    recreate(&mut world).await;
    let outcome = world.start().ended().await;
    assert!(sentence(&outcome).contains("recreated or restored from an older copy"), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recreated_topic_with_other_records_stops_the_service() {
    let mut world = World::new().await;
    let service = world.start();
    world.publish(&record("a", 1)).await;
    service.reaches("a", 1).await;
    service.stop().await;
    recreate(&mut world).await;
    for version in [7, 8] {
        world.publish(&record("a", version)).await;
    }
    let outcome = world.start().ended().await;
    let sentence = sentence(&outcome);
    assert!(
        sentence.contains("the topic was recreated") && sentence.contains("drop this service's database"),
        "{sentence}"
    );
}
