//! Every published form, byte for byte. These bytes are in topics that never expire (G5): a difference here means that
//! the code is wrong, not the file. A new form gets a new file, `….v2.txt`, and the old ones must still be readable.
//!
//! A file has a line `key: …`, a line per header, an empty line, the value, and one line feed that is not part of it.

use shared_events::{
    envelope,
    record::{RawRecord, Record},
};

use crate::samples::{Sampled, for_every_aggregate};

for_every_aggregate!(an_event_is_written_as_it_always_was, what_was_ever_published_is_still_read);

fn an_event_is_written_as_it_always_was<D: Sampled>() {
    for (kind, file, event) in D::golden() {
        assert_eq!(event.envelope.kind, kind);
        let written = as_text(&envelope::encode(&event).unwrap());
        assert!(written == file, "{kind} is written differently now:\n{written}");
    }
}

fn what_was_ever_published_is_still_read<D: Sampled>() {
    for (kind, file, event) in D::golden() {
        assert_eq!(envelope::decode::<D>(&from_text(file)), Ok(event), "{kind}");
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
