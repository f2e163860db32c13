//! Looks into the log: where each partition begins and ends, and what stands at a place of it (D4). Everything here
//! blocks, and runs on threads that may.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use serde::{Deserialize, Serialize};

use super::reading::Original;
use super::retry::Trouble;

/// How long a read at a place may stay without an answer.
const SILENCE: Duration = Duration::from_secs(10);

/// A record's place in its partition, and the id of the event there, when it has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place {
    pub(super) offset: i64,
    pub(super) event_id: Option<String>,
}

/// Where a partition begins and ends: the first offset that is there, and the one that the next record will have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) low: i64,
    pub(super) end: i64,
}

/// One topic to look into.
#[derive(Clone, Debug)]
pub(super) struct Log {
    pub(super) client: ClientConfig,
    pub(super) topic: String,
    pub(super) request_timeout: Duration,
}

impl Log {
    /// Runs a question on a thread that may block.
    pub(super) async fn ask<T, Q>(&self, question: Q) -> Result<T, Trouble>
    where
        T: Send + 'static,
        Q: FnOnce(&Self, &BaseConsumer) -> KafkaResult<T> + Send + 'static,
    {
        let log = self.clone();
        let asked = tokio::task::spawn_blocking(move || {
            // Assigning needs a group's name; nothing here joins the group or commits to it.
            let consumer: BaseConsumer = log.client.create()?;
            question(&log, &consumer)
        });
        match asked.await {
            Ok(answer) => answer.map_err(Trouble::new),
            Err(_) => Err(Trouble::new("the thread that asked has ended")),
        }
    }

    /// Where these partitions begin and end.
    pub(super) fn bounds(&self, consumer: &BaseConsumer, partitions: &[i32]) -> KafkaResult<BTreeMap<i32, Bounds>> {
        let bounds = |partition: &i32| {
            let (low, end) = consumer.fetch_watermarks(&self.topic, *partition, self.request_timeout)?;
            Ok((*partition, Bounds { low, end }))
        };
        partitions.iter().map(bounds).collect()
    }

    /// The first record at or after each of these places, of which there must be one.
    pub(super) fn records_at(
        &self,
        consumer: &BaseConsumer,
        places: &BTreeMap<i32, i64>,
    ) -> KafkaResult<BTreeMap<i32, Place>> {
        let mut start = TopicPartitionList::new();
        for (partition, offset) in places {
            start.add_partition_offset(&self.topic, *partition, Offset::Offset(*offset))?;
        }
        consumer.assign(&start)?;
        let mut found = BTreeMap::new();
        while found.len() < places.len() {
            let Some(message) = consumer.poll(SILENCE) else {
                return Err(KafkaError::MessageConsumption(rdkafka::types::RDKafkaErrorCode::OperationTimedOut));
            };
            let message = message?;
            let event_id = || original(&message).event_id().map(str::to_owned);
            found
                .entry(message.partition())
                .or_insert_with(|| Place { offset: message.offset(), event_id: event_id() });
        }
        consumer.unassign()?;
        Ok(found)
    }
}

/// A copy of the record's bytes that outlives the client's buffer.
pub(super) fn original(message: &BorrowedMessage<'_>) -> Original {
    let header = |h: rdkafka::message::Header<'_, &[u8]>| (h.key.to_owned(), h.value.map(<[u8]>::to_vec));
    Original {
        key: message.key().map(<[u8]>::to_vec),
        headers: message.headers().map(|headers| headers.iter().map(header).collect()).unwrap_or_default(),
        value: message.payload().map(<[u8]>::to_vec),
        timestamp: message.timestamp().to_millis(),
    }
}
