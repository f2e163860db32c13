//! From a record's bytes to what the view shall say, or to the cause why it cannot. Pure and total: it is fed with
//! whatever somebody put into the topic, and no record may stop the consumer (G6).

use std::panic::{AssertUnwindSafe, catch_unwind};

use bson::raw::{CString, RawBsonRef, cstr};
use bson::{Bson, RawDocumentBuf};
use serde::Serialize;
use shared_events::envelope::{self, Envelope};
use shared_events::record::RawRecord;
use shared_events::time::Timestamp;

use super::accumulate::{Contribution, Share};
use super::cause::{Cause, CauseKind};
use super::{AccumulatingProjection, CopyProjection, fields};

/// Longer ones are no id of anybody's, and are not indexed, logged or compared.
const MAX_ID: usize = 1_024;

/// A record as it came, owned: what is parked, byte for byte, when it cannot be applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Original {
    pub(super) key: Option<Vec<u8>>,
    pub(super) headers: Vec<(String, Option<Vec<u8>>)>,
    pub(super) value: Option<Vec<u8>>,
    /// Kafka's record time in milliseconds: transport, never the event's time (D4).
    pub(super) timestamp: Option<i64>,
}

impl Original {
    pub(super) fn as_raw(&self) -> RawRecord<'_> {
        RawRecord {
            key: self.key.as_deref(),
            headers: self.headers.iter().map(|(name, value)| (name.as_str(), value.as_deref())).collect(),
            value: self.value.as_deref(),
        }
    }

    /// About how many bytes it holds in memory.
    pub(super) fn size(&self) -> usize {
        let headers: usize =
            self.headers.iter().map(|(name, value)| name.len() + value.as_ref().map_or(0, Vec::len)).sum();
        self.key.as_ref().map_or(0, Vec::len) + self.value.as_ref().map_or(0, Vec::len) + headers
    }

    fn text(&self, header: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().rev().find(|(name, _)| name == header)?;
        std::str::from_utf8(value.as_deref()?).ok().filter(|text| text.len() <= MAX_ID)
    }

    /// The key, when it is text: whose later events supersede this one.
    pub(super) fn key_text(&self) -> Option<&str> {
        self.key
            .as_deref()
            .filter(|key| (1..=MAX_ID).contains(&key.len()))
            .and_then(|key| std::str::from_utf8(key).ok())
    }

    /// The event's id, as far as it can be told.
    pub(super) fn event_id(&self) -> Option<&str> {
        self.text("ce_id")
    }

    /// The version, as far as it can be told.
    pub(super) fn version(&self) -> Option<u64> {
        self.text("ce_sequence")?.parse().ok().filter(|version| i64::try_from(*version).is_ok())
    }
}

/// A record with what became of reading it.
#[derive(Clone, Debug)]
pub(super) struct Incoming {
    pub(super) partition: i32,
    pub(super) offset: i64,
    pub(super) original: Original,
    pub(super) reading: Result<Projected, Cause>,
}

impl Incoming {
    /// About how many bytes it holds in memory: the record as it came, and what was read from it.
    pub(super) fn size(&self) -> usize {
        self.original.size() + self.reading.as_ref().map_or(0, |projected| projected.document.as_bytes().len())
    }
}

/// A new state for the view.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Projected {
    pub(super) key: String,
    pub(super) version: u64,
    pub(super) event_id: String,
    pub(super) kind: String,
    /// A republished state: versions before it may be missing from the log.
    pub(super) snapshot: bool,
    /// When the change was made.
    pub(super) at: Timestamp,
    pub(super) traceparent: Option<String>,
    /// Of a copy, all that the projection owns of the document, with `version` and `eventId`, without `_id`; of an
    /// accumulation, what the key contributes.
    pub(super) document: RawDocumentBuf,
}

