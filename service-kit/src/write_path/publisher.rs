//! The hand-off to Kafka (rules 7 and 8): one place produces, in order, and never the new event without its carried
//! entries.
//!
//! Chains arrive on a bounded queue. When it is full, this chain is forgotten, never an older one while a newer goes
//! in; its document is found by a sweep. A failed delivery stops the producer as a whole: it is purged and replaced,
//! and the writer id is rotated, because what was behind the failed record must not pass it.

mod on_the_way;
mod producer;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rdkafka::{
    ClientConfig,
    error::{KafkaError, RDKafkaErrorCode},
    producer::{BaseRecord, Producer},
};
use shared_events::record::Record;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use self::{
    on_the_way::{OnTheWay, OutOfOrder},
    producer::{Delivery, KafkaProducer, drop_off_the_runtime, headers, new_producer, replace_producer},
};
use super::{
    log_check::Positions,
    writer::{Writer, Writers},
};

/// Pause before a full client queue, or a client that cannot be made, is tried again.
const PAUSE: Duration = Duration::from_millis(5);

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
            self.shared.lock().note_overflow();
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
    shared.wait_for(&id, last, chain.ticket, instance);
}

enum Given {
    Yes,
    ClientQueueIsFull,
    ProducerIsGone,
}

impl Shared {
    fn was_given(&self, id: &str, version: u64) -> bool {
        self.lock().was_given(id, version)
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
        if on_the_way.instance() != instance {
            return Given::ProducerIsGone;
        }
        let opaque = Box::new(Delivery { id: Arc::clone(id), version });
        let kafka_record = BaseRecord::with_opaque_to(topic, opaque)
            .key(record.key.as_str())
            .payload(record.value.as_slice())
            .headers(headers(record));
        match producer.send(kafka_record) {
            Ok(()) => {
                on_the_way.give(id, version);
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
    fn wait_for(&self, id: &str, version: u64, ticket: Ticket, instance: u64) {
        let mut on_the_way = self.lock();
        if on_the_way.instance() != instance {
            return;
        }
        if let Some(ticket) = on_the_way.keep(id, version, ticket) {
            ticket.acknowledged();
        }
    }

    /// Kafka has this record. Reports of one aggregate must come in the order of the hand-off.
    fn acknowledge(&self, instance: u64, delivery: &Delivery, partition: i32, offset: i64, event_id: Option<&str>) {
        let mut on_the_way = self.lock();
        if on_the_way.instance() != instance {
            return;
        }
        match on_the_way.acknowledge(&delivery.id, delivery.version) {
            Ok(done) => {
                drop(on_the_way);
                done.into_iter().for_each(Ticket::acknowledged);
                self.positions.published(partition, offset, event_id);
            }
            Err(OutOfOrder) => self.fail(&mut on_the_way, "deliveries of one aggregate were reported out of order"),
        }
    }

    /// A delivery failed. Nothing of this instance counts any more; its numbers stay open, their documents are swept.
    fn fail(&self, on_the_way: &mut OnTheWay, cause: &str) {
        tracing::error!(cause, "a delivery to Kafka failed for good; replacing the producer");
        metrics::counter!("write_path_producers_replaced_total").increment(1);
        on_the_way.begin_anew();
        // Rule 12: before the next commit takes a number, so that no hole is hidden behind a living writer.
        self.writers.rotate();
        self.failed.notify_one();
    }

    /// Rule 12: room again after an overflow; the forgotten chains belong to an id that falls silent now.
    fn rotate_after_overflow(&self) {
        if self.lock().take_overflow() {
            self.writers.rotate();
        }
    }

    fn lock(&self) -> MutexGuard<'_, OnTheWay> {
        self.on_the_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
