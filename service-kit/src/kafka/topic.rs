//! Makes sure that a topic is there and may be relied on: the owner makes it, readers wait for it, everybody checks it.
//!
//! All of it runs on a thread that may block: a metadata request and the end of a client do.

use std::time::Duration;

use shared_events::topic::TopicSpec;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::look::Look;
use super::plan::TopicPlan;
use super::settings::KafkaSettings;
use crate::backoff::Backoff;
use crate::supervisor::Refused;

/// How long a start waits for Kafka, which it can do without.
const START_PATIENCE: Duration = Duration::from_secs(2);

/// What the caller is to the topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Writes to it, and makes it when it is missing and `kafka.topics` says so.
    Owner,
    /// Reads it, and waits for it.
    Reader,
}

/// A topic as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicInfo {
    /// Its name in this installation.
    pub name: String,
    /// How many partitions it has: 0 … partitions - 1.
    pub partitions: i32,
    /// The cluster it lives in, where the cluster says so.
    pub cluster_id: Option<String>,
}

/// Why a topic cannot be used now, or ever.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    /// Kafka does not answer, or not this question: try again, for ever.
    #[error("Kafka does not answer: {0}")]
    Unreachable(String),
    /// It is not there yet: its owner has not started. Try again, for ever.
    #[error("the topic {0} is not there yet: its owner makes it when it starts")]
    NotYet(String),
    /// It breaks a guarantee, or can never be made; the sentence names the remedy.
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// Makes sure of a topic of the contract; see [`ensure_plan`].
///
/// # Errors
/// See [`TopicError`]; of its variants only `Refused` is final.
pub async fn ensure_topic(settings: &KafkaSettings, spec: &TopicSpec, role: Role) -> Result<TopicInfo, TopicError> {
    ensure_plan(settings, &TopicPlan::history(settings, spec), role).await
}

/// Looks once: makes the topic when it is missing and `role` may, and checks its settings.
///
/// # Errors
/// See [`TopicError`]; of its variants only `Refused` is final.
pub async fn ensure_plan(settings: &KafkaSettings, plan: &TopicPlan, role: Role) -> Result<TopicInfo, TopicError> {
    let (settings, plan, runtime) = (settings.clone(), plan.clone(), Handle::current());
    let look = move || runtime.block_on(async { Look::new(&settings, &plan)?.ensure(role).await });
    tokio::task::spawn_blocking(look)
        .await
        .unwrap_or_else(|_| Err(TopicError::Unreachable("the runtime is stopping".to_owned())))
}

/// As [`ensure_plan`], again and again until it succeeds, with a line in the log for every try. Drop it to stop.
///
/// # Errors
/// The topic breaks a guarantee, or can never be made; the sentence names the remedy.
pub async fn until_ensured(settings: &KafkaSettings, plan: &TopicPlan, role: Role) -> Result<TopicInfo, Refused> {
    let mut backoff = Backoff::at_start();
    loop {
        match ensure_plan(settings, plan, role).await {
            Ok(info) => return Ok(info),
            Err(TopicError::Refused(refused)) => return Err(refused),
            Err(error @ (TopicError::Unreachable(_) | TopicError::NotYet(_))) => {
                let wait = backoff.next_wait();
                warn!(topic = plan.name(), %error, retry_in_ms = wait.as_millis() as u64, "waiting for a topic");
                tokio::time::sleep(wait).await;
            }
        }
    }
}

/// At start: makes sure of an own topic if Kafka answers soon, so that the write path's first look at its log finds one
/// and writes are taken at once. Without Kafka the start goes on, and [`keep_own_topic`] sees to it later.
///
/// # Errors
/// As [`until_ensured`].
pub async fn try_own_topic(settings: &KafkaSettings, spec: &TopicSpec) -> Result<(), Refused> {
    let plan = TopicPlan::history(settings, spec);
    match tokio::time::timeout(START_PATIENCE, until_ensured(settings, &plan, Role::Owner)).await {
        Ok(ensured) => ensured.map(drop),
        Err(_elapsed) => {
            warn!(topic = plan.name(), "Kafka does not answer yet: starting without it");
            Ok(())
        }
    }
}

/// The owner's task: makes sure of its topic as soon as Kafka answers, and then has nothing more to do.
///
/// # Errors
/// As [`until_ensured`].
pub async fn keep_own_topic(settings: KafkaSettings, spec: TopicSpec, stop: CancellationToken) -> anyhow::Result<()> {
    let plan = TopicPlan::history(&settings, &spec);
    if let Some(ensured) = stop.run_until_cancelled(until_ensured(&settings, &plan, Role::Owner)).await {
        ensured?;
        stop.cancelled().await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use shared_events::topic::CUSTOMER_CHANGE;

    use super::super::settings::tests::settings;
    use super::{Role, TopicError, ensure_topic};

    #[tokio::test]
    async fn a_broker_that_is_away_is_no_refusal() {
        let error = ensure_topic(&settings(), &CUSTOMER_CHANGE, Role::Owner).await.unwrap_err();
        assert!(matches!(error, TopicError::Unreachable(_)), "{error:?}");
    }
}
