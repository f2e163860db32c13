//! What cannot be applied is kept in the collection `parked`, with all its bytes, before the position moves past it (D8).
//!
//! A parked record is found by its place in the log, so that reading it again parks it once. When a newer event of the
//! same aggregate has been applied, it is superseded: the state it would have made is history. Everything else about it
//! (re-drive, discard) is a person's decision and not made here.

use std::collections::HashSet;

use bson::spec::BinarySubtype;
use bson::{Binary, Bson, Document, RawDocumentBuf, doc};
use futures_util::TryStreamExt;
use mongodb::{Collection, Database};

use super::bulk;
use super::cause::{Cause, CauseKind};
use super::reading::{Incoming, Original, Projected};
use super::retry::Trouble;
use crate::mongo::IndexSpec;

/// Where parked records are.
pub(super) const COLLECTION: &str = "parked";
/// What of one record is kept at most: a document may have 16 MB. Kafka's own limit is 1 MB unless somebody raised it.
const MAX_BYTES: usize = 12_000_000;
/// How many keys with something parked are remembered; past it every applied key is asked for.
const MAX_KEYS: usize = 10_000;

/// What has become of the copy for the dead-letter topic.
pub(super) const PENDING: &str = "pending";
pub(super) const SENT: &str = "sent";
pub(super) const TOO_LARGE: &str = "too-large";
/// It only waits behind a parked record of its key, and is no dead letter.
const NONE: &str = "none";

/// The indexes that finding parked records needs.
pub(super) fn indexes() -> [IndexSpec; 2] {
    [
        IndexSpec::new("open-by-key", doc! { "projection": 1, "partition": 1, "subject": 1, "offset": 1 })
            .partial(doc! { "open": true }),
        IndexSpec::new("dead-letters-to-send", doc! { "deadLetter": 1, "projection": 1, "parkedAt": 1 })
            .partial(doc! { "deadLetter": PENDING }),
    ]
}

/// One record to be parked.
#[derive(Debug)]
pub(super) struct ToPark<'a> {
    pub(super) record: &'a Incoming,
    pub(super) cause: &'a Cause,
    /// The version that the view had of its key: only what is newer supersedes it.
    pub(super) after: u64,
}

/// The parked records of one projection.
#[derive(Clone, Debug)]
pub(super) struct Parked {
    pub(super) database: Database,
    /// The service that reads: its name stands in the document and in the dead-letter topic's name.
    pub(super) service: String,
    pub(super) projection: &'static str,
    pub(super) topic: String,
}

/// The keys that have something parked, as far as this instance's partitions go.
#[derive(Debug, Default)]
pub(super) struct OpenKeys {
    keys: HashSet<String>,
    /// There were too many to remember.
    any: bool,
}

impl OpenKeys {
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty() && !self.any
    }

    pub(super) fn may_have(&self, key: &str) -> bool {
        self.any || self.keys.contains(key)
    }

    pub(super) fn add(&mut self, key: &str) {
        if self.keys.len() < MAX_KEYS {
            self.keys.insert(key.to_owned());
        } else {
            self.any = true;
        }
    }

    pub(super) fn remove(&mut self, key: &str) {
        self.keys.remove(key);
    }
}

impl Parked {
    fn documents(&self) -> Collection<Document> {
        self.database.collection(COLLECTION)
    }

    /// The keys of these partitions that have something parked.
    pub(super) async fn open_keys(&self, partitions: &[i32]) -> Result<OpenKeys, Trouble> {
        let filter = doc! { "projection": self.projection, "partition": { "$in": partitions }, "open": true };
        let limit = i64::try_from(MAX_KEYS).unwrap_or(i64::MAX);
        let mut found =
            self.documents().find(filter).projection(doc! { "_id": 0, "subject": 1 }).limit(limit + 1).await?;
        let mut open = OpenKeys::default();
        while let Some(document) = found.try_next().await? {
            if let Ok(key) = document.get_str("subject") {
                open.add(key);
            }
        }
        Ok(open)
    }

