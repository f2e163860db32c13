//! The stored shape of an aggregate, and rule 4: which older events a new version must carry.
//!
//! ```text
//! { _id, version, …state…,
//!   change:      { id, type, at, traceparent?, changed, writer, seq },
//!   unpublished: [ { version, writer, seq, headers, value } ],   normally empty
//!   published:   true?,
//!   recent:      [ change ids of the last versions, newest last ],
//!   request?, keys }
//! ```
//!
//! The event of the current version is derived from the document; only events that a newer version overtook before
//! Kafka had them are carried, in full.

use std::{collections::BTreeMap, sync::Arc};

use bson::{RawDocument, RawDocumentBuf, raw::CString};
use serde::{Deserialize, Serialize};
use shared_events::{record::Record, time::Timestamp};
use uuid::Uuid;

use super::{
    aggregate::{Aggregate, Change, Proposal, Stored},
    writer::Known,
};

/// How many change ids a document remembers: the reach of outcome look-ups (rule 6).
pub(crate) const RECENT: usize = 16;

/// Members of the document that belong to the machinery, not to the state.
const OWN: [&str; 8] = ["_id", "version", "change", "unpublished", "published", "recent", "request", "keys"];

/// Who made a version, and under which number: what tells whether it is published.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Marker {
    pub(crate) writer: Arc<str>,
    pub(crate) seq: u64,
}

/// An older event that Kafka may not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Carried {
    pub(crate) version: u64,
    #[serde(flatten)]
    pub(crate) marker: Marker,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) value: String,
}

/// What the next commit has to know about the events of a stored version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outbox {
    pub(crate) marker: Option<Marker>,
    pub(crate) unpublished: Vec<Carried>,
    pub(crate) published: bool,
    pub(crate) recent: Vec<Uuid>,
}

#[derive(Serialize, Deserialize)]
struct StoredChange {
    id: bson::Uuid,
    #[serde(rename = "type")]
    kind: String,
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    traceparent: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    changed: Vec<String>,
    writer: Arc<str>,
    seq: u64,
}

/// The machinery's members, read apart from the state so that neither needs a flattened struct.
#[derive(Serialize, Deserialize)]
struct Own {
    #[serde(rename = "_id")]
    id: String,
    version: u64,
    change: StoredChange,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unpublished: Vec<Carried>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    published: bool,
    #[serde(default)]
    recent: Vec<bson::Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    keys: BTreeMap<String, String>,
}

/// The document of a proposal, ready to be sent.
pub(crate) struct NewVersion<A: Aggregate> {
    pub(crate) document: RawDocumentBuf,
    pub(crate) stored: Stored<A::State>,
}

/// Builds the document of a proposal: one replacement that commits state, event, uniqueness and idempotency (D1).
pub(crate) fn new_version<A: Aggregate>(
    proposal: Proposal<A::State>,
    marker: Marker,
    unpublished: Vec<Carried>,
) -> bson::error::Result<NewVersion<A>> {
    let version = proposal.version();
    let Proposal { id, base, state, change, request } = proposal;
    let mut recent = base.map(|base| base.outbox.recent).unwrap_or_default();
    recent.push(change.id);
    if recent.len() > RECENT {
        recent.remove(0);
    }
    let own = Own {
        id,
        version,
        change: StoredChange {
            id: to_bson_uuid(change.id),
            kind: change.kind,
            at: change.at,
            traceparent: change.traceparent,
            changed: change.changed,
            writer: marker.writer,
            seq: marker.seq,
        },
        unpublished,
        // Rule 3: a new version is not published, whatever the one before was.
        published: false,
        recent: recent.iter().copied().map(to_bson_uuid).collect(),
        request,
        keys: A::keys(&state).into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    };
    let mut document = bson::serialize_to_raw_document_buf(&own)?;
    append_state(&mut document, &bson::serialize_to_raw_document_buf(&state)?)?;
    Ok(NewVersion { document, stored: own.into_stored(state) })
}

