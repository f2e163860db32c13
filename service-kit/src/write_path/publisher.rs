//! The hand-off to Kafka (rules 7 and 8): one place produces, in order, and never the new event without its carried
//! entries.
//!
//! Chains arrive on a bounded queue. When it is full, this chain is forgotten, never an older one while a newer goes
//! in; its document is found by a sweep. A failed delivery stops the producer as a whole: it is purged and replaced,
//! and the writer id is rotated, because what was behind the failed record must not pass it.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rdkafka::{
    ClientConfig, ClientContext, Message,
    error::{KafkaError, RDKafkaErrorCode},
    message::{Header, OwnedHeaders},
    producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, PurgeConfig, ThreadedProducer},
};
use shared_events::record::Record;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{
    log_check::Positions,
    writer::{Writer, Writers},
};
use crate::telemetry::KAFKA_CLIENT;

/// Aggregates per generation of [`Acknowledged`].
const REMEMBERED: usize = 8_192;
/// Pause before a full client queue, or a client that cannot be made, is tried again.
const PAUSE: Duration = Duration::from_millis(5);
/// How long a dropped client may take to end; it happens on a thread of its own.
const FLUSH_ON_DROP: Duration = Duration::from_secs(1);

/// What is to be told when the last record of a chain is acknowledged.
#[derive(Debug)]
pub(crate) enum Ticket {
    /// Rule 5: the number is done. Dropped unfinished, the number stays open.
    Commit { writer: Arc<Writer>, seq: u64 },
    /// A sweep waits before it marks the document (rule 9).
    Sweep(oneshot::Sender<()>),
}

impl Ticket {
    pub(crate) fn commit(writer: Arc<Writer>, seq: u64) -> Self {
        Self::Commit { writer, seq }
    }

    fn acknowledged(self) {
        match self {
            Self::Commit { writer, seq } => writer.tracker.finish(seq),
            // The sweep may have been stopped meanwhile.
            Self::Sweep(waiting) => drop(waiting.send(())),
        }
    }
}

/// A document's events, oldest first, the last one its current version's.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) id: String,
    pub(crate) records: Vec<(u64, Record)>,
    pub(crate) ticket: Ticket,
}

/// The way in. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Publisher {
    queue: mpsc::Sender<Chain>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    on_the_way: Mutex<OnTheWay>,
    writers: Arc<Writers>,
    positions: Arc<Positions>,
    failed: Notify,
    overflowed: Notify,
}

/// What this producer instance has been given and Kafka has not acknowledged, per aggregate.
#[derive(Debug, Default)]
struct OnTheWay {
    /// Counts producer instances: late reports of a replaced one mean nothing.
    instance: u64,
    aggregates: HashMap<Arc<str>, Aggregate>,
    /// What Kafka acknowledged lately.
    acknowledged: Acknowledged,
    /// A chain was forgotten since the writer id was last rotated.
    overflowed: bool,
}

/// The newest acknowledged version of the aggregates that were published last. A chain that was built before an
/// acknowledgement and handed off after it would otherwise repeat what Kafka has. Bounded: two generations, of which the
/// older is forgotten; what is forgotten is at worst repeated.
#[derive(Debug, Default)]
struct Acknowledged {
    newer: HashMap<Arc<str>, u64>,
    older: HashMap<Arc<str>, u64>,
}

impl Acknowledged {
    fn version(&self, id: &str) -> u64 {
        self.newer.get(id).or_else(|| self.older.get(id)).copied().unwrap_or_default()
    }

    fn insert(&mut self, id: Arc<str>, version: u64) {
        if self.newer.len() >= REMEMBERED {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(id, version);
    }
}

#[derive(Debug, Default)]
struct Aggregate {
    /// Given and not acknowledged, in the order given.
    unacknowledged: VecDeque<u64>,
    /// Told when their version, or a later one, is acknowledged.
    waiting: Vec<(u64, Ticket)>,
}

impl Publisher {
    /// The publisher and the queue that its task reads.
    pub(crate) fn new(
        capacity: usize,
        writers: Arc<Writers>,
        positions: Arc<Positions>,
    ) -> (Self, mpsc::Receiver<Chain>) {
        let (queue, chains) = mpsc::channel(capacity);
        let shared = Shared {
            on_the_way: Mutex::default(),
            writers,
            positions,
            failed: Notify::new(),
            overflowed: Notify::new(),
        };
        (Self { queue, shared: Arc::new(shared) }, chains)
    }

    /// Straight after a commit. Never waits: what has no room is left to the sweep (rule 8).
    pub(crate) fn hand_off(&self, chain: Chain) {
        if self.queue.try_send(chain).is_err() {
            metrics::counter!("write_path_overflows_total").increment(1);
            self.shared.lock().overflowed = true;
            self.shared.overflowed.notify_one();
        }
    }

