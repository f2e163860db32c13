//! A record as it might be found in a topic, to be spoilt in every way.

use std::marker::PhantomData;

use shared_events::{
    envelope::{self, DecodeError, Event},
    record::{RawRecord, Record},
};

use crate::samples::Sampled;

pub(crate) const REQUIRED: [&str; 9] = [
    "ce_specversion",
    "ce_id",
    "ce_source",
    "ce_type",
    "ce_subject",
    "ce_time",
    "ce_sequence",
    "ce_dataschema",
    "content-type",
];
pub(crate) const OPTIONAL: [&str; 3] = ["ce_traceparent", "ce_requesthash", "ce_snapshot"];

/// A record that can be spoilt in every way: like [`RawRecord`], but it owns what it says. It is read as an event of `D`.
#[derive(Clone, Debug)]
pub(crate) struct Found<D> {
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) headers: Vec<(String, Option<Vec<u8>>)>,
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) data: PhantomData<D>,
}

impl<D: Sampled> Found<D> {
    pub(crate) fn new(record: Record) -> Self {
        Self {
            key: Some(record.key.into_bytes()),
            headers: record.headers.into_iter().map(|(name, value)| (name, Some(value.into_bytes()))).collect(),
            value: Some(record.value),
            data: PhantomData,
        }
    }

    pub(crate) fn of(event: &Event<D>) -> Self {
        Self::new(envelope::encode(event).unwrap())
    }

    pub(crate) fn sample() -> Self {
        Self::of(&D::fullest())
    }

    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let header = self.headers.iter_mut().find(|(n, _)| n == name).unwrap();
        header.1 = Some(value.as_ref().to_vec());
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(n, _)| n != name);
        self
    }

    pub(crate) fn key(mut self, key: Option<&[u8]>) -> Self {
        self.key = key.map(<[u8]>::to_vec);
        self
    }

    pub(crate) fn value(mut self, value: Option<&[u8]>) -> Self {
        self.value = value.map(<[u8]>::to_vec);
        self
    }

    /// Writes one more member into the data.
    pub(crate) fn with_member(self, member: &str) -> Self {
        let data = String::from_utf8(self.value.clone().unwrap()).unwrap();
        self.value(Some(data.replacen('{', &format!("{{{member},"), 1).as_bytes()))
    }

    /// Edits one member of the data.
    pub(crate) fn data(self, pointer: &str, to: serde_json::Value) -> Self {
        let mut data: serde_json::Value = serde_json::from_slice(self.value.as_ref().unwrap()).unwrap();
        *data.pointer_mut(pointer).unwrap() = to;
        self.value(Some(&serde_json::to_vec(&data).unwrap()))
    }

    pub(crate) fn decode(&self) -> Result<Event<D>, DecodeError> {
        envelope::decode(&RawRecord {
            key: self.key.as_deref(),
            headers: self.headers.iter().map(|(name, value)| (name.as_str(), value.as_deref())).collect(),
            value: self.value.as_deref(),
        })
    }
}
