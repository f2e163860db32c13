//! The section `kafka` of a service's settings, and the client configurations that follow from it.

use std::time::Duration;

use rdkafka::ClientConfig;
use serde::{Deserialize, Serialize};
use shared_events::topic::TopicSpec;

use super::EVENT_LIMIT_BYTES;
use super::plan::FRAMING_BYTES;
use crate::settings::{Fault, require};

/// Where Kafka is, and how topics are named and made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KafkaSettings {
    /// `host:port`, several separated by commas; the others of the cluster are found through them.
    pub brokers: String,
    /// Put in front of every topic and consumer group: several installations, or tests, on one cluster.
    pub topic_prefix: String,
    /// Whether the service makes the topics that it owns.
    pub topics: TopicMode,
    /// Partitions of a topic that is made; 0: what the contract says (12). Too low: a bound for consumers side by side;
    /// too high: memory and files at the brokers. Never changed later: a key would move.
    pub partitions: i32,
    /// Replicas of a topic that is made; 0: three, or as many as there are brokers. Too low: a lost broker loses history.
    pub replication: i32,
    /// Milliseconds that the producer waits for company. Too low: more requests; too high: every event is late by it.
    pub linger_ms: u32,
    /// Milliseconds for a question to the cluster (metadata, topics). Too low: a slow cluster seems to be away; too high:
    /// a start or a stop waits so long for one that is.
    pub request_timeout_ms: u64,
}

/// Who makes topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TopicMode {
    /// The service makes the topics that it owns when they are missing.
    Create,
    /// Somebody else makes them; the service only checks.
    Verify,
}

impl KafkaSettings {
    /// What the types cannot say.
    ///
    /// # Errors
    /// The first rule that is broken, with its key.
    pub fn validate(&self) -> Result<(), Fault> {
        require(!self.brokers.trim().is_empty(), "kafka.brokers", "must be host:port, several separated by commas")?;
        let prefix = &self.topic_prefix;
        require(
            prefix.len() <= 100 && prefix.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)),
            "kafka.topic_prefix",
            "must be at most 100 of A-Z a-z 0-9 . _ -",
        )?;
        require((0..=10_000).contains(&self.partitions), "kafka.partitions", "must be 0 to 10000")?;
        require((0..=100).contains(&self.replication), "kafka.replication", "must be 0 to 100")?;
        require(self.linger_ms <= 1_000, "kafka.linger_ms", "must be at most 1000")?;
        require((100..=300_000).contains(&self.request_timeout_ms), "kafka.request_timeout_ms", "must be 100 to 300000")
    }

    /// The name of a topic in this installation.
    pub fn topic(&self, spec: &TopicSpec) -> String {
        format!("{}{}", self.topic_prefix, spec.name)
    }

    /// The name of a consumer group in this installation.
    pub fn group(&self, name: &str) -> String {
        format!("{}{name}", self.topic_prefix)
    }

    /// How long a question to the cluster may take.
    pub fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }

    /// What every client needs: where the cluster is, and how to be let in.
    pub fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.brokers)
            .set("socket.keepalive.enable", "true")
            // After an outage, be back within a second or two, and do not storm.
            .set("reconnect.backoff.ms", "100")
            .set("reconnect.backoff.max.ms", "2000");
        config
    }

    /// A producer that keeps order and gives nothing up (rule 7 of the write path).
    pub fn producer(&self) -> ClientConfig {
        let mut config = self.client();
        config
            .set("enable.idempotence", "true")
            .set("acks", "all")
            // Infinite: a local time-out of one message would let its successors overtake it.
            .set("message.timeout.ms", "0")
            .set("linger.ms", self.linger_ms.to_string())
            .set("batch.size", "262144")
            .set("compression.type", "lz4")
            // As Java clients do it, so that whoever else computes a key's partition comes to the same.
            .set("partitioner", "murmur2_random")
            .set("message.max.bytes", (EVENT_LIMIT_BYTES + FRAMING_BYTES).to_string())
            .set("queue.buffering.max.messages", "20000")
            .set("queue.buffering.max.kbytes", "65536")
            // A topic that was just made is not "unknown" for long.
            .set("topic.metadata.propagation.max.ms", "5000");
        config
    }

    /// A consumer that never decides by itself where to start, and never claims to have done what is not stored (G3).
    pub fn consumer(&self, group: &str) -> ClientConfig {
        let mut config = self.client();
        config
            .set("group.id", self.group(group))
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            // A start position out of range is a fault to look at (a log that was cut or made anew), not one to guess.
            .set("auto.offset.reset", "error")
            .set("allow.auto.create.topics", "false")
            .set("isolation.level", "read_committed")
            .set("check.crcs", "true")
            .set("fetch.min.bytes", "1")
            .set("fetch.wait.max.ms", "100")
            // What is read ahead is bounded: 16 MiB for all partitions together.
            .set("queued.min.messages", "2000")
            .set("queued.max.messages.kbytes", "16384");
        config
    }
}

#[cfg(test)]
pub(super) mod tests {
    use rdkafka::consumer::BaseConsumer;
    use rdkafka::producer::{BaseProducer, DefaultProducerContext};

    use super::{KafkaSettings, TopicMode};

    pub(in crate::kafka) fn settings() -> KafkaSettings {
        KafkaSettings {
            brokers: "127.0.0.1:1".to_owned(),
            topic_prefix: "test.".to_owned(),
            topics: TopicMode::Create,
            partitions: 0,
            replication: 0,
            linger_ms: 1,
            request_timeout_ms: 1_000,
        }
    }

    #[test]
    fn librdkafka_knows_every_option() {
        settings().producer().create::<BaseProducer<DefaultProducerContext>>().unwrap();
        settings().consumer("copy").create::<BaseConsumer>().unwrap();
    }

    #[test]
    fn topics_and_groups_carry_the_prefix() {
        assert_eq!(settings().topic(&shared_events::topic::CUSTOMER_CHANGE), "test.accounts.customer.change");
        assert_eq!(settings().group("orders"), "test.orders");
    }
}
