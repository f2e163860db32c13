//! Rules 2 and 9 of the write path: what a dead process did not publish, another one finds and publishes.

use std::sync::Arc;

use crate::killed_accounts::acknowledge_more;
use crate::load::{Load, hot_customers};
use crate::oracle::{Oracle, heal_and_judge};
use crate::support::client::Instances;
use crate::support::extent::seed;
use crate::support::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_instance_left_unpublished_is_published_by_the_other_one() {
    let seed = seed("one of two accounts killed");
    let (world, oracle) = (World::new().await, Arc::new(Oracle::default()));
    let (one, other, orders) = tokio::join!(world.accounts(), world.accounts(), world.orders());
    let hot = hot_customers(4, one.url(), &oracle).await;
    let instances = Instances::of([one.url(), other.url()]);
    let load = Load::start(32, seed, &instances, &oracle, &hot);
    acknowledge_more(&oracle, 1_000).await;
    one.kill9().await;
    instances.set([other.url()]);
    acknowledge_more(&oracle, 500).await;
    load.end().await;

    // The killed one is not started again.
    let figures = heal_and_judge(&world, &oracle).await;
    println!("one of two accounts killed: {figures}");
    other.stop().await;
    orders.stop().await;
    world.end().await;
}
