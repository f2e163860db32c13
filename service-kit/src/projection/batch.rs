//! Folds what has arrived to what has to be written: the newest state per key (D5). Pure.
//!
//! It looks before it folds: a gap in first appearances, and a version that shows up with another event id, would
//! otherwise vanish between the first and the last event of a key.

use std::collections::{HashMap, HashSet};

use super::cause::Cause;
use super::known::{Known, Newest};
use super::reading::{Incoming, Projected};

/// What has to happen with a batch; the numbers are places in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Folded {
    /// The newest state of each key that the view does not have yet, as far as is known; one per key.
    pub(super) writes: Vec<usize>,
    /// What cannot be applied, and why.
    pub(super) parked: Vec<(usize, Cause)>,
    /// Versions that are missing before this one: an alarm (G2).
    pub(super) gaps: Vec<Gap>,
    /// Events that were applied before, or are behind what was.
    pub(super) repeats: usize,
    /// Events that a newer one of the same batch made unnecessary.
    pub(super) overtaken: usize,
}

/// First appearances that are missing from the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    /// The event after the gap.
    pub(super) at: usize,
    /// The newest version before it.
    pub(super) after: u64,
}

/// Which gaps are judged: none until the view is complete, and none of a key that has something parked.
pub(super) struct GapRule<'a> {
    pub(super) complete: bool,
    pub(super) excused: &'a dyn Fn(&str) -> bool,
}

/// Folds a batch, each record with its place in it. `known` is what the view has; a key that it does not know is written under the view's own guard.
pub(super) fn fold<'a>(
    items: impl IntoIterator<Item = (usize, &'a Incoming)>,
    known: &'a Known,
    rule: &'a GapRule<'a>,
) -> Folded {
    let mut fold = Fold { known, rule, keys: HashMap::new(), excused: HashSet::new(), folded: Folded::default() };
    for (at, item) in items {
        match &item.reading {
            Ok(projected) => fold.take(at, projected),
            Err(cause) => {
                fold.excused.extend(item.original.key_text());
                fold.folded.parked.push((at, cause.clone()));
            }
        }
    }
    fold.finish()
}

struct Fold<'a> {
    known: &'a Known,
    rule: &'a GapRule<'a>,
    keys: HashMap<&'a str, Seen<'a>>,
    excused: HashSet<&'a str>,
    folded: Folded,
}

/// What this batch has brought of one key so far.
#[derive(Default)]
struct Seen<'a> {
    newest: Option<(usize, u64)>,
    ids: Vec<(u64, &'a str)>,
}

enum Verdict {
    Newer { gap_after: Option<u64> },
    Repeat,
    Contradiction,
}

impl<'a> Fold<'a> {
    fn take(&mut self, at: usize, projected: &'a Projected) {
        match self.judge(projected) {
            Verdict::Newer { gap_after } => {
                self.folded.gaps.extend(gap_after.map(|after| Gap { at, after }));
                let seen = self.keys.entry(&projected.key).or_default();
                seen.ids.push((projected.version, &projected.event_id));
                if seen.newest.replace((at, projected.version)).is_some() {
                    self.folded.overtaken += 1;
                }
            }
            Verdict::Repeat => self.folded.repeats += 1,
            Verdict::Contradiction => {
                self.folded.parked.push((at, Cause::contradiction(projected.version)));
            }
        }
    }

    fn judge(&self, projected: &Projected) -> Verdict {
        let known = self.known.get(&projected.key);
        let seen = self.keys.get(projected.key.as_str());
        let same_version = known
            .filter(|known| known.version == projected.version)
            .map(|known| known.event_id.as_str())
            .or_else(|| seen.and_then(|seen| seen.id_of(projected.version)));
        if let Some(id) = same_version {
            return if id == projected.event_id { Verdict::Repeat } else { Verdict::Contradiction };
        }
        let newest = seen.and_then(|seen| seen.newest).map(|(_, version)| version).or(known.map(|known| known.version));
        match newest {
            Some(newest) if projected.version < newest => Verdict::Repeat,
            Some(newest) => Verdict::Newer { gap_after: self.is_gap(newest, projected).then_some(newest) },
            None => Verdict::Newer { gap_after: None },
        }
    }

    fn is_gap(&self, newest: u64, projected: &Projected) -> bool {
        let key = projected.key.as_str();
        projected.version > newest + 1
            && self.rule.complete
            && !projected.snapshot
            && !self.excused.contains(key)
            && !(self.rule.excused)(key)
    }

    fn finish(mut self) -> Folded {
        self.folded.writes = self.keys.values().filter_map(|seen| seen.newest).map(|(at, _)| at).collect();
        // The order they came in: a batch reads the same in every log.
        self.folded.writes.sort_unstable();
        self.folded
    }
}

impl<'a> Seen<'a> {
    fn id_of(&self, version: u64) -> Option<&'a str> {
        self.ids.iter().find(|(of, _)| *of == version).map(|(_, id)| *id)
    }
}

/// The keys whose version has to be asked before the batch can be judged: those that have something to be parked (it is
/// superseded by what is newer than the view *now*) and, where gaps are judged, those that come with a version above 1.
pub(super) fn unknown_keys<'a>(items: &'a [Incoming], known: &Known, complete: bool) -> Vec<&'a str> {
    let mut asked = HashSet::new();
    for item in items {
        let key = match &item.reading {
            // Version 1 has nothing before it; whether it is a repeat, the view's own guard says.
            Ok(projected) => Some(projected.key.as_str()).filter(|_| complete && projected.version > 1),
            Err(_) => item.original.key_text(),
        };
        asked.extend(key.filter(|key| known.get(key).is_none()));
    }
    asked.into_iter().collect()
}

/// What the view has of a key before the place `at` of the batch: for superseding what is parked there.
pub(super) fn version_before(items: &[Incoming], at: usize, key: &str, known: &Known) -> u64 {
    let earlier =
        items[..at].iter().filter_map(|item| item.reading.as_ref().ok()).filter(|p| p.key == key).map(|p| p.version);
    let known = known.get(key).map_or(Newest::NOTHING.version, |known| known.version);
    earlier.max().unwrap_or(0).max(known)
}

#[cfg(test)]
mod tests;
