//! The thread's loop: poll, read, hand over.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::{Offset, TopicPartitionList};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tracing::{info, warn};

use super::super::link::{Item, Link, Stopping, What};
use super::super::log::original;
use super::super::reading::Incoming;
use super::rebalance::{Rebalances, tell_group};
use super::{ROOM_KIB, Source};

/// How long `poll` may wait for a record: also how late a stop or a start is noticed.
const POLL: Duration = Duration::from_millis(100);
/// The same while a start position is awaited.
const POLL_IDLE: Duration = Duration::from_millis(10);
/// How long the thread waits for room before it lets go of its partitions' data and polls on.
const PATIENCE: Duration = Duration::from_secs(1);
/// Reading cannot go on from where it is (`auto.offset.reset=error`).
const OUT_OF_THE_LOG: [RDKafkaErrorCode; 2] = [RDKafkaErrorCode::AutoOffsetReset, RDKafkaErrorCode::OffsetOutOfRange];
/// A batch arrived damaged; the client would go on behind it.
const DAMAGED: [RDKafkaErrorCode; 2] = [RDKafkaErrorCode::BadMessage, RDKafkaErrorCode::BadCompression];
/// How often the group is told about stored checkpoints.
const HINT: Duration = Duration::from_secs(1);

pub(super) struct Pump {
    consumer: BaseConsumer<Rebalances>,
    source: Source,
    link: Arc<Link>,
    items: Option<mpsc::Sender<Item>>,
    room: Arc<Semaphore>,
    runtime: Handle,
    epoch: u64,
    /// The next offset of each partition that is being read; empty until a start was told.
    next: BTreeMap<i32, i64>,
    /// Read, and there was no room for it yet.
    held: Option<Read>,
    /// Partitions are assigned without data, because there was no room for longer than `PATIENCE`.
    stalled: bool,
    let_go_at: Instant,
    hinted: Instant,
}

/// Something that was read and is not handed over yet.
enum Read {
    Record(Box<Incoming>),
    End(i32),
}

impl Pump {
    pub(super) fn new(
        consumer: BaseConsumer<Rebalances>,
        source: Source,
        link: Arc<Link>,
        items: mpsc::Sender<Item>,
        room: Arc<Semaphore>,
        runtime: Handle,
    ) -> Self {
        Self {
            consumer,
            source,
            link,
            items: Some(items),
            room,
            runtime,
            epoch: 0,
            next: BTreeMap::new(),
            held: None,
            stalled: false,
            let_go_at: Instant::now(),
            hinted: Instant::now(),
        }
    }