    /// Rule 12: one of the writer's numbers will never be done.
    pub(crate) fn rotate_away_from(&self, writer: &Writer) {
        if self.shared.writers.is_current(&writer.id) {
            self.shared.writers.rotate();
        }
    }

    /// From a sweep, which can wait for room.
    pub(crate) async fn hand_off_when_there_is_room(&self, chain: Chain) {
        // A closed queue drops the chain: the sweep sees its ticket dropped and marks nothing.
        drop(self.queue.send(chain).await);
    }
}

/// The publisher's task: ends when `stop` is called, after its owner has waited for what must be acknowledged.
pub(crate) async fn run(
    publisher: Publisher,
    mut chains: mpsc::Receiver<Chain>,
    config: ClientConfig,
    topic: String,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let shared = Arc::clone(&publisher.shared);
    let mut producer = new_producer(&config, &shared).await?;
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            () = shared.failed.notified() => producer = replace_producer(producer, &config, &shared).await?,
            () = shared.overflowed.notified(), if publisher.queue.capacity() > 0 => shared.rotate_after_overflow(),
            chain = chains.recv() => {
                let Some(chain) = chain else { break };
                produce(&producer, &topic, chain, &shared, &stop).await;
                if publisher.queue.capacity() > 0 {
                    shared.rotate_after_overflow();
                }
            }
        }
    }
    drop_off_the_runtime(producer);
    Ok(())
}

/// Rule 7: gives the client each record of the chain that this instance has not been given yet.
async fn produce(producer: &KafkaProducer, topic: &str, chain: Chain, shared: &Shared, stop: &CancellationToken) {
    let id: Arc<str> = chain.id.into();
    let Some((last, _)) = chain.records.last() else { return };
    let last = *last;
    let instance = producer.context().instance;
    for (version, record) in chain.records {
        if shared.was_given(&id, version) {
            continue;
        }
        loop {
            // Marked under the same lock as sent: the report of a fast broker must find it.
            match shared.give(producer, topic, &id, version, &record, instance) {
                Given::Yes => break,
                Given::ProducerIsGone => return,
                Given::ClientQueueIsFull => tokio::select! {
                    () = tokio::time::sleep(PAUSE) => {}
                    () = stop.cancelled() => return,
                },
            }
        }
    }
    shared.wait_for(id, last, chain.ticket, instance);
}

enum Given {
    Yes,
    ClientQueueIsFull,
    ProducerIsGone,
}

impl Shared {
    fn was_given(&self, id: &str, version: u64) -> bool {
        let on_the_way = self.lock();
        let given = on_the_way.aggregates.get(id).and_then(|aggregate| aggregate.unacknowledged.back()).copied();
        version <= given.unwrap_or_else(|| on_the_way.acknowledged.version(id))
    }

    fn give(
        &self,
        producer: &KafkaProducer,
        topic: &str,
        id: &Arc<str>,
        version: u64,
        record: &Record,
        instance: u64,
    ) -> Given {
        let mut on_the_way = self.lock();
        if on_the_way.instance != instance {
            return Given::ProducerIsGone;
        }
        let opaque = Box::new(Delivery { id: Arc::clone(id), version });
        let kafka_record = BaseRecord::with_opaque_to(topic, opaque)
            .key(record.key.as_str())
            .payload(record.value.as_slice())
            .headers(headers(record));
        match producer.send(kafka_record) {
            Ok(()) => {
                on_the_way.aggregates.entry(Arc::clone(id)).or_default().unacknowledged.push_back(version);
                Given::Yes
            }
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => Given::ClientQueueIsFull,
            Err((error, _)) => {
                self.fail(&mut on_the_way, &error.to_string());
                Given::ProducerIsGone
            }
        }
    }

    /// Registers the ticket, or honours it at once when everything it waits for is acknowledged already.
    fn wait_for(&self, id: Arc<str>, version: u64, ticket: Ticket, instance: u64) {
        let mut on_the_way = self.lock();
        if on_the_way.instance != instance {
            return;
        }
        match on_the_way.aggregates.get_mut(&id) {
            Some(aggregate) => aggregate.waiting.push((version, ticket)),
            // Nothing of it is on the way: all that was given has been acknowledged.
            None => ticket.acknowledged(),
        }
    }

