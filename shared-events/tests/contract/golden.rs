//! Every published form, byte for byte. These bytes are in topics that never expire (G5): a difference here means that
//! the code is wrong, not the file. A new form gets a new file, `….v2.txt`, and the old ones must still be readable.
//!
//! A file has a line `key: …`, a line per header, an empty line, the value, and one line feed that is not part of it.

use shared_events::{
    customer::{CREATED, CustomerChange, DELETED, UPDATED},
    envelope::{self, Event},
    record::{RawRecord, Record},
};

use crate::samples;

/// Each file with the event that it is the record of.
fn golden() -> [(&'static str, &'static str, Event<CustomerChange>); 3] {
    [
        (CREATED, include_str!("../golden/accounts.customer.created.v1.txt"), samples::created()),
        (UPDATED, include_str!("../golden/accounts.customer.updated.v1.txt"), samples::updated()),
        (DELETED, include_str!("../golden/accounts.customer.deleted.v1.txt"), samples::deleted()),
    ]
}

#[test]
fn an_event_is_written_as_it_always_was() {
    for (kind, file, event) in golden() {
        assert_eq!(event.envelope.kind, kind);
        let written = as_text(&envelope::encode(&event).unwrap());
        assert!(written == file, "{kind} is written differently now:\n{written}");
    }
}

#[test]
fn what_was_ever_published_is_still_read() {
    for (kind, file, event) in golden() {
        assert_eq!(envelope::decode::<CustomerChange>(&from_text(file)), Ok(event), "{kind}");
    }
}

fn as_text(record: &Record) -> String {
    let mut text = format!("key: {}\n", record.key);
    for (name, value) in &record.headers {
        text += &format!("{name}: {value}\n");
    }
    text + "\n" + std::str::from_utf8(&record.value).unwrap() + "\n"
}

fn from_text(file: &str) -> RawRecord<'_> {
    let (head, value) = file.split_once("\n\n").unwrap();
    let mut lines = head.lines().map(|line| line.split_once(": ").unwrap());
    let (_, key) = lines.next().unwrap();
    RawRecord {
        key: Some(key.as_bytes()),
        headers: lines.map(|(name, value)| (name, Some(value.as_bytes()))).collect(),
        value: Some(value.strip_suffix('\n').unwrap().as_bytes()),
    }
}
