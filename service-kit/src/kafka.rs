//! Kafka: how a service connects, and what it demands of the topics that hold the history.
//!
//! Protects G1, G2 and G5: a topic that compacts, expires or loses acknowledged records is no event store, so a setting
//! that would do so is refused with one sentence and its remedy. Kafka that is away is never a reason to refuse or to be
//! not ready: callers try again. Nothing here blocks the async runtime: rdkafka's calls run on threads of their own.

mod settings;

mod topic;

mod check;
mod look;
mod plan;

pub use self::plan::TopicPlan;
pub use self::settings::{KafkaSettings, TopicMode};
pub use self::topic::{
    Role, TopicError, TopicInfo, ensure_plan, ensure_topic, keep_own_topic, try_own_topic, until_ensured,
};

/// What one event may need in the log: key, headers and value. Checked before the commit, because a record that Kafka
/// refuses could never be published.
pub const EVENT_LIMIT_BYTES: usize = 1_000_000;