    /// Keeps these records; one that is kept already stays as it is.
    pub(super) async fn park(&self, records: &[ToPark<'_>]) -> Result<(), Trouble> {
        let statements: Vec<_> = records.iter().map(|record| self.statement(record)).collect::<Result<_, _>>()?;
        bulk::update(&self.database, COLLECTION, &statements).await?.without_errors()?;
        Ok(())
    }

    /// Keeps one record.
    pub(super) fn statement(&self, record: &ToPark<'_>) -> Result<RawDocumentBuf, Trouble> {
        let only_new = doc! { "$setOnInsert": self.document(record) };
        let statement = doc! { "q": { "_id": self.id(record.record) }, "u": only_new, "upsert": true };
        RawDocumentBuf::try_from(&statement).map_err(Trouble::new)
    }

    fn id(&self, record: &Incoming) -> String {
        format!("{}:{}/{}/{}", self.projection, self.topic, record.partition, record.offset)
    }

    fn document(&self, parked: &ToPark<'_>) -> Document {
        let ToPark { record, cause, after } = parked;
        let original = &record.original;
        let mut room = MAX_BYTES;
        let number = |n: u64| Bson::from(i64::try_from(n).unwrap_or(i64::MAX));
        doc! {
            "service": &self.service,
            "projection": self.projection,
            "topic": &self.topic,
            "partition": record.partition,
            "offset": record.offset,
            "timestamp": original.timestamp,
            "subject": original.key_text(),
            "eventId": original.event_id(),
            "version": original.version().map(number),
            "after": number(original.version().unwrap_or(0).max(*after)),
            "cause": { "kind": cause.kind.as_str(), "text": &cause.text },
            "attempts": 1,
            "parkedAt": bson::DateTime::now(),
            "key": binary(original.key.as_deref(), &mut room),
            "headers": headers(original, &mut room),
            "value": binary(original.value.as_deref(), &mut room),
            "size": number(original.size() as u64),
            "open": true,
            "deadLetter": if cause.kind == CauseKind::Waiting { NONE } else { PENDING },
        }
    }

    /// Closes what is older than these events, and tells which of their keys have something parked all the same.
    pub(super) async fn supersede(&self, applied: &[Applied<'_>]) -> Result<HashSet<String>, Trouble> {
        let statements: Vec<_> =
            applied.iter().map(|event| self.superseding(event)).collect::<Result<_, _>>().map_err(Trouble::new)?;
        bulk::update(&self.database, COLLECTION, &statements).await?.without_errors()?;
        let keys: Vec<&str> = applied.iter().map(|event| event.key).collect();
        let left = self
            .documents()
            .distinct("subject", doc! { "projection": self.projection, "open": true, "subject": { "$in": keys } })
            .await?;
        Ok(left.iter().filter_map(Bson::as_str).map(str::to_owned).collect())
    }

    fn superseding(&self, event: &Applied<'_>) -> bson::error::Result<RawDocumentBuf> {
        let version = i64::try_from(event.version).unwrap_or(i64::MAX);
        let older = doc! {
            "projection": self.projection,
            "partition": event.partition,
            "subject": event.key,
            "offset": { "$lt": event.offset },
            "open": true,
            "after": { "$lt": version },
        };
        let resolution = doc! {
            "kind": "superseded", "version": version, "eventId": event.event_id, "offset": event.offset, "at": bson::DateTime::now(),
        };
        let close = doc! { "$set": { "open": false, "resolution": resolution } };
        RawDocumentBuf::try_from(&doc! { "q": older, "u": close, "multi": true })
    }
}

/// An event that is in the view now.
#[derive(Debug)]
pub(super) struct Applied<'a> {
    pub(super) key: &'a str,
    pub(super) version: u64,
    pub(super) event_id: &'a str,
    pub(super) partition: i32,
    pub(super) offset: i64,
}

impl<'a> Applied<'a> {
    pub(super) fn of(record: &Incoming, state: &'a Projected) -> Self {
        let Projected { key, version, event_id, .. } = state;
        Self { key, version: *version, event_id, partition: record.partition, offset: record.offset }
    }
}

/// The bytes as they came, cut where there is no room for all of them.
fn binary(bytes: Option<&[u8]>, room: &mut usize) -> Bson {
    let Some(bytes) = bytes else { return Bson::Null };
    let kept = &bytes[..bytes.len().min(*room)];
    *room -= kept.len();
    Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes: kept.to_vec() })
}

fn headers(original: &Original, room: &mut usize) -> Vec<Document> {
    let mut headers = Vec::new();
    for (name, value) in &original.headers {
        if name.len() > *room {
            break;
        }
        *room -= name.len();
        headers.push(doc! { "name": name, "value": binary(value.as_deref(), room) });
    }
    headers
}
