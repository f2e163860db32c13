//! What the topic says: per customer its versions, in the order of their first appearances.

use std::collections::BTreeMap;

use serde_json::Value;
use shared_events::customer::CustomerChange;
use shared_events::envelope;

use crate::support::topic::Entry;

/// An event, as it appeared first.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub(crate) event_id: String,
    pub(crate) kind: String,
    pub(crate) data: Value,
    entry: Entry,
}

/// All events of a topic so far.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// Customer → version → event.
    pub(crate) customers: BTreeMap<String, BTreeMap<u64, Version>>,
    /// What must not be, as it was met.
    pub(crate) faults: Vec<String>,
    pub(crate) records: usize,
    pub(crate) repeats: usize,
}

impl History {
    /// Takes in what was appended to the log.
    pub(crate) fn extend(&mut self, entries: Vec<Entry>) {
        for entry in entries {
            self.records += 1;
            if let Err(fault) = self.add(entry) {
                self.faults.push(fault);
            }
        }
    }

    pub(crate) fn event(&self, id: &str, version: u64) -> Option<&Version> {
        self.customers.get(id)?.get(&version)
    }

    pub(crate) fn newest(&self, id: &str) -> Option<u64> {
        self.customers.get(id)?.last_key_value().map(|(version, _)| *version)
    }

    fn add(&mut self, entry: Entry) -> Result<(), String> {
        let place = format!("{}@{}", entry.partition, entry.offset);
        let event = envelope::decode::<CustomerChange>(&entry.raw()).map_err(|error| format!("{place}: {error}"))?;
        let (id, version) = (event.envelope.subject, event.envelope.sequence);
        let versions = self.customers.entry(id.clone()).or_default();
        if let Some(first) = versions.get(&version) {
            self.repeats += 1;
            let same = first.entry.value == entry.value && first.entry.headers == entry.headers;
            let same_place = first.entry.partition == entry.partition;
            return if same && same_place { Ok(()) } else { Err(format!("{place}: another {id} version {version}")) };
        }
        let next = versions.len() as u64 + 1;
        let data = entry.value.as_deref().and_then(|value| serde_json::from_slice(value).ok()).unwrap_or_default();
        let first = Version { event_id: event.envelope.id, kind: event.envelope.kind, data, entry };
        versions.insert(version, first);
        if version == next { Ok(()) } else { Err(format!("{place}: {id} version {version} came instead of {next}")) }
    }
}
