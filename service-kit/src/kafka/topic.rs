//! Makes sure that a topic is there and may be relied on: the owner makes it, readers wait for it, everybody checks it.
//!
//! All of it runs on a thread that may block: a metadata request and the end of a client do.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::metadata::MetadataTopic;
use shared_events::topic::{HISTORY_SETTINGS, TopicSpec};
use tokio::runtime::Handle;
use tracing::{info, warn};

use super::EVENT_LIMIT_BYTES;
use super::check::{Demand, Finding, Must, sentence};
use super::settings::{KafkaSettings, TopicMode};
use crate::backoff::Backoff;
use crate::supervisor::Refused;

/// Room that the dead-letter headers take on top of the source's record (D8).
const DEAD_LETTER_HEADERS_BYTES: usize = 64 * 1024;
/// Kafka's own framing of a batch with one record.
const FRAMING_BYTES: usize = 48_576;

/// Answers to the making of a topic that another try does not change, with the remedy. All others are tried again.
const NOT_MADE: [(RDKafkaErrorCode, &str); 6] = [
    (RDKafkaErrorCode::InvalidReplicationFactor, "set kafka.replication to no more than there are brokers"),
    (RDKafkaErrorCode::InvalidPartitions, "set kafka.partitions to what the cluster allows"),
    (RDKafkaErrorCode::TopicAuthorizationFailed, "allow the service to, or make it and set kafka.topics=verify"),
    (RDKafkaErrorCode::ClusterAuthorizationFailed, "allow the service to, or make it and set kafka.topics=verify"),
    (RDKafkaErrorCode::PolicyViolation, "make it with settings that the cluster allows and set kafka.topics=verify"),
    (RDKafkaErrorCode::InvalidConfig, "make it with settings that the cluster allows and set kafka.topics=verify"),
];

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

/// A topic as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicPlan {
    name: String,
    partitions: i32,
    record_limit: usize,
    history: bool,
}

impl TopicPlan {
    /// A topic of the contract: complete, in order, for ever.
    pub fn history(settings: &KafkaSettings, spec: &TopicSpec) -> Self {
        let partitions = if settings.partitions > 0 { settings.partitions } else { spec.partitions };
        Self { name: settings.topic(spec), partitions, record_limit: EVENT_LIMIT_BYTES + FRAMING_BYTES, history: true }
    }

    /// Where `reader` puts copies of what it had to park from `spec` (D8): `<topic>.<reader>.DLT`.
    pub fn dead_letters(settings: &KafkaSettings, spec: &TopicSpec, reader: &str) -> Self {
        let record_limit = EVENT_LIMIT_BYTES + FRAMING_BYTES + DEAD_LETTER_HEADERS_BYTES;
        Self { name: format!("{}.{reader}.DLT", settings.topic(spec)), partitions: 1, record_limit, history: false }
    }

    /// The topic's name in this installation.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Most bytes of one record, Kafka's framing included.
    pub fn record_limit(&self) -> usize {
        self.record_limit
    }

    fn settings_to_make_it_with(&self, replication: i32) -> Vec<(&'static str, String)> {
        let mut settings = vec![
            ("max.message.bytes", self.record_limit.to_string()),
            ("min.insync.replicas", insync(replication).to_string()),
        ];
        if self.history {
            settings.extend(HISTORY_SETTINGS.iter().map(|(name, value)| (*name, (*value).to_owned())));
        } else {
            settings.push(("cleanup.policy", "delete".to_owned()));
        }
        settings
    }

    fn demands(&self, replicas: i32) -> Vec<Demand<'static>> {
        let limit = i64::try_from(self.record_limit).unwrap_or(i64::MAX);
        let size = Demand {
            setting: "max.message.bytes",
            must: Must::Lie(limit, i64::MAX),
            why: "an event that was acknowledged could be refused",
        };
        if !self.history {
            return vec![size];
        }
        let least = i64::from(insync(replicas));
        let insync = Demand {
            setting: "min.insync.replicas",
            must: Must::Lie(least, i64::from(replicas).max(least)),
            why: "an acknowledged event is lost with one broker, or none is ever acknowledged",
        };
        // Redpanda's: acknowledged before it is on disk.
        let caching = Demand {
            setting: "write.caching",
            must: Must::NotBe("true"),
            why: "an acknowledged event is lost with the power",
        };
        let history = HISTORY_SETTINGS.iter().map(|(setting, value)| Demand {
            setting,
            must: Must::Be(value),
            why: what_breaks(setting),
        });
        history.chain([size, insync, caching]).collect()
    }
}

/// Two copies before an acknowledgement, where one of three may be away.
fn insync(replicas: i32) -> i32 {
    if replicas >= 3 { 2 } else { 1 }
}

