//! Reads the log for the check: the bounds that the broker tells, and records from one offset to another.
//!
//! It blocks, so it has no place on a thread that serves requests. It commits no offsets and joins no group: what it
//! reads moves nobody.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    message::{BorrowedMessage, Headers},
};
use shared_events::record::RawRecord;

use super::Trouble;

/// How long one question to the broker may take.
const ASK: Duration = Duration::from_secs(5);
/// With no record for so long the broker counts as away.
const SILENCE: Duration = Duration::from_secs(15);

/// What the broker says about the topic: per partition the first offset and the one after the last.
pub(super) struct Log {
    pub(super) cluster: Option<String>,
    pub(super) bounds: BTreeMap<i32, (i64, i64)>,
}

/// A topic, read from wherever the check wants.
pub(super) struct LogReader {
    topic: String,
    consumer: BaseConsumer,
}

impl LogReader {
    pub(super) fn new(mut config: ClientConfig, topic: &str) -> Result<Self, Trouble> {
        config
            .set("group.id", "log-check")
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "error")
            .set("enable.partition.eof", "false");
        Ok(Self { topic: topic.to_owned(), consumer: config.create()? })
    }

    pub(super) fn ask(&self) -> Result<Log, Trouble> {
        let metadata = self.consumer.fetch_metadata(Some(&self.topic), ASK)?;
        let topic = metadata.topics().first().filter(|topic| topic.error().is_none() && !topic.partitions().is_empty());
        let Some(topic) = topic else { return Err(Trouble::Kafka("the topic does not exist yet".to_owned())) };
        let mut bounds = BTreeMap::new();
        for partition in topic.partitions() {
            bounds.insert(partition.id(), self.consumer.fetch_watermarks(&self.topic, partition.id(), ASK)?);
        }
        Ok(Log { cluster: self.consumer.client().fetch_cluster_id(ASK), bounds })
    }

    /// Reads `[from, to)` of each partition, in no order between partitions.
    pub(super) fn read(
        &self,
        wanted: &HashMap<i32, (i64, i64)>,
        mut see: impl FnMut(i32, i64, &RawRecord<'_>) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let mut open: HashMap<i32, i64> =
            wanted.iter().filter(|(_, (from, to))| from < to).map(|(partition, (_, to))| (*partition, *to)).collect();
        if open.is_empty() {
            return Ok(());
        }
        let mut start = TopicPartitionList::new();
        for partition in open.keys() {
            start.add_partition_offset(&self.topic, *partition, Offset::Offset(wanted[partition].0))?;
        }
        self.consumer.assign(&start)?;
        while !open.is_empty() {
            let message = self.consumer.poll(SILENCE).ok_or_else(|| Trouble::Kafka("no record came".to_owned()))??;
            let (partition, offset) = (message.partition(), message.offset());
            let Some(to) = open.get(&partition).copied() else { continue };
            if offset < to {
                see(partition, offset, &raw(&message))?;
            }
            if offset + 1 >= to {
                open.remove(&partition);
            }
        }
        self.consumer.unassign()?;
        Ok(())
    }
}

fn raw<'a>(message: &'a BorrowedMessage<'_>) -> RawRecord<'a> {
    RawRecord {
        key: message.key(),
        headers: message
            .headers()
            .map(|headers| headers.iter().map(|h| (h.key, h.value)).collect())
            .unwrap_or_default(),
        value: message.payload(),
    }
}
