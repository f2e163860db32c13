//! What a business folder says about its aggregate, and what it gets back. No I/O, no machinery.

use std::{fmt::Debug, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use shared_events::{
    envelope::{Envelope, Event, EventData, decode, encode},
    record::{RawRecord, Record},
    time::Timestamp,
    topic::TopicSpec,
};
use uuid::Uuid;

use super::document::Outbox;

/// An aggregate: one document, one history, one topic.
pub trait Aggregate: Send + Sync + 'static {
    /// The kind, as consistency tokens name it: `customer`.
    const NAME: &'static str;
    /// The collection that holds it: `customer.accounts`.
    const COLLECTION: &'static str;
    /// Where its events go; the key is the aggregate's id.
    const TOPIC: TopicSpec;
    /// Names in [`keys`](Self::keys) that no two documents may share. Each gets a unique index.
    const UNIQUE_KEYS: &'static [&'static str];

    /// The complete state. Its members stand at the top of the document; `version` may be one of them (it is the
    /// document's own), the other names of the machinery may not: `_id`, `change`, `unpublished`, `published`,
    /// `recent`, `request`, `keys`.
    type State: Serialize + DeserializeOwned + Clone + Send + Sync + Debug + 'static;

    /// Normalised values to look up or to be unique by; a deleted aggregate gives its unique ones back by leaving
    /// them out.
    fn keys(state: &Self::State) -> Vec<(&'static str, String)>;

    /// What the world is told about a version. Pure: a sweep derives the same record again from the document.
    fn event(id: &str, version: u64, change: &Change, request: Option<&str>, state: &Self::State) -> Record;

    /// Which version of which aggregate a record of the topic states; `None` when it is no event of this aggregate.
    fn version_of(record: &RawRecord<'_>) -> Option<(String, u64)>;
}

/// The change that made a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Fresh for every attempt: the event's id, and what tells a lost answer from a lost race (rule 6).
    pub id: Uuid,
    /// The event's type: `accounts.customer.updated`.
    pub kind: String,
    /// When; see [`next_instant`].
    pub at: Timestamp,
    /// W3C trace context of the request.
    pub traceparent: Option<String>,
    /// The top-level parts that differ from the version before.
    pub changed: Vec<String>,
}

/// A version as it is stored.
#[derive(Clone, Debug)]
pub struct Stored<S> {
    /// The aggregate's id.
    pub id: String,
    /// 1, 2, 3 …
    pub version: u64,
    /// The state of this version.
    pub state: S,
    /// The change that made it.
    pub change: Change,
    /// Fingerprint of the idempotent request that created the aggregate.
    pub request: Option<String>,
    /// What the next commit has to know about events on their way.
    pub(super) outbox: Outbox,
}

impl<S> Stored<S> {
    /// Whether this change made this version or one of the last before it: what tells a caller who did not learn
    /// its outcome (rule 6).
    pub fn has_change(&self, change: Uuid) -> bool {
        self.change.id == change || self.outbox.recent.contains(&change)
    }
}

/// A new version that somebody wants.
#[derive(Clone, Debug)]
pub struct Proposal<S> {
    /// The aggregate's id.
    pub id: String,
    /// The version it was decided on; `None` creates.
    pub base: Option<Stored<S>>,
    /// The complete new state.
    pub state: S,
    /// The change, with a fresh id.
    pub change: Change,
    /// Fingerprint of the idempotent request that created the aggregate.
    pub request: Option<String>,
}

impl<S> Proposal<S> {
    /// The version this proposal makes.
    pub fn version(&self) -> u64 {
        self.base.as_ref().map_or(1, |base| base.version + 1)
    }
}

/// The instant of a change: now, but later than the change before, so that time never steps back within a key.
pub fn next_instant(base: Option<Timestamp>, now: Timestamp) -> Timestamp {
    base.map_or(now, |base| now.max(base.next()))
}

/// The record that tells the world of a version; `data` is the complete state after the change.
///
/// # Errors
/// The data cannot be written as JSON.
pub fn record_of<D: EventData>(
    version: u64,
    change: &Change,
    request: Option<&str>,
    data: D,
) -> serde_json::Result<Record> {
    let envelope = Envelope {
        id: change.id.to_string(),
        source: format!("{}{}", D::SOURCE_PREFIX, data.id()),
        kind: change.kind.clone(),
        subject: data.id().to_owned(),
        sequence: version,
        time: change.at,
        dataschema: D::DATASCHEMA.to_owned(),
        traceparent: change.traceparent.clone(),
        request_hash: request.map(str::to_owned),
        snapshot: false,
    };
    encode(&Event { envelope, data })
}

/// Which version of which aggregate a record states; `None` when it is no event with this data.
pub fn version_in<D: EventData>(record: &RawRecord<'_>) -> Option<(String, u64)> {
    let event = decode::<D>(record).ok()?;
    Some((event.envelope.subject, event.envelope.sequence))
}

/// The database could not be asked; nothing happened.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the database cannot be reached")]
pub struct Unavailable;

/// Why a proposal did not become a version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Another change made this version first. The caller reads again and decides again.
    #[error("another change was first")]
    VersionConflict,
    /// Another aggregate has this unique value.
    #[error("the {key} belongs to another aggregate")]
    KeyTaken {
        /// Which of [`Aggregate::UNIQUE_KEYS`].
        key: String,
    },
    /// The event would be larger than the topic takes. The caller must ask for less.
    #[error("the change is larger than the topic takes")]
    TooLarge,
    /// Nothing happened, and trying again later may help.
    #[error("{detail}")]
    Unavailable {
        /// For the caller: why, without internals.
        detail: String,
        /// When to try again.
        retry_after: Duration,
    },
    /// The change may or may not have happened; a read will tell.
    #[error("the outcome is not known")]
    OutcomeUnknown {
        /// When to look again.
        retry_after: Duration,
    },
}

impl CommitError {
    pub(super) fn unavailable(detail: impl Into<String>) -> Self {
        Self::Unavailable { detail: detail.into(), retry_after: Duration::from_secs(1) }
    }

    pub(super) fn unknown() -> Self {
        Self::OutcomeUnknown { retry_after: Duration::from_secs(1) }
    }
}
