//! CloudEvents 1.0 in Kafka's binary content mode: attributes are `ce_` headers, the data is the value.
//! (<https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md>)
//!
//! Decoding is total and never panics: it is fed with whatever somebody put into the topic. It checks what a consumer
//! relies on (G2, G3): the key is the aggregate's id, the sequence is a version, and the data says the same as both.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    record::{RawRecord, Record},
    time::Timestamp,
};

/// The highest version: what BSON and most JSON readers hold as a whole number.
pub const MAX_VERSION: u64 = i64::MAX as u64;

/// The attributes of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// `ce_id`: the id of the change. Together with `source` it names the event for ever; a repeat has the same.
    pub id: String,
    /// `ce_source`: `/accounts/customers/{id}`; the scope of `sequence`.
    pub source: String,
    /// `ce_type`: `accounts.customer.created`.
    pub kind: String,
    /// `ce_subject`, and the record's key: the aggregate's id.
    pub subject: String,
    /// `ce_sequence`: the version, 1, 2, 3 … without gaps; zero-padded to 20 digits on the wire.
    pub sequence: u64,
    /// `ce_time`: when the change was made (`change.at`); strictly rising within a key.
    pub time: Timestamp,
    /// `ce_dataschema`: where the owner serves the JSON Schema of the data.
    pub dataschema: String,
    /// W3C trace context of the request that made the change, in `ce_traceparent` and `traceparent`.
    pub traceparent: Option<String>,
    /// `ce_requesthash`: fingerprint of the idempotent request that created the aggregate, on every event of it.
    pub request_hash: Option<String>,
    /// `ce_snapshot: 1`: a republished state. Versions before it may be missing from this log.
    pub snapshot: bool,
}

/// An event: its envelope and the complete state after the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<D> {
    /// The CloudEvents attributes.
    pub envelope: Envelope,
    /// The state after the change.
    pub data: D,
}

/// The data of one aggregate's events.
pub trait EventData: Serialize + DeserializeOwned {
    /// What `ce_source` starts with; the id follows: `/accounts/customers/`.
    const SOURCE_PREFIX: &'static str;
    /// What `ce_type` starts with; the last word follows: `accounts.customer.`.
    const TYPE_PREFIX: &'static str;
    /// `ce_dataschema`.
    const DATASCHEMA: &'static str;

    /// The aggregate's id as the data gives it.
    fn id(&self) -> &str;
    /// The version as the data gives it.
    fn version(&self) -> u64;
    /// Rules that the shape alone cannot hold; the first broken one, in words.
    ///
    /// # Errors
    /// What is wrong, with the place.
    fn check(&self) -> Result<(), String>;
}