fn append_state(document: &mut RawDocumentBuf, state: &RawDocument) -> bson::error::Result<()> {
    for element in state.iter_elements() {
        let element = element?;
        if !OWN.contains(&element.key().as_str()) {
            document.append(CString::try_from(element.key().as_str())?, element.value()?);
        }
    }
    Ok(())
}

/// Reads a stored document.
pub(crate) fn read<S: serde::de::DeserializeOwned>(document: &RawDocument) -> bson::error::Result<Stored<S>> {
    let own: Own = bson::deserialize_from_slice(document.as_bytes())?;
    let state: S = bson::deserialize_from_slice(document.as_bytes())?;
    Ok(own.into_stored(state))
}

impl Own {
    fn into_stored<S>(self, state: S) -> Stored<S> {
        let change = self.change;
        Stored {
            id: self.id,
            version: self.version,
            state,
            change: Change {
                id: from_bson_uuid(change.id),
                kind: change.kind,
                at: change.at,
                traceparent: change.traceparent,
                changed: change.changed,
            },
            request: self.request,
            outbox: Outbox {
                marker: Some(Marker { writer: change.writer, seq: change.seq }),
                unpublished: self.unpublished,
                published: self.published,
                recent: self.recent.into_iter().map(from_bson_uuid).collect(),
            },
        }
    }
}

/// Rule 4: what of a document's chain a newer version must carry. The *last* event known published, and all before it,
/// are dropped; the rest is carried in order. Dropping event by event instead would carry a dead writer's event for
/// ever; taking "no record of that writer" for "published" would lose it.
pub(crate) fn carry<A: Aggregate>(base: &Stored<A::State>, known: &impl Known) -> Vec<Carried> {
    let outbox = &base.outbox;
    // (a) a sweep saw the whole chain of this very version acknowledged.
    if outbox.published || outbox.marker.as_ref().is_some_and(|marker| known.is_published(marker)) {
        return Vec::new();
    }
    let first_unknown =
        outbox.unpublished.iter().rposition(|entry| known.is_published(&entry.marker)).map_or(0, |last| last + 1);
    let mut carried = outbox.unpublished[first_unknown..].to_vec();
    carried.extend(current_event::<A>(base));
    carried
}

/// The event of the current version, in the form in which it is carried.
fn current_event<A: Aggregate>(base: &Stored<A::State>) -> Option<Carried> {
    let marker = base.outbox.marker.clone()?;
    let record = event_of::<A>(base);
    Some(Carried {
        version: base.version,
        marker,
        headers: record.headers,
        value: String::from_utf8(record.value).unwrap_or_default(),
    })
}

/// The event of a stored version, derived from its document.
pub(crate) fn event_of<A: Aggregate>(stored: &Stored<A::State>) -> Record {
    A::event(&stored.id, stored.version, &stored.change, stored.request.as_deref(), &stored.state)
}

/// The chain of a document as Kafka gets it: what it carries, then its own event (rule 7: never one without the other).
pub(crate) fn chain<A: Aggregate>(stored: &Stored<A::State>, carried: Vec<Carried>) -> Vec<(u64, Record)> {
    let mut chain: Vec<_> = carried.into_iter().map(|entry| entry.into_record(&stored.id)).collect();
    chain.push((stored.version, event_of::<A>(stored)));
    chain
}

impl Carried {
    /// Bytes that this entry adds to its document and to the hand-off queue.
    pub(crate) fn size(&self) -> usize {
        self.value.len() + self.headers.iter().map(|(name, value)| name.len() + value.len() + 16).sum::<usize>()
    }

    fn into_record(self, id: &str) -> (u64, Record) {
        (self.version, Record { key: id.to_owned(), headers: self.headers, value: self.value.into_bytes() })
    }
}

fn to_bson_uuid(id: Uuid) -> bson::Uuid {
    bson::Uuid::from_bytes(id.into_bytes())
}

fn from_bson_uuid(id: bson::Uuid) -> Uuid {
    Uuid::from_bytes(id.bytes())
}