fn what_breaks(setting: &str) -> &'static str {
    match setting {
        "cleanup.policy" => "compaction can keep an older version of an aggregate than the newest",
        "unclean.leader.election.enable" => "an election can drop acknowledged events",
        _ => "the history expires, and neither a copy nor a database can be rebuilt from it",
    }
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
                warn!(topic = plan.name, %error, retry_in_ms = wait.as_millis() as u64, "waiting for a topic");
                tokio::time::sleep(wait).await;
            }
        }
    }
}

/// One look at one topic.
struct Look<'a> {
    settings: &'a KafkaSettings,
    plan: &'a TopicPlan,
    admin: AdminClient<DefaultClientContext>,
    options: AdminOptions,
    timeout: Duration,
}

/// What the cluster says about itself and the topic.
struct Seen {
    brokers: usize,
    /// None: there is no such topic.
    topic: Option<Partitions>,
}

struct Partitions {
    count: usize,
    fewest_replicas: usize,
    all_led: bool,
}

impl<'a> Look<'a> {
    fn new(settings: &'a KafkaSettings, plan: &'a TopicPlan) -> Result<Self, TopicError> {
        let admin = settings.client().create().map_err(|error| {
            Refused::new(format!("the section kafka of the settings cannot be used ({error}): correct it"))
        })?;
        let timeout = settings.request_timeout();
        let options = AdminOptions::new().request_timeout(Some(timeout)).operation_timeout(Some(timeout));
        Ok(Self { settings, plan, admin, options, timeout })
    }

    async fn ensure(&self, role: Role) -> Result<TopicInfo, TopicError> {
        let seen = self.seen()?;
        let partitions = match (seen.topic, role, self.settings.topics) {
            (Some(partitions), _, _) => partitions,
            (None, Role::Reader, _) => return Err(TopicError::NotYet(self.plan.name.clone())),
            (None, Role::Owner, TopicMode::Verify) => return Err(self.missing(seen.brokers).into()),
            (None, Role::Owner, TopicMode::Create) => self.make(seen.brokers).await?,
        };
        self.check(&partitions).await?;
        let count = i32::try_from(partitions.count).unwrap_or(i32::MAX);
        Ok(TopicInfo {
            name: self.plan.name.clone(),
            partitions: count,
            cluster_id: self.admin.inner().fetch_cluster_id(self.timeout),
        })
    }

    /// Metadata of all topics, because asking for one by name makes it on clusters that make topics on demand.
    fn seen(&self) -> Result<Seen, TopicError> {
        let metadata =
            self.admin.inner().fetch_metadata(None, self.timeout).map_err(|error| unreachable_because(&error))?;
        let topic = metadata.topics().iter().find(|topic| topic.name() == self.plan.name && topic.error().is_none());
        Ok(Seen { brokers: metadata.brokers().len(), topic: topic.map(Partitions::of) })
    }

    async fn make(&self, brokers: usize) -> Result<Partitions, TopicError> {
        let replication = self.replication(brokers);
        let settings = self.plan.settings_to_make_it_with(replication);
        let mut topic = NewTopic::new(&self.plan.name, self.plan.partitions, TopicReplication::Fixed(replication));
        for (name, value) in &settings {
            topic = topic.set(name, value);
        }
        let answers =
            self.admin.create_topics([&topic], &self.options).await.map_err(|error| unreachable_because(&error))?;
        match answers.into_iter().next() {
            Some(Err((_, code))) if code != RDKafkaErrorCode::TopicAlreadyExists => return Err(self.not_made(code)),
            Some(Ok(_) | Err(_)) | None => {}
        }
        info!(topic = self.plan.name, partitions = self.plan.partitions, replication, "topic made");
        self.until_led().await
    }

    fn replication(&self, brokers: usize) -> i32 {
        if self.settings.replication > 0 {
            self.settings.replication
        } else {
            i32::try_from(brokers.clamp(1, 3)).unwrap_or(3)
        }
    }

    /// A topic that was just made is seen, and can be written to, a moment later.
    async fn until_led(&self) -> Result<Partitions, TopicError> {
        let mut backoff = Backoff::new(Duration::from_millis(20), Duration::from_millis(500));
        let deadline = tokio::time::Instant::now() + self.timeout;
        while tokio::time::Instant::now() < deadline {
            match self.seen()?.topic {
                Some(partitions) if partitions.all_led => return Ok(partitions),
                Some(_) | None => tokio::time::sleep(backoff.next_wait()).await,
            }
        }
        Err(TopicError::Unreachable(format!("the topic {} was made and is not to be seen yet", self.plan.name)))
    }

