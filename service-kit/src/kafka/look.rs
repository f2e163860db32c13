//! One look at one topic: what the cluster says of it, and the making of it. May block; see `topic`.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::metadata::MetadataTopic;
use tracing::{info, warn};

use super::check::{Finding, sentence};
use super::plan::TopicPlan;
use super::settings::{KafkaSettings, TopicMode};
use super::topic::{Role, TopicError, TopicInfo};
use crate::backoff::Backoff;
use crate::supervisor::Refused;

/// Answers to the making of a topic that another try does not change, with the remedy. All others are tried again.
const NOT_MADE: [(RDKafkaErrorCode, &str); 6] = [
    (RDKafkaErrorCode::InvalidReplicationFactor, "set kafka.replication to no more than there are brokers"),
    (RDKafkaErrorCode::InvalidPartitions, "set kafka.partitions to what the cluster allows"),
    (RDKafkaErrorCode::TopicAuthorizationFailed, "allow the service to, or make it and set kafka.topics=verify"),
    (RDKafkaErrorCode::ClusterAuthorizationFailed, "allow the service to, or make it and set kafka.topics=verify"),
    (RDKafkaErrorCode::PolicyViolation, "make it with settings that the cluster allows and set kafka.topics=verify"),
    (RDKafkaErrorCode::InvalidConfig, "make it with settings that the cluster allows and set kafka.topics=verify"),
];

/// One look at one topic.
pub(super) struct Look<'a> {
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
    pub(super) fn new(settings: &'a KafkaSettings, plan: &'a TopicPlan) -> Result<Self, TopicError> {
        let admin = settings.client().create().map_err(|error| {
            Refused::new(format!("the section kafka of the settings cannot be used ({error}): correct it"))
        })?;
        let timeout = settings.request_timeout();
        let options = AdminOptions::new().request_timeout(Some(timeout)).operation_timeout(Some(timeout));
        Ok(Self { settings, plan, admin, options, timeout })
    }

    pub(super) async fn ensure(&self, role: Role) -> Result<TopicInfo, TopicError> {
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
