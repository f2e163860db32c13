//! What a topic must be: the settings it is made with, and the demands on one that is there. No I/O.

use shared_events::topic::{HISTORY_SETTINGS, TopicSpec};

use super::EVENT_LIMIT_BYTES;
use super::check::{Demand, Must};
use super::settings::KafkaSettings;

/// Room that the dead-letter headers take on top of the source's record (D8).
const DEAD_LETTER_HEADERS_BYTES: usize = 64 * 1024;
/// More than Kafka's own framing of a batch with one record.
pub(super) const FRAMING_BYTES: usize = 48_576;

/// A topic as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicPlan {
    pub(super) name: String,
    pub(super) partitions: i32,
    record_limit: usize,
    pub(super) history: bool,
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

    pub(super) fn settings_to_make_it_with(&self, replication: i32) -> Vec<(&'static str, String)> {
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

    pub(super) fn demands(&self, replicas: i32) -> Vec<Demand<'static>> {
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use shared_events::topic::CUSTOMER_CHANGE;

    use super::super::check::Finding;
    use super::super::settings::tests::settings;
    use super::TopicPlan;

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
}
