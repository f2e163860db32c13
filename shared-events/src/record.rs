//! A Kafka record without Kafka: key, headers and value as bytes. What the publisher sends and the consumer receives.

/// A record as it is written: the key is the aggregate's id, so that all its events share a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Aggregate id.
    pub key: String,
    /// Header names with their text values, in the order they are written.
    pub headers: Vec<(String, String)>,
    /// JSON, UTF-8.
    pub value: Vec<u8>,
}

impl Record {
    /// The value of a header; the last one wins when a name is repeated, as Kafka's own clients read it.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Bytes this record needs in the log, headers and key included (without Kafka's own framing).
    pub fn size(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(n, v)| n.len() + v.len() + 8).sum();
        self.key.len() + headers + self.value.len()
    }

    /// The same record as a reader would find it.
    pub fn as_raw(&self) -> RawRecord<'_> {
        RawRecord {
            key: Some(self.key.as_bytes()),
            headers: self.headers.iter().map(|(n, v)| (n.as_str(), Some(v.as_bytes()))).collect(),
            value: Some(&self.value),
        }
    }
}

/// A record as it is found: nothing about it is trusted, everything may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawRecord<'a> {
    /// The record's key, if it has one.
    pub key: Option<&'a [u8]>,
    /// Header names and values in their order; a value may be null.
    pub headers: Vec<(&'a str, Option<&'a [u8]>)>,
    /// The record's value; null is Kafka's own tombstone, which this contract does not use.
    pub value: Option<&'a [u8]>,
}

impl<'a> RawRecord<'a> {
    /// The bytes of a header; the last one wins when a name is repeated.
    pub fn header(&self, name: &str) -> Option<&'a [u8]> {
        self.headers.iter().rev().find(|(n, _)| *n == name).and_then(|(_, v)| *v)
    }
}