    async fn check(&self, partitions: &Partitions) -> Result<(), TopicError> {
        let reported = self.reported().await?;
        let replicas = i32::try_from(partitions.fewest_replicas).unwrap_or(i32::MAX);
        for demand in self.plan.demands(replicas) {
            match demand.look(&reported) {
                Finding::Holds => {}
                Finding::NotCheckable => {
                    info!(
                        topic = self.plan.name,
                        setting = demand.setting,
                        "not checkable: the broker does not report this setting"
                    );
                }
                Finding::Broken { value, right } => {
                    return Err(Refused::new(sentence(
                        &self.plan.name,
                        &self.settings.brokers,
                        &demand,
                        &value,
                        &right,
                    ))
                    .into());
                }
            }
        }
        if self.plan.history && self.settings.replication > replicas {
            warn!(
                topic = self.plan.name,
                replicas,
                wanted = self.settings.replication,
                "the topic has fewer replicas than kafka.replication: reassign its partitions"
            );
        }
        Ok(())
    }

    /// The topic's settings by name; empty when they may not be read.
    async fn reported(&self) -> Result<BTreeMap<String, String>, TopicError> {
        let topic = ResourceSpecifier::Topic(&self.plan.name);
        let answers =
            self.admin.describe_configs([&topic], &self.options).await.map_err(|error| unreachable_because(&error))?;
        match answers.into_iter().next() {
            Some(Ok(resource)) => {
                Ok(resource.entries.into_iter().filter_map(|entry| Some((entry.name, entry.value?))).collect())
            }
            Some(Err(RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::ClusterAuthorizationFailed))
            | None => Ok(BTreeMap::new()),
            Some(Err(code)) => Err(TopicError::Unreachable(code.to_string())),
        }
    }

    /// `kafka.topics=verify`, and nobody has made it.
    fn missing(&self, brokers: usize) -> Refused {
        let replication = self.replication(brokers);
        let settings: String = self
            .plan
            .settings_to_make_it_with(replication)
            .iter()
            .map(|(name, value)| format!(" --config {name}={value}"))
            .collect();
        Refused::new(format!(
            "the topic {name} is missing and kafka.topics=verify does not let the service make it: run kafka-topics.sh \
             --bootstrap-server {at} --create --topic {name} --partitions {partitions} --replication-factor \
             {replication}{settings} and start again",
            name = self.plan.name,
            at = self.settings.brokers,
            partitions = self.plan.partitions,
        ))
    }

    fn not_made(&self, code: RDKafkaErrorCode) -> TopicError {
        let name = &self.plan.name;
        let Some((_, remedy)) = NOT_MADE.iter().find(|(final_code, _)| *final_code == code) else {
            return TopicError::Unreachable(format!("the topic {name} was not made: {code}"));
        };
        Refused::new(format!("the topic {name} cannot be made ({code}): {remedy}")).into()
    }
}

impl Partitions {
    fn of(topic: &MetadataTopic) -> Self {
        Self {
            count: topic.partitions().len(),
            fewest_replicas: topic.partitions().iter().map(|partition| partition.replicas().len()).min().unwrap_or(0),
            all_led: !topic.partitions().is_empty()
                && topic.partitions().iter().all(|partition| partition.leader() >= 0),
        }
    }
}

fn unreachable_because(error: &KafkaError) -> TopicError {
    TopicError::Unreachable(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use shared_events::topic::CUSTOMER_CHANGE;

    use super::super::check::Finding;
    use super::super::settings::tests::settings;
    use super::{Role, TopicError, TopicPlan, ensure_topic};

    #[test]
    fn a_topic_made_by_this_plan_passes_its_own_check() {
        for plan in [
            TopicPlan::history(&settings(), &CUSTOMER_CHANGE),
            TopicPlan::dead_letters(&settings(), &CUSTOMER_CHANGE, "orders"),
        ] {
            for replication in 1..=5 {
                let made: BTreeMap<String, String> = plan
                    .settings_to_make_it_with(replication)
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect();
                assert!(plan.demands(replication).iter().all(|demand| demand.look(&made) == Finding::Holds));
            }
        }
    }

    #[test]
    fn the_settings_decide_about_partitions_and_the_contract_otherwise() {
        let mut settings = settings();
        assert_eq!(TopicPlan::history(&settings, &CUSTOMER_CHANGE).partitions, 12);
        settings.partitions = 3;
        assert_eq!(TopicPlan::history(&settings, &CUSTOMER_CHANGE).partitions, 3);
        assert_eq!(
            TopicPlan::dead_letters(&settings, &CUSTOMER_CHANGE, "orders").name(),
            "test.accounts.customer.change.orders.DLT"
        );
    }

    #[tokio::test]
    async fn a_broker_that_is_away_is_no_refusal() {
        let error = ensure_topic(&settings(), &CUSTOMER_CHANGE, Role::Owner).await.unwrap_err();
        assert!(matches!(error, TopicError::Unreachable(_)), "{error:?}");
    }
}
