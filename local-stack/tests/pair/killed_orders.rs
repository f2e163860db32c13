//! G3 under `kill -9` of the consumer: the copy catches up, never steps back, and the offsets that it has committed to
//! Kafka never pass what it has applied.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::killed_accounts::acknowledge_more;
use crate::load::{Load, hot_customers};
use crate::oracle::{History, Oracle, Watch, heal_and_judge};
use crate::support::client::Instances;
use crate::support::databases::{self, version};
use crate::support::extent::{extent, seed};
use crate::support::topic::{Entry, Topic};
use crate::support::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_copy_is_complete_when_orders_is_killed_under_load() {
    let seed = seed("kill -9 of orders");
    let mut rng = StdRng::seed_from_u64(seed);
    let (world, oracle) = (World::new().await, Arc::new(Oracle::default()));
    let (accounts, mut orders) = tokio::join!(world.accounts(), world.orders());
    let hot = hot_customers(8, accounts.url(), &oracle).await;
    let watch = Watch::of(&world, hot.ids()).await;
    let load = Load::start(64, seed, &Instances::of([accounts.url()]), &oracle, &hot);

    let mut log = Log::of(&world);
    for _ in 0..extent(3, 20) {
        acknowledge_more(&oracle, rng.random_range(200..1_000)).await;
        tokio::time::sleep(Duration::from_micros(rng.random_range(0..5_000))).await;
        orders.kill9().await;
        log.assert_nothing_committed_before_it_is_applied(&world).await;
        orders = world.orders().await;
    }
    load.end().await;

    let figures = heal_and_judge(&world, &oracle).await;
    log.assert_nothing_committed_before_it_is_applied(&world).await;
    println!("kill -9 of orders: {figures}, {} samples of the copy", watch.end().await);
    accounts.stop().await;
    orders.stop().await;
    world.end().await;
}

/// The topic's records with their places.
struct Log {
    topic: Topic,
    entries: Vec<Entry>,
    history: History,
}

impl Log {
    fn of(world: &World) -> Self {
        let topic = Topic::new(&world.servers.kafka_brokers, &world.topic());
        Self { topic, entries: Vec::new(), history: History::default() }
    }

    /// Asked while nobody consumes, so that both sides stand still.
    async fn assert_nothing_committed_before_it_is_applied(&mut self, world: &World) {
        let new = self.topic.read_on().await;
        self.history.extend(new.clone());
        self.entries.extend(new);
        let committed = self.topic.committed(&format!("{}orders.customers", world.prefix)).await;
        let applied = databases::checkpoints(world).await;
        let copies = databases::copies(world).await;
        let mut due: BTreeMap<&str, u64> = BTreeMap::new();
        for entry in &self.entries {
            let next = [&committed, &applied].iter().filter_map(|places| places.get(&entry.partition)).max();
            if next.is_some_and(|next| entry.offset < *next) {
                let id = std::str::from_utf8(entry.key.as_deref().unwrap()).unwrap();
                let version: u64 = entry.header("ce_sequence").unwrap().parse().unwrap();
                let newest = due.entry(id).or_default();
                *newest = version.max(*newest);
            }
        }
        for (id, due) in due {
            let copied = copies.get(id).map(version);
            assert!(copied >= Some(due), "{id}: the offsets say version {due}, the copy has {copied:?}");
        }
    }
}
