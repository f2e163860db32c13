//! G1 and G2 under `kill -9`: whatever moment a process dies at, what it acknowledged is in the topic.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::load::{Load, hot_customers};
use crate::oracle::{Oracle, Watch, heal_and_judge};
use crate::support::client::Instances;
use crate::support::eventually::eventually;
use crate::support::extent::{extent, seed};
use crate::support::world::World;

const WRITERS: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_accounts_is_killed_under_load() {
    let seed = seed("kill -9 of accounts");
    let mut rng = StdRng::seed_from_u64(seed);
    let (world, oracle, instances) = (World::new().await, Arc::new(Oracle::default()), Instances::default());
    let (mut accounts, orders) = tokio::join!(world.accounts(), world.orders());
    let hot = hot_customers(8, accounts.url(), &oracle).await;
    let watch = Watch::of(&world, hot.ids()).await;
    instances.set([accounts.url()]);
    let load = Load::start(WRITERS, seed, &instances, &oracle, &hot);

    for _ in 0..extent(3, 20) {
        acknowledge_more(&oracle, rng.random_range(200..1_500)).await;
        tokio::time::sleep(Duration::from_micros(rng.random_range(0..5_000))).await;
        accounts.kill9().await;
        instances.set([]);
        accounts = world.accounts().await;
        instances.set([accounts.url()]);
    }
    acknowledge_more(&oracle, 200).await;
    load.end().await;

    let figures = heal_and_judge(&world, &oracle).await;
    println!("kill -9 of accounts: {figures}, {} samples of the copy", watch.end().await);
    accounts.stop().await;
    orders.stop().await;
    world.end().await;
}

/// Availability comes back, and this many changes are acknowledged.
pub(crate) async fn acknowledge_more(oracle: &Oracle, changes: u64) {
    let goal = oracle.acknowledged() + changes;
    eventually("changes are acknowledged", || async {
        let now = oracle.acknowledged();
        if now >= goal { Ok(()) } else { Err(format!("{now} of {goal}")) }
    })
    .await;
}
