//! A parked record as a dead letter: the bytes as they came, and headers that say where from and why.
//!
//! The names and encodings are those of Spring for Apache Kafka (`KafkaHeaders.DLT_*`), which the tools of the field read:
//! numbers are big-endian, texts UTF-8.

use bson::Binary;
use rdkafka::message::{Header, OwnedHeaders};
use serde::Deserialize;

/// Longer causes are cut in the header; the parked document has them in full.
const MAX_TEXT: usize = 8_192;

/// What the letter needs of a parked document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Letter {
    #[serde(rename = "_id")]
    id: String,
    service: String,
    projection: String,
    topic: String,
    partition: i32,
    offset: i64,
    timestamp: Option<i64>,
    cause: CauseText,
    key: Option<Binary>,
    headers: Vec<NamedBytes>,
    value: Option<Binary>,
    size: i64,
}

#[derive(Debug, Deserialize)]
struct CauseText {
    kind: String,
    text: String,
}

#[derive(Debug, Deserialize)]
struct NamedBytes {
    name: String,
    value: Option<Binary>,
}

impl Letter {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn key(&self) -> Option<&[u8]> {
        self.key.as_ref().map(|key| key.bytes.as_slice())
    }

    /// Headers and value, cut to what `limit` leaves: the value first, then the record's own headers.
    pub(super) fn fitted(&self, limit: usize) -> (OwnedHeaders, Option<&[u8]>) {
        let added = self.added();
        let key = self.key().map_or(0, <[u8]>::len);
        let mut room =
            limit.saturating_sub(key + added.iter().map(|(name, value)| cost(name, Some(value))).sum::<usize>() + 128);
        let own: Vec<_> = self
            .headers
            .iter()
            .map(|header| (header.name.as_str(), header.value.as_ref().map(|v| v.bytes.as_slice())))
            .collect();
        let kept: Vec<_> = own.iter().take_while(|(name, value)| take(&mut room, cost(name, *value))).collect();
        let value = self.value.as_ref().map(|value| &value.bytes[..value.bytes.len().min(room)]);
        let mut headers = OwnedHeaders::new_with_capacity(kept.len() + added.len() + 1);
        for (name, value) in &kept {
            headers = headers.insert(Header { key: name, value: *value });
        }
        for (name, value) in &added {
            headers = headers.insert(Header { key: name, value: Some(value) });
        }
        if let Some(cut) = self.cut(kept.len(), value) {
            headers = headers.insert(Header { key: "kafka_dlt-cut", value: Some(&cut) });
        }
        (headers, value)
    }

    fn added(&self) -> [(&'static str, Vec<u8>); 7] {
        let text: String = self.cause.text.chars().take(MAX_TEXT / 4).collect();
        [
            ("kafka_dlt-original-topic", self.topic.clone().into_bytes()),
            ("kafka_dlt-original-partition", self.partition.to_be_bytes().to_vec()),
            ("kafka_dlt-original-offset", self.offset.to_be_bytes().to_vec()),
            ("kafka_dlt-original-timestamp", self.timestamp.unwrap_or(-1).to_be_bytes().to_vec()),
            ("kafka_dlt-original-consumer-group", format!("{}.{}", self.service, self.projection).into_bytes()),
            ("kafka_dlt-exception-fqcn", self.cause.kind.clone().into_bytes()),
            ("kafka_dlt-exception-message", text.into_bytes()),
        ]
    }

    /// Says what is missing, here or in the parked document already.
    fn cut(&self, headers: usize, value: Option<&[u8]>) -> Option<String> {
        let whole = headers == self.headers.len()
            && value.map(<[u8]>::len) == self.value.as_ref().map(|value| value.bytes.len());
        let held =
            self.headers.iter().map(|header| header.name.len() + header.value.as_ref().map_or(0, |v| v.bytes.len()));
        let held = held.sum::<usize>()
            + self.key().map_or(0, <[u8]>::len)
            + self.value.as_ref().map_or(0, |value| value.bytes.len());
        let kept_whole = i64::try_from(held).is_ok_and(|held| held == self.size);
        (!whole || !kept_whole).then(|| {
            format!(
                "{} bytes of value and {headers} headers are left of a record of {} bytes",
                value.map_or(0, <[u8]>::len),
                self.size
            )
        })
    }
}

fn take(room: &mut usize, bytes: usize) -> bool {
    let left = room.checked_sub(bytes);
    *room = left.unwrap_or(*room);
    left.is_some()
}

/// A header's bytes with its lengths.
fn cost(name: &str, value: Option<&[u8]>) -> usize {
    name.len() + value.map_or(0, <[u8]>::len) + 10
}

#[cfg(test)]
mod tests {
    use bson::spec::BinarySubtype;
    use rdkafka::message::Headers;

    use super::*;

    fn binary(bytes: &[u8]) -> Binary {
        Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() }
    }

    fn letter(value: usize) -> Letter {
        Letter {
            id: "things:t/3/7".to_owned(),
            service: "orders".to_owned(),
            projection: "things".to_owned(),
            topic: "t".to_owned(),
            partition: 3,
            offset: 7,
            timestamp: Some(5),
            cause: CauseText { kind: "rejected".to_owned(), text: "no".to_owned() },
            key: Some(binary(b"key")),
            headers: vec![NamedBytes { name: "ce_id".to_owned(), value: Some(binary(b"id")) }],
            value: Some(binary(&vec![1; value])),
            size: i64::try_from(3 + 5 + 2 + value).unwrap(),
        }
    }

    fn header(headers: &OwnedHeaders, name: &str) -> Option<Vec<u8>> {
        headers.iter().find(|header| header.key == name).and_then(|header| header.value.map(<[u8]>::to_vec))
    }

    #[test]
    fn a_letter_says_where_it_comes_from_and_why() {
        let letter = letter(10);
        let (headers, value) = letter.fitted(10_000);
        assert_eq!(value.map(<[u8]>::len), Some(10));
        assert_eq!(header(&headers, "ce_id").unwrap(), b"id");
        assert_eq!(header(&headers, "kafka_dlt-original-partition").unwrap(), 3_i32.to_be_bytes());
        assert_eq!(header(&headers, "kafka_dlt-original-offset").unwrap(), 7_i64.to_be_bytes());
        assert_eq!(header(&headers, "kafka_dlt-exception-message").unwrap(), b"no");
        assert_eq!(header(&headers, "kafka_dlt-cut"), None);
    }

    #[test]
    fn what_does_not_fit_is_cut_and_says_so() {
        let letter = letter(10_000);
        let (headers, value) = letter.fitted(5_000);
        let kept = value.unwrap().len();
        let size: usize = headers.iter().map(|header| cost(header.key, header.value)).sum();
        assert!(kept > 1_000 && kept + size + 3 <= 5_000, "{kept} {size}");
        let said = String::from_utf8(header(&headers, "kafka_dlt-cut").unwrap()).unwrap();
        assert!(said.starts_with(&format!("{kept} bytes of value and 1 headers")), "{said}");
    }
}
