//! What happens when the group gives or takes partitions. It runs inside `poll`, on the consumer's thread.

use std::sync::Arc;

use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::types::{RDKafkaErrorCode, RDKafkaRespErr};
use rdkafka::{Offset, TopicPartitionList};
use tracing::{debug, info, warn};

use super::super::link::Link;
use super::{DRAIN, Source};
use crate::telemetry::KAFKA_CLIENT;

/// The callbacks of one consumer.
#[derive(Debug)]
pub(super) struct Rebalances {
    projection: &'static str,
    topic: String,
    link: Arc<Link>,
}

impl Rebalances {
    pub(super) fn new(source: &Source, link: &Arc<Link>) -> Self {
        Self { projection: source.projection, topic: source.topic.clone(), link: Arc::clone(link) }
    }

    fn given(&self, consumer: &BaseConsumer<Self>, partitions: Vec<i32>) -> KafkaResult<()> {
        info!(projection = self.projection, ?partitions, "partitions assigned");
        // Nothing is fetched yet: where to begin has to be asked from MongoDB, and this thread must not wait for it.
        consumer.assign(&TopicPartitionList::new())?;
        self.link.assign(partitions);
        Ok(())
    }

    fn taken(&self, consumer: &BaseConsumer<Self>) -> KafkaResult<()> {
        // First finish what is in flight, then end the epoch: the other way round everything would be read twice.
        let drained = self.link.drained(DRAIN);
        info!(projection = self.projection, drained, "partitions revoked");
        self.link.assign(Vec::new());
        tell_group(consumer, &self.link, CommitMode::Async);
        consumer.unassign()
    }
}

impl ClientContext for Rebalances {
    fn error(&self, error: KafkaError, reason: &str) {
        // Reaching the end of a partition comes here too, as an error that is none.
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::PartitionEOF) {
            return;
        }
        // librdkafka heals these by itself; those that it cannot heal come out of `poll`.
        warn!(target: KAFKA_CLIENT, projection = self.projection, %error, reason, "the consumer reports a fault");
    }
}

impl ConsumerContext for Rebalances {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, what: RDKafkaRespErr, partitions: &mut TopicPartitionList) {
        // The other one is "revoke"; rust-rdkafka passes on nothing else.
        let done = if what == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            self.given(consumer, partitions.elements().iter().map(|element| element.partition()).collect())
        } else {
            self.taken(consumer)
        };
        if let Err(error) = done {
            warn!(target: KAFKA_CLIENT, projection = self.projection, %error, "a rebalance was not taken");
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, _offsets: &TopicPartitionList) {
        if let Err(error) = result {
            debug!(projection = self.projection, %error, "the group did not take the positions");
        }
    }
}

/// Commits the stored checkpoints as the group's offsets: a hint for lag tools, so a failure changes nothing.
pub(super) fn tell_group(consumer: &BaseConsumer<Rebalances>, link: &Link, mode: CommitMode) {
    let stored = link.take_stored();
    if stored.is_empty() {
        return;
    }
    let mut offsets = TopicPartitionList::new();
    let topic = consumer.context().topic.as_str();
    for (partition, next) in stored {
        if offsets.add_partition_offset(topic, partition, Offset::Offset(next)).is_err() {
            return;
        }
    }
    if let Err(error) = consumer.commit(&offsets, mode) {
        debug!(projection = consumer.context().projection, %error, "the group did not take the positions");
    }
}
