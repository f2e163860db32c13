//! Rule 11: a clean stop leaves nothing to anybody else.

use std::sync::Arc;
use std::time::Instant;

use crate::killed_accounts::acknowledge_more;
use crate::load::{Load, hot_customers};
use crate::oracle::{History, Oracle, Verdict, heal_and_judge};
use crate::support::client::Instances;
use crate::support::extent::seed;
use crate::support::topic::Topic;
use crate::support::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_is_stopped_under_load_has_published_everything_when_it_has_ended() {
    let seed = seed("SIGTERM of accounts");
    let (world, oracle) = (World::new().await, Arc::new(Oracle::default()));
    let (accounts, orders) = tokio::join!(world.accounts(), world.orders());
    let hot = hot_customers(4, accounts.url(), &oracle).await;
    let instances = Instances::of([accounts.url()]);
    let load = Load::start(64, seed, &instances, &oracle, &hot);
    acknowledge_more(&oracle, 1_000).await;

    let begin = Instant::now();
    let status = accounts.stop().await;
    let took = begin.elapsed();
    instances.set([]);
    load.end().await;
    assert!(status.success(), "the service ended with {status}");

    let mut history = History::default();
    history.extend(Topic::new(&world.servers.kafka_brokers, &world.topic()).read_on().await);
    for attempt in oracle.attempts() {
        if let Verdict::Acknowledged { version, .. } = attempt.verdict {
            assert!(history.event(&attempt.id, version).is_some(), "{} {version} is not published", attempt.id);
        }
    }
    let figures = heal_and_judge(&world, &oracle).await;
    println!("SIGTERM of accounts: ended after {took:?}; {figures}");
    assert!(orders.stop().await.success());
    world.end().await;
}