    /// Kafka has this record. Reports of one aggregate must come in the order of the hand-off.
    fn acknowledge(&self, instance: u64, delivery: &Delivery, partition: i32, offset: i64, event_id: Option<&str>) {
        let mut on_the_way = self.lock();
        if on_the_way.instance != instance {
            return;
        }
        let Some(aggregate) = on_the_way.aggregates.get_mut(&delivery.id) else { return };
        if aggregate.unacknowledged.pop_front() != Some(delivery.version) {
            return self.fail(&mut on_the_way, "deliveries of one aggregate were reported out of order");
        }
        let (done, waiting) =
            std::mem::take(&mut aggregate.waiting).into_iter().partition(|(version, _)| *version <= delivery.version);
        aggregate.waiting = waiting;
        if aggregate.unacknowledged.is_empty() && aggregate.waiting.is_empty() {
            on_the_way.aggregates.remove(&delivery.id);
        }
        on_the_way.acknowledged.insert(Arc::clone(&delivery.id), delivery.version);
        drop(on_the_way);
        let done: Vec<(u64, Ticket)> = done;
        done.into_iter().for_each(|(_, ticket)| ticket.acknowledged());
        self.positions.published(partition, offset, event_id);
    }

    /// A delivery failed. Nothing of this instance counts any more; its numbers stay open, their documents are swept.
    fn fail(&self, on_the_way: &mut OnTheWay, cause: &str) {
        tracing::error!(cause, "a delivery to Kafka failed for good; replacing the producer");
        metrics::counter!("write_path_producers_replaced_total").increment(1);
        on_the_way.instance += 1;
        on_the_way.aggregates.clear();
        on_the_way.acknowledged = Acknowledged::default();
        on_the_way.overflowed = false;
        // Rule 12: before the next commit takes a number, so that no hole is hidden behind a living writer.
        self.writers.rotate();
        self.failed.notify_one();
    }

    /// Rule 12: room again after an overflow; the forgotten chains belong to an id that falls silent now.
    fn rotate_after_overflow(&self) {
        if std::mem::take(&mut self.lock().overflowed) {
            self.writers.rotate();
        }
    }

    fn lock(&self) -> MutexGuard<'_, OnTheWay> {
        self.on_the_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn headers(record: &Record) -> OwnedHeaders {
    record.headers.iter().fold(OwnedHeaders::new_with_capacity(record.headers.len()), |headers, (key, value)| {
        headers.insert(Header { key, value: Some(value) })
    })
}

type KafkaProducer = ThreadedProducer<Reports>;

/// What a record carries through the client.
#[derive(Debug)]
pub(crate) struct Delivery {
    id: Arc<str>,
    version: u64,
}

/// Receives the client's reports, on the client's own thread.
struct Reports {
    instance: u64,
    shared: Arc<Shared>,
}

impl ClientContext for Reports {
    fn error(&self, error: KafkaError, reason: &str) {
        // Brokers come and go; the client reconnects for ever. A fatal error also fails a delivery.
        tracing::warn!(target: KAFKA_CLIENT, %error, reason, "the producer reports a fault");
    }
}

impl ProducerContext for Reports {
    type DeliveryOpaque = Box<Delivery>;

    fn delivery(&self, result: &DeliveryResult<'_>, delivery: Self::DeliveryOpaque) {
        match result {
            Ok(message) => {
                let event_id = event_id(message);
                self.shared.acknowledge(
                    self.instance,
                    &delivery,
                    message.partition(),
                    message.offset(),
                    event_id.as_deref(),
                );
            }
            Err((error, _)) => {
                let mut on_the_way = self.shared.lock();
                if on_the_way.instance == self.instance {
                    self.shared.fail(&mut on_the_way, &error.to_string());
                }
            }
        }
    }
}

fn event_id(message: &impl Message) -> Option<String> {
    use rdkafka::message::Headers;
    let headers = message.headers()?;
    let header = headers.iter().find(|header| header.key == "ce_id")?;
    std::str::from_utf8(header.value?).ok().map(str::to_owned)
}

async fn new_producer(config: &ClientConfig, shared: &Arc<Shared>) -> anyhow::Result<KafkaProducer> {
    let instance = shared.lock().instance;
    let context = Reports { instance, shared: Arc::clone(shared) };
    let config = config.clone();
    // Creating a client starts threads and may read files: not on a thread that serves requests.
    Ok(tokio::task::spawn_blocking(move || config.create_with_context(context)).await??)
}

/// Rule 7: the old client must not send what is still in it.
async fn replace_producer(
    old: KafkaProducer,
    config: &ClientConfig,
    shared: &Arc<Shared>,
) -> anyhow::Result<KafkaProducer> {
    old.purge(PurgeConfig::default().queue().inflight());
    drop_off_the_runtime(old);
    new_producer(config, shared).await
}

/// Dropping a client joins its threads, which may wait for a broker.
fn drop_off_the_runtime(producer: KafkaProducer) {
    std::thread::spawn(move || {
        // What matters was acknowledged before, or is swept.
        drop(producer.flush(FLUSH_ON_DROP));
        drop(producer);
    });
}
