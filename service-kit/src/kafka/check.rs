//! What an existing topic's settings must be, and the sentence when one is not. No I/O: what the broker reported comes in.

use std::collections::BTreeMap;

/// What a setting must be for the guarantees to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Must<'a> {
    /// Exactly this.
    Be(&'a str),
    /// Not this, where the broker knows the setting at all.
    NotBe(&'a str),
    /// A number in this range.
    Lie(i64, i64),
}

/// One demand on one setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Demand<'a> {
    pub(super) setting: &'a str,
    pub(super) must: Must<'a>,
    /// What breaks otherwise.
    pub(super) why: &'a str,
}

/// What a look at one setting found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// As it must be.
    Holds,
    /// The broker does not report it (Redpanda and managed clusters leave some out): no reason to refuse.
    NotCheckable,
    /// Not as it must be; the value that would be right.
    Broken { value: String, right: String },
}

impl Demand<'_> {
    pub(super) fn look(&self, reported: &BTreeMap<String, String>) -> Finding {
        let Some(value) = reported.get(self.setting) else {
            return match self.must {
                Must::Be(_) | Must::Lie(..) => Finding::NotCheckable,
                Must::NotBe(_) => Finding::Holds,
            };
        };
        match self.right_instead_of(value) {
            None => Finding::Holds,
            Some(right) => Finding::Broken { value: value.clone(), right },
        }
    }

    fn right_instead_of(&self, value: &str) -> Option<String> {
        match self.must {
            Must::Be(right) => (value != right).then(|| right.to_owned()),
            Must::NotBe(wrong) => (value == wrong).then(|| if wrong == "true" { "false" } else { "" }.to_owned()),
            Must::Lie(least, most) => match value.parse::<i64>() {
                Ok(number) if number < least => Some(least.to_string()),
                Ok(number) if number > most => Some(most.to_string()),
                Ok(_) => None,
                Err(_) => Some(least.to_string()),
            },
        }
    }
}

/// The sentence that refuses a start.
pub(super) fn sentence(topic: &str, brokers: &str, demand: &Demand<'_>, value: &str, right: &str) -> String {
    let Demand { setting, why, .. } = demand;
    format!(
        "the topic {topic} has {setting}={value}, and then {why}: run kafka-configs.sh --bootstrap-server {brokers} --alter \
         --entity-type topics --entity-name {topic} --add-config {setting}={right} (or rpk topic alter-config {topic} --set \
         {setting}={right}) and start again"
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Demand, Finding, Must, sentence};

    fn look(must: Must<'_>, value: Option<&str>) -> Finding {
        let reported: BTreeMap<String, String> =
            value.map(|value| ("x".to_owned(), value.to_owned())).into_iter().collect();
        Demand { setting: "x", must, why: "" }.look(&reported)
    }

    #[test]
    fn each_demand_holds_is_broken_or_cannot_be_checked() {
        let broken = |value: &str, right: &str| Finding::Broken { value: value.to_owned(), right: right.to_owned() };
        assert_eq!(look(Must::Be("-1"), Some("-1")), Finding::Holds);
        assert_eq!(look(Must::Be("-1"), Some("604800000")), broken("604800000", "-1"));
        assert_eq!(look(Must::Be("delete"), Some("compact,delete")), broken("compact,delete", "delete"));
        assert_eq!(look(Must::Be("-1"), None), Finding::NotCheckable);
        assert_eq!(look(Must::NotBe("true"), None), Finding::Holds);
        assert_eq!(look(Must::NotBe("true"), Some("true")), broken("true", "false"));
        assert_eq!(look(Must::Lie(2, 3), Some("2")), Finding::Holds);
        assert_eq!(look(Must::Lie(2, 3), Some("1")), broken("1", "2"));
        assert_eq!(look(Must::Lie(2, 3), Some("4")), broken("4", "3"));
    }

    #[test]
    fn the_sentence_has_the_setting_its_value_and_the_command() {
        let demand = Demand { setting: "retention.ms", must: Must::Be("-1"), why: "history expires" };
        let text = sentence("t", "b:9092", &demand, "1000", "-1");
        assert!(text.contains("retention.ms=1000") && text.contains("--add-config retention.ms=-1"), "{text}");
    }
}
