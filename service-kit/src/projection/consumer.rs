//! Reads the topic on a thread of its own (`BaseConsumer`), and hands over what it read through a bounded channel.
//!
//! The thread never stops polling for long: while the view's database is away it lets go of its partitions' data, keeps
//! its place in the group, and fetches again from the first record that it could not hand over. Where it begins is always
//! told to it from our checkpoints; the group's offsets are a hint for other tools and are committed behind them.

mod pump;
mod rebalance;

use std::sync::Arc;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc, oneshot};

use self::pump::Pump;
use self::rebalance::Rebalances;
use super::link::{Item, Link};
use super::reading::Reader;

/// Items between the thread and the async side, and the bytes they may hold together, in KiB.
const CHANNEL: usize = 2_048;
pub(super) const ROOM_KIB: usize = 16 * 1024;

/// What the thread needs to know.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) projection: &'static str,
    pub(super) topic: String,
    /// A consumer's configuration, group included.
    pub(super) client: ClientConfig,
    pub(super) reader: Reader,
}

/// The async side's end of the thread.
#[derive(Debug)]
pub(super) struct Consuming {
    /// Closed when the thread hands over nothing more.
    pub(super) items: mpsc::Receiver<Item>,
    /// The cause, when the thread ends; without one it was told to.
    pub(super) ended: oneshot::Receiver<Result<(), String>>,
}

/// Starts the thread. It ends when `link` says so, or with a cause.
///
/// # Errors
/// The configuration is none that the client understands, or there is no thread to be had.
pub(super) fn start(source: Source, link: Arc<Link>) -> anyhow::Result<Consuming> {
    let (items, receiver) = mpsc::channel(CHANNEL);
    let (end, ended) = oneshot::channel();
    let consumer = subscribed(&source, &link)?;
    let pump = Pump::new(consumer, source, link, items, Arc::new(Semaphore::new(ROOM_KIB)), Handle::current());
    std::thread::Builder::new().name(format!("consume-{}", pump.projection())).spawn(move || {
        // Nobody listens any more when the process is about to end anyway.
        drop(end.send(pump.run()));
    })?;
    Ok(Consuming { items: receiver, ended })
}

fn subscribed(source: &Source, link: &Arc<Link>) -> KafkaResult<BaseConsumer<Rebalances>> {
    let mut client = source.client.clone();
    client
        // Reaching a partition's end is what "caught up" means.
        .set("enable.partition.eof", "true")
        // Eager: all partitions are given back at a rebalance, which keeps one simple rule: an epoch is an assignment.
        .set("partition.assignment.strategy", "range")
        .set("group.protocol", "classic")
        // The least that brokers allow: the partitions of a killed instance stand still for so long.
        .set("session.timeout.ms", "6000")
        .set("heartbeat.interval.ms", "1000");
    let consumer: BaseConsumer<Rebalances> = client.create_with_context(Rebalances::new(source, link))?;
    consumer.subscribe(&[&source.topic])?;
    Ok(consumer)
}

/// How long a rebalance waits for what is in flight.
const DRAIN: Duration = Duration::from_secs(5);
