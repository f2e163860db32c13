//! What of a batch is added up, what has been, what is parked, and what waits behind something parked. Pure.
//!
//! An accumulation takes the events of a key in order or not at all: behind one that cannot be read, the later ones of the
//! key wait, parked with a cause of their own (G6). A copy needs no such queue, because its newest state is all there is.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::batch::{self, Folded, GapRule};
use super::super::cause::{Cause, CauseKind};
use super::super::known::{Known, Newest};
use super::super::reading::Incoming;
use super::contribution::Stored;

/// What has to happen.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) folded: Folded,
    /// By key: its partition, and how many of its records are parked by this batch.
    waiting: BTreeMap<String, (i32, i64)>,
}

impl Judged {
    /// Keys whose queue grows, with their partition and by how many.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (&str, (i32, i64))> {
        self.waiting.iter().map(|(key, more)| (key.as_str(), *more))
    }
}

/// Whose event a record is, as far as it can be told.
pub(super) fn key(record: &Incoming) -> Option<&str> {
    match &record.reading {
        Ok(projected) => Some(&projected.key),
        Err(_) => record.original.key_text(),
    }
}

pub(super) fn judge<'a>(
    records: impl Iterator<Item = (usize, &'a Incoming)>,
    stored: &HashMap<String, Stored>,
    complete: bool,
) -> Judged {
    let mut queues = Queues::new(stored);
    let (mut parked, mut passed) = (Vec::new(), Vec::new());
    for (at, record) in records {
        match queues.take(record) {
            Some(cause) => parked.push((at, cause)),
            None => passed.push((at, record)),
        }
    }
    let mut known = Known::with_capacity(usize::MAX);
    for (key, stored) in stored {
        known.note(key, Newest { version: stored.version, event_id: stored.event_id.clone() });
    }
    for (_, record) in &passed {
        if let Some(key) = key(record).filter(|key| !stored.contains_key(*key)) {
            known.note(key, Newest::NOTHING);
        }
    }
    let excused = |key: &str| queues.blocked.contains(key);
    let mut folded = batch::fold(passed, &known, &GapRule { complete, excused: &excused });
    folded.parked.extend(parked);
    folded.parked.sort_by_key(|(at, _)| *at);
    Judged { folded, waiting: queues.more }
}

struct Queues<'a> {
    stored: &'a HashMap<String, Stored>,
    /// Keys with something parked.
    blocked: HashSet<&'a str>,
    /// The newest version that goes on, of keys that are in this batch.
    newest: HashMap<&'a str, u64>,
    more: BTreeMap<String, (i32, i64)>,
}

impl<'a> Queues<'a> {
    fn new(stored: &'a HashMap<String, Stored>) -> Self {
        let blocked = stored.values().filter(|key| key.waiting > 0).map(|key| key.id.as_str()).collect();
        Self { stored, blocked, newest: HashMap::new(), more: BTreeMap::new() }
    }

    /// Why the record is parked, if it is.
    fn take(&mut self, record: &'a Incoming) -> Option<Cause> {
        let key = key(record);
        let cause = match &record.reading {
            Err(cause) => cause.clone(),
            Ok(state) if self.blocked.contains(state.key.as_str()) && state.version > self.version(&state.key) => {
                Cause::new(CauseKind::Waiting, "an earlier event of this key is parked")
            }
            Ok(state) => {
                let newest = self.version(&state.key).max(state.version);
                self.newest.insert(&state.key, newest);
                return None;
            }
        };
        if let Some(key) = key {
            self.blocked.insert(key);
            let (_, count) = self.more.entry(key.to_owned()).or_insert((record.partition, 0));
            *count += 1;
        }
        Some(cause)
    }

    fn version(&self, key: &str) -> u64 {
        let stored = self.stored.get(key).map_or(0, |stored| stored.version);
        self.newest.get(key).copied().unwrap_or(0).max(stored)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::batch::Gap;
    use super::super::super::reading::{Original, Reader};
    use super::super::super::sample::{Things, event, original};
    use super::*;

    /// A record of key `a` at this version; 0 is one that cannot be read.
    fn records(versions: &[u64]) -> Vec<Incoming> {
        let reader = Reader::of::<Things>().unwrap();
        let record = |(offset, version): (usize, &u64)| {
            let readable = || original(&event("a", *version));
            let garbage = || Original { key: Some(b"a".to_vec()), ..Original::default() };
            let original = if *version == 0 { garbage() } else { readable() };
            let reading = reader.read(&original);
            Incoming { partition: 2, offset: offset as i64, original, reading }
        };
        versions.iter().enumerate().map(record).collect()
    }

    fn stored(version: u64, waiting: i64) -> HashMap<String, Stored> {
        let event_id = format!("a-{version}");
        let stored = Stored { id: "a".to_owned(), version, event_id, shares: Vec::new(), waiting };
        HashMap::from([("a".to_owned(), stored)])
    }

    fn parked(judged: &Judged) -> Vec<(usize, CauseKind)> {
        judged.folded.parked.iter().map(|(at, cause)| (*at, cause.kind)).collect()
    }

    #[test]
    fn later_events_wait_behind_one_that_cannot_be_read_and_repeats_do_not() {
        let records = records(&[1, 0, 2, 1, 3]);
        let judged = judge(records.iter().enumerate(), &HashMap::new(), true);
        assert_eq!(judged.folded.writes, [0]);
        assert_eq!(parked(&judged), [(1, CauseKind::Undecodable), (2, CauseKind::Waiting), (4, CauseKind::Waiting)]);
        assert_eq!(judged.folded.repeats, 1);
        assert_eq!(judged.waiting().collect::<Vec<_>>(), [("a", (2, 3))]);
    }

    #[test]
    fn what_waits_since_an_earlier_batch_holds_the_later_ones_back() {
        let records = records(&[2, 3, 4]);
        let judged = judge(records.iter().enumerate(), &stored(2, 1), true);
        assert_eq!(judged.folded.writes, [0_usize; 0]);
        assert_eq!(parked(&judged), [(1, CauseKind::Waiting), (2, CauseKind::Waiting)]);
        assert_eq!(judged.folded.repeats, 1);
    }

    #[test]
    fn without_anything_parked_the_newest_is_added_and_gaps_are_told() {
        let records = records(&[3, 5]);
        let judged = judge(records.iter().enumerate(), &stored(2, 0), true);
        assert_eq!(
            (judged.folded.writes.as_slice(), judged.folded.gaps.as_slice()),
            (&[1][..], &[Gap { at: 1, after: 3 }][..])
        );
        assert_eq!(judged.waiting().count(), 0);
    }
}