    pub(super) fn projection(&self) -> &'static str {
        self.source.projection
    }

    /// Runs until it is told to leave, or until reading cannot go on.
    ///
    /// # Errors
    /// The cause, as a sentence with its remedy where there is one.
    pub(super) fn run(mut self) -> Result<(), String> {
        while self.link.stopping() < Stopping::Leaving {
            self.follow_epoch();
            self.stop_reading_when_told();
            self.begin_where_told()?;
            self.hand_over_held()?;
            self.tell_group_now_and_then();
            self.poll()?;
        }
        tell_group(&self.consumer, &self.link, CommitMode::Sync);
        // Dropping the consumer leaves the group and waits for it; that is why this is a thread of its own.
        Ok(())
    }

    fn follow_epoch(&mut self) {
        let epoch = self.link.epoch();
        if epoch != self.epoch {
            self.epoch = epoch;
            self.next.clear();
            self.held = None;
            self.stalled = false;
        }
    }

    /// The place in the group is kept, so that the partitions do not move before everything is stored.
    fn stop_reading_when_told(&mut self) {
        if self.link.stopping() >= Stopping::Reading && self.items.take().is_some() {
            self.held = None;
            self.let_go();
        }
    }

    fn begin_where_told(&mut self) -> Result<(), String> {
        let Some(offsets) = self.link.take_start() else { return Ok(()) };
        if self.items.is_some() {
            self.next = offsets;
            self.fetch_from_next()?;
        }
        Ok(())
    }

    fn fetch_from_next(&mut self) -> Result<(), String> {
        let mut start = TopicPartitionList::new();
        for (partition, offset) in &self.next {
            start
                .add_partition_offset(&self.source.topic, *partition, Offset::Offset(*offset))
                .map_err(|error| format!("partition {partition} cannot be read from offset {offset}: {error}"))?;
        }
        self.stalled = false;
        self.consumer.assign(&start).map_err(|error| format!("the partitions cannot be read: {error}"))
    }

    /// Fetches nothing more and keeps polling. (Not `pause`: resuming from it has been wrong in too many releases.)
    fn let_go(&mut self) {
        self.stalled = true;
        self.let_go_at = Instant::now();
        if let Err(error) = self.consumer.assign(&TopicPartitionList::new()) {
            warn!(projection = self.projection(), %error, "the partitions were not let go");
        }
    }

    fn poll(&mut self) -> Result<(), String> {
        let wait = if self.next.is_empty() && self.link.has_partitions() { POLL_IDLE } else { POLL };
        let (partition, read) = match self.consumer.poll(wait) {
            None => return Ok(()),
            Some(Ok(message)) => (message.partition(), Read::Record(Box::new(incoming(&message, &self.source)))),
            Some(Err(KafkaError::PartitionEOF(partition))) => (partition, Read::End(partition)),
            Some(Err(error)) => return self.fault(&error),
        };
        // The callbacks inside `poll` may have ended the epoch.
        self.follow_epoch();
        let wanted = self.next.get(&partition).is_some_and(|next| read.offset().is_none_or(|offset| offset >= *next));
        // What was on its way when the partitions were let go is fetched again.
        if self.stalled || !wanted {
            return Ok(());
        }
        if let Some(offset) = read.offset() {
            self.next.insert(partition, offset + 1);
        }
        self.held = self.hand_over(read, PATIENCE).err();
        if self.held.is_some() {
            info!(projection = self.projection(), "no room for more records: fetching nothing until there is");
            self.let_go();
        }
        Ok(())
    }

    /// Once there is room again, goes on from the first record that was not handed over.
    fn hand_over_held(&mut self) -> Result<(), String> {
        // Not at once: a batch that arrives damaged again and again must not become a busy loop.
        if !self.stalled || self.items.is_none() || self.let_go_at.elapsed() < POLL {
            return Ok(());
        }
        if let Some(read) = self.held.take() {
            self.held = self.hand_over(read, Duration::ZERO).err();
        }
        if self.held.is_none() { self.fetch_from_next() } else { Ok(()) }
    }

    /// Gives it back when there is no room in time.
    fn hand_over(&self, read: Read, patience: Duration) -> Result<(), Read> {
        let Some(items) = &self.items else { return Err(read) };
        let what = match read {
            Read::End(partition) => What::End(partition),
            Read::Record(incoming) => match self.room_for(&incoming, patience) {
                Some(permit) => What::Record(incoming, permit),
                None => return Err(Read::Record(incoming)),
            },
        };
        let slot = items.try_reserve().ok().or_else(|| self.wait(patience, items.reserve())?.ok());
        let Some(slot) = slot else { return Err(what.into()) };
        // Counted before it is sent, so that no rebalance takes it for settled.
        self.link.handed();
        slot.send(Item { epoch: self.epoch, what });
        Ok(())
    }

    fn room_for(&self, incoming: &Incoming, patience: Duration) -> Option<OwnedSemaphorePermit> {
        let kib = incoming.size() / 1024 + 1;
        let permits = u32::try_from(kib.min(ROOM_KIB)).unwrap_or(u32::MAX);
        let room = || Arc::clone(&self.room);
        let free = room().try_acquire_many_owned(permits).ok();
        free.or_else(|| self.wait(patience, room().acquire_many_owned(permits))?.ok())
    }

    fn wait<T>(&self, patience: Duration, something: impl Future<Output = T>) -> Option<T> {
        self.runtime.block_on(async { tokio::time::timeout(patience, something).await.ok() })
    }

    fn tell_group_now_and_then(&mut self) {
        if self.hinted.elapsed() >= HINT {
            self.hinted = Instant::now();
            tell_group(&self.consumer, &self.link, CommitMode::Async);
        }
    }

    /// Most faults heal by themselves inside the client; what it would skip over is fetched again instead.
    fn fault(&mut self, error: &KafkaError) -> Result<(), String> {
        let topic = &self.source.topic;
        if let KafkaError::MessageConsumptionFatal(code) = error {
            return Err(format!("the consumer of {topic} cannot go on: {code}"));
        }
        let code = error.rdkafka_error_code();
        if code.is_some_and(|code| OUT_OF_THE_LOG.contains(&code)) {
            return Err(format!(
                "a position in {topic} is not in the log any more: the next start says what has become of it"
            ));
        }
        warn!(projection = self.projection(), topic, %error, "reading is disturbed");
        if code.is_some_and(|code| DAMAGED.contains(&code)) {
            self.let_go();
        }
        Ok(())
    }
}

impl From<What> for Read {
    fn from(what: What) -> Self {
        match what {
            What::Record(incoming, _) => Self::Record(incoming),
            What::End(partition) => Self::End(partition),
        }
    }
}

impl Read {
    fn offset(&self) -> Option<i64> {
        match self {
            Self::Record(incoming) => Some(incoming.offset),
            Self::End(_) => None,
        }
    }
}

fn incoming(message: &BorrowedMessage<'_>, source: &Source) -> Incoming {
    let original = original(message);
    let reading = source.reader.read(&original);
    Incoming { partition: message.partition(), offset: message.offset(), original, reading }
}