/// Why a record is not an event of this contract. Each is about the record alone: trying again cannot help (D8).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The record has no key, so it belongs to no aggregate.
    #[error("the record has no key")]
    NoKey,
    /// The key is not text.
    #[error("the record's key is not UTF-8")]
    KeyNotText,
    /// The value is null or has no bytes.
    #[error("the record has no value")]
    NoValue,
    /// A required header is missing.
    #[error("the header {0} is missing")]
    HeaderMissing(&'static str),
    /// A header's value is not what the contract says.
    #[error("the header {name} is invalid: {why}")]
    HeaderInvalid {
        /// Which header.
        name: &'static str,
        /// What it has to be.
        why: &'static str,
    },
    /// The type belongs to no event of this aggregate; its first 100 characters.
    #[error("the type {0:?} is not one of this aggregate's")]
    ForeignType(String),
    /// Key, source, subject, sequence and data do not tell the same story.
    #[error("{0} does not agree with the record's key or headers")]
    Contradiction(&'static str),
    /// The value is no JSON of the expected shape.
    #[error("the value does not match {schema}: {why}")]
    Data {
        /// The data schema it was read as.
        schema: &'static str,
        /// The parser's words: member and place, never the content.
        why: String,
    },
}

impl DecodeError {
    /// Whether the bytes can be read as an event at all: the difference between *undecodable* and *schema violation*.
    pub fn is_schema_violation(&self) -> bool {
        match self {
            Self::Data { .. } | Self::Contradiction(_) | Self::ForeignType(_) => true,
            Self::NoKey | Self::KeyNotText | Self::NoValue | Self::HeaderMissing(_) | Self::HeaderInvalid { .. } => {
                false
            }
        }
    }
}

/// The record of an event.
///
/// # Errors
/// Only when the data itself cannot be written as JSON (a map whose keys are no text); none of ours has such a part.
pub fn encode<D: EventData>(event: &Event<D>) -> Result<Record, serde_json::Error> {
    let value = serde_json::to_vec(&event.data)?;
    let e = &event.envelope;
    let mut headers = vec![
        ("ce_specversion", "1.0".to_owned()),
        ("ce_id", e.id.clone()),
        ("ce_source", e.source.clone()),
        ("ce_type", e.kind.clone()),
        ("ce_subject", e.subject.clone()),
        ("ce_time", e.time.to_string()),
        // The sequence extension demands lexicographic order, hence the zeros.
        ("ce_sequence", format!("{:020}", e.sequence)),
        ("ce_dataschema", e.dataschema.clone()),
    ];
    if let Some(traceparent) = &e.traceparent {
        headers.push(("ce_traceparent", traceparent.clone()));
        headers.push(("traceparent", traceparent.clone()));
    }
    if let Some(hash) = &e.request_hash {
        headers.push(("ce_requesthash", hash.clone()));
    }
    if e.snapshot {
        headers.push(("ce_snapshot", "1".to_owned()));
    }
    headers.push(("content-type", "application/json".to_owned()));
    let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Ok(Record { key: e.subject.clone(), headers, value })
}

/// The event of a record.
///
/// # Errors
/// [`DecodeError`], for every record that is not exactly an event of this aggregate.
pub fn decode<D: EventData>(record: &RawRecord<'_>) -> Result<Event<D>, DecodeError> {
    let envelope = decode_envelope::<D>(record)?;
    let value = record.value.filter(|v| !v.is_empty()).ok_or(DecodeError::NoValue)?;
    let data: D = serde_json::from_slice(value)
        .map_err(|e| DecodeError::Data { schema: D::DATASCHEMA, why: without_content(&e) })?;
    data.check().map_err(|why| DecodeError::Data { schema: D::DATASCHEMA, why })?;
    if data.id() != envelope.subject {
        return Err(DecodeError::Contradiction("the data's id"));
    }
    if data.version() != envelope.sequence {
        return Err(DecodeError::Contradiction("the data's version"));
    }
    Ok(Event { envelope, data })
}

fn decode_envelope<D: EventData>(record: &RawRecord<'_>) -> Result<Envelope, DecodeError> {
    let key = record.key.filter(|k| !k.is_empty()).ok_or(DecodeError::NoKey)?;
    let key = std::str::from_utf8(key).map_err(|_| DecodeError::KeyNotText)?;
    if required(record, "ce_specversion")? != "1.0" {
        return Err(DecodeError::HeaderInvalid { name: "ce_specversion", why: "must be 1.0" });
    }
    let id = required(record, "ce_id")?.to_owned();
    let source = required(record, "ce_source")?.to_owned();
    let kind = required(record, "ce_type")?.to_owned();
    let subject = required(record, "ce_subject")?.to_owned();
    let time = Timestamp::parse(required(record, "ce_time")?)
        .map_err(|_| DecodeError::HeaderInvalid { name: "ce_time", why: "must be an RFC 3339 time" })?;
    let sequence = parse_sequence(required(record, "ce_sequence")?)?;
    let dataschema = required(record, "ce_dataschema")?.to_owned();
    check_content_type(record)?;
    if !kind.starts_with(D::TYPE_PREFIX) || kind.len() == D::TYPE_PREFIX.len() {
        return Err(DecodeError::ForeignType(kind.chars().take(100).collect()));
    }
    if subject != key {
        return Err(DecodeError::Contradiction("ce_subject"));
    }
    if source.strip_prefix(D::SOURCE_PREFIX) != Some(key) {
        return Err(DecodeError::Contradiction("ce_source"));
    }
    Ok(Envelope {
        id,
        source,
        kind,
        subject,
        sequence,
        time,
        dataschema,
        traceparent: optional(record, "ce_traceparent")?.map(str::to_owned),
        request_hash: optional(record, "ce_requesthash")?.map(str::to_owned),
        snapshot: optional(record, "ce_snapshot")?.is_some_and(|v| v == "1"),
    })
}

fn required<'a>(record: &RawRecord<'a>, name: &'static str) -> Result<&'a str, DecodeError> {
    optional(record, name)?.ok_or(DecodeError::HeaderMissing(name))
}

fn optional<'a>(record: &RawRecord<'a>, name: &'static str) -> Result<Option<&'a str>, DecodeError> {
    let Some(bytes) = record.header(name) else {
        return Ok(None);
    };
    let text =
        std::str::from_utf8(bytes).map_err(|_| DecodeError::HeaderInvalid { name, why: "must be UTF-8 text" })?;
    if text.is_empty() { Err(DecodeError::HeaderInvalid { name, why: "must not be empty" }) } else { Ok(Some(text)) }
}

/// 20 digits and nothing else: `u64`'s own parser would also take a sign.
fn parse_sequence(text: &str) -> Result<u64, DecodeError> {
    let invalid =
        DecodeError::HeaderInvalid { name: "ce_sequence", why: "must be a version, 1 to 2^63-1, as 20 digits" };
    if text.len() != 20 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(invalid);
    }
    match text.parse::<u64>() {
        Ok(version) if (1..=MAX_VERSION).contains(&version) => Ok(version),
        Ok(_) | Err(_) => Err(invalid),
    }
}

fn check_content_type(record: &RawRecord<'_>) -> Result<(), DecodeError> {
    let media_type = required(record, "content-type")?.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(DecodeError::HeaderInvalid { name: "content-type", why: "must be application/json" })
    }
}

/// `serde_json` quotes unexpected content in its messages; a log or a parked event must not repeat it (G8).
fn without_content(error: &serde_json::Error) -> String {
    let kind = match error.classify() {
        serde_json::error::Category::Syntax => "is not JSON",
        serde_json::error::Category::Eof => "ends too early",
        serde_json::error::Category::Data => "has a missing or wrong-typed member",
        serde_json::error::Category::Io => "cannot be read",
    };
    format!("{kind} (line {}, column {})", error.line(), error.column())
}
