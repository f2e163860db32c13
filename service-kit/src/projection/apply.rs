//! Applies one batch to the view: judge, park, write, look again where the guard did not apply, supersede. Every step is
//! tried until it succeeds, and repeating all of them changes nothing; only then may the position move (G3, G6).

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Notify;

use super::batch::{self, Folded, GapRule};
use super::bulk::View;
use super::cause::Cause;
use super::known::{Known, Newest};
use super::observe::{self, Observed};
use super::parked::{Applied, OpenKeys, Parked, ToPark};
use super::progress::Progress;
use super::reading::{Incoming, Projected};
use super::retry::{self, Trouble};

pub(super) struct Applier {
    pub(super) projection: &'static str,
    pub(super) view: View,
    pub(super) parked: Parked,
    pub(super) progress: Arc<Progress>,
    /// Told when something was parked.
    pub(super) letters: Arc<Notify>,
    known: Known,
    open: OpenKeys,
}

/// What the view's write came to.
#[derive(Default)]
struct Outcome {
    applied: u64,
    /// What the view has of a key, where it is not the state that was written.
    ahead: HashMap<String, Newest>,
    /// Places among the states that were to be written.
    parked: Vec<(usize, Cause)>,
}

impl Applier {
    pub(super) fn new(view: View, parked: Parked, progress: Arc<Progress>, letters: Arc<Notify>) -> Self {
        let projection = parked.projection;
        Self { projection, view, parked, progress, letters, known: Known::default(), open: OpenKeys::default() }
    }

    /// Forgets what was known of partitions that others may own by now.
    pub(super) fn forget(&mut self) {
        self.known.forget();
        self.open = OpenKeys::default();
    }

    /// Learns what is parked in these partitions.
    pub(super) async fn take_over(&mut self, partitions: &[i32]) {
        let ask = || self.parked.open_keys(partitions);
        self.open = retry::for_ever(self.projection, "reading what is parked", ask).await;
    }

    /// Returns when everything is in the view or parked, on a majority.
    pub(super) async fn apply(&mut self, records: &[Incoming]) {
        if records.is_empty() {
            return;
        }
        let _busy = self.progress.busy();
        let complete = self.progress.is_complete();
        self.learn(records, complete).await;
        let folded = self.fold(records, complete);
        self.park(records, &folded.parked).await;
        let outcome = self.write(records, &folded).await;
        self.park(records, &outcome.parked).await;
        self.remember(records, &folded, &outcome);
        self.supersede(records, &folded, &outcome).await;
        observe::batch(&Observed {
            projection: self.projection,
            complete,
            records,
            folded: &folded,
            applied: outcome.applied,
            parked: &outcome.parked,
        });
    }

    /// Asks for the versions that the batch cannot be judged without.
    async fn learn(&mut self, records: &[Incoming], complete: bool) {
        let keys = batch::unknown_keys(records, &self.known, complete);
        if keys.is_empty() {
            return;
        }
        let ask = || self.view.newest(&keys);
        let mut newest = retry::for_ever(self.projection, "reading the view", ask).await;
        for key in keys {
            self.known.note(key, newest.remove(key).unwrap_or(Newest::NOTHING));
        }
    }

    fn fold(&self, records: &[Incoming], complete: bool) -> Folded {
        let excused = |key: &str| self.open.may_have(key);
        batch::fold(records.iter().enumerate(), &self.known, &GapRule { complete, excused: &excused })
    }

    async fn park(&mut self, records: &[Incoming], parked: &[(usize, Cause)]) {
        if parked.is_empty() {
            return;
        }
        let after = |at: usize| {
            let key = records[at].original.key_text();
            key.map_or(0, |key| batch::version_before(records, at, key, &self.known))
        };
        let parked: Vec<_> =
            parked.iter().map(|(at, cause)| ToPark { record: &records[*at], cause, after: after(*at) }).collect();
        let park = || self.parked.park(&parked);
        retry::for_ever(self.projection, "parking", park).await;
        parked.iter().filter_map(|parked| parked.record.original.key_text()).for_each(|key| self.open.add(key));
        self.letters.notify_one();
    }

    async fn write(&self, records: &[Incoming], folded: &Folded) -> Outcome {
        let states: Vec<_> = folded.writes.iter().filter_map(|at| records[*at].reading.as_ref().ok()).collect();
        if states.is_empty() {
            return Outcome::default();
        }
        let mut outcome = retry::for_ever(self.projection, "writing the view", || self.write_once(&states)).await;
        // From places among the states to places in the batch.
        outcome.parked.iter_mut().for_each(|(place, _)| *place = folded.writes[*place]);
        outcome
    }

    async fn write_once(&self, states: &[&Projected]) -> Result<Outcome, Trouble> {
        let written = self.view.write(states).await?;
        let mut outcome = Outcome { applied: written.applied, ahead: HashMap::new(), parked: written.refused };
        if written.doubtful.is_empty() {
            return Ok(outcome);
        }
        let keys: Vec<&str> = written.doubtful.iter().map(|place| states[*place].key.as_str()).collect();
        let mut newest = self.view.newest(&keys).await?;
        for place in written.doubtful {
            let state = states[place];
            match newest.remove(&state.key) {
                Some(there) if there.version < state.version => return Err(behind()),
                None => return Err(behind()),
                Some(there) if there.version == state.version && there.event_id != state.event_id => {
                    outcome.parked.push((place, Cause::contradiction(state.version)));
                    outcome.ahead.insert(state.key.clone(), there);
                }
                Some(there) => drop(outcome.ahead.insert(state.key.clone(), there)),
            }
        }
        Ok(outcome)
    }

    fn remember(&mut self, records: &[Incoming], folded: &Folded, outcome: &Outcome) {
        for at in &folded.writes {
            let Ok(state) = &records[*at].reading else { continue };
            if outcome.parked.iter().any(|(parked, _)| parked == at) && !outcome.ahead.contains_key(&state.key) {
                continue;
            }
            let written = || Newest { version: state.version, event_id: state.event_id.clone() };
            let newest = outcome.ahead.get(&state.key).cloned().unwrap_or_else(written);
            self.known.note(&state.key, newest);
        }
    }

    /// Closes what is parked and older than an event of this batch. Events that the view had before count too: a crash may
    /// have come between their write and this.
    async fn supersede(&mut self, records: &[Incoming], folded: &Folded, outcome: &Outcome) {
        if self.open.is_empty() {
            return;
        }
        let parked = |at: &usize| folded.parked.iter().chain(&outcome.parked).any(|(parked, _)| parked == at);
        let mut newest: HashMap<&str, Applied<'_>> = HashMap::new();
        for (_, record) in records.iter().enumerate().filter(|(at, _)| !parked(at)) {
            let Ok(state) = &record.reading else { continue };
            let known = newest.get(state.key.as_str()).map_or(0, |known| known.version);
            if self.open.may_have(&state.key) && state.version >= known {
                newest.insert(&state.key, Applied::of(record, state));
            }
        }
        if newest.is_empty() {
            return;
        }
        let applied: Vec<_> = newest.into_values().collect();
        let supersede = || self.parked.supersede(&applied);
        let left = retry::for_ever(self.projection, "closing what is superseded", supersede).await;
        applied.iter().filter(|event| !left.contains(event.key)).for_each(|event| self.open.remove(event.key));
    }
}

fn behind() -> Trouble {
    Trouble::new("the view is behind what was just written to it")
}