/// Reads the records of one projection. Not generic, so that the machinery around it is compiled once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader {
    fields: &'static [&'static str],
    read: fn(&RawRecord<'_>, &'static [&'static str]) -> Result<Projected, Cause>,
}

impl Reader {
    /// # Errors
    /// When the view's type cannot be stored ([`fields::of`]).
    pub(super) fn of<C: CopyProjection>() -> anyhow::Result<Self> {
        Ok(Self { fields: fields::of::<C::View>()?, read: read_copy::<C> })
    }

    /// Reads what each event contributes.
    pub(super) fn of_accumulation<A: AccumulatingProjection>() -> Self {
        Self { fields: &[], read: read_contribution::<A> }
    }

    pub(super) fn read(&self, original: &Original) -> Result<Projected, Cause> {
        let record = original.as_raw();
        // A projection that panics on one event must not take all the others with it (G6): the event is parked.
        catch_unwind(AssertUnwindSafe(|| (self.read)(&record, self.fields)))
            .unwrap_or_else(|_| Err(Cause::new(CauseKind::Rejected, "the projection panicked on this event")))
    }
}

fn read_copy<C: CopyProjection>(record: &RawRecord<'_>, fields: &'static [&'static str]) -> Result<Projected, Cause> {
    let event = envelope::decode::<C::Data>(record)?;
    let envelope = event.envelope.clone();
    let view = C::project(event)?;
    let document = document(&view, &envelope, fields)?;
    Ok(projected(envelope, document))
}

fn read_contribution<A: AccumulatingProjection>(record: &RawRecord<'_>, _: &[&str]) -> Result<Projected, Cause> {
    let event = envelope::decode::<A::Data>(record)?;
    let envelope = event.envelope.clone();
    let shares = A::contribute(event)?.iter().map(share).collect::<Result<_, _>>()?;
    let contribution = Contribution { version: envelope.sequence, event_id: envelope.id.clone(), shares };
    let document = bson::serialize_to_raw_document_buf(&contribution).map_err(unstorable)?;
    Ok(projected(envelope, document))
}

fn share<C: Serialize, M: Serialize>((cell, amounts): &(C, M)) -> Result<Share, Cause> {
    let whole = |(name, amount): (String, Bson)| Some((name, amount.as_i64().or(amount.as_i32().map(i64::from))?));
    let amounts = bson::serialize_to_document(amounts).map_err(unstorable)?;
    let amounts: Option<_> = amounts.into_iter().map(whole).collect();
    let amounts = amounts.ok_or_else(|| Cause::new(CauseKind::Rejected, "an amount is no whole number"))?;
    Ok(Share { cell: bson::serialize_to_document(cell).map_err(unstorable)?, amounts })
}

fn projected(envelope: Envelope, document: RawDocumentBuf) -> Projected {
    Projected {
        key: envelope.subject,
        version: envelope.sequence,
        event_id: envelope.id,
        kind: envelope.kind,
        snapshot: envelope.snapshot,
        at: envelope.time,
        traceparent: envelope.traceparent,
        document,
    }
}

/// The serialiser's own words may quote the value, so they stay here (G8).
fn unstorable(_: bson::error::Error) -> Cause {
    Cause::new(CauseKind::Rejected, "what the projection made of it cannot be stored as BSON")
}

fn document<V: Serialize>(view: &V, envelope: &Envelope, fields: &[&str]) -> Result<RawDocumentBuf, Cause> {
    let version = i64::try_from(envelope.sequence)
        .map_err(|_| Cause::new(CauseKind::SchemaViolation, "the version is too large"))?;
    let mut document = bson::serialize_to_raw_document_buf(view).map_err(unstorable)?;
    for absent in absent(&document, fields) {
        document.append(CString::try_from(absent).map_err(unstorable)?, RawBsonRef::Null);
    }
    document.append(cstr!("version"), version);
    document.append(cstr!("eventId"), envelope.id.as_str());
    Ok(document)
}

/// The owned fields that this state leaves out: written as null, or an earlier state's value would stay.
fn absent<'f>(document: &RawDocumentBuf, fields: &[&'f str]) -> Vec<&'f str> {
    let given: Vec<&str> = document.iter_elements().flatten().map(|element| element.key().as_str()).collect();
    fields.iter().copied().filter(|name| !given.contains(name)).collect()
}

#[cfg(test)]
mod tests;
