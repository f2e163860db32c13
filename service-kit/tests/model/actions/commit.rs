//! Commits and their outcomes: `store.rs`, `document.rs`, `batch.rs`, `outcome.rs`; rules 1, 3, 4 and 6.

use super::{Action, Protocol};
use crate::{
    state::{Aggregate, Attempt, Event, Marker, Phase, Process, State, Write},
    variants::Broken,
};

impl Protocol {
    pub(super) fn commit_actions(&self, state: &State, process: u8, actions: &mut Vec<Action>) {
        let life = &state.processes[usize::from(process)];
        for aggregate in (0..self.bounds.aggregates).filter(|a| self.may_commit(state, process, *a)) {
            actions.push(Action::Commit { process, aggregate });
        }
        for attempt in &life.attempts {
            let marker = attempt.event.marker;
            if attempt.phase == Phase::Committed && state.faults.doubts < self.bounds.faults.doubts {
                actions.push(Action::LeaveInDoubt { process, attempt: marker });
            }
            match attempt.phase {
                Phase::Doubtful => actions.push(Action::ResolveDoubt { process, attempt: marker }),
                Phase::Sent | Phase::Committed if state.faults.lost_answers < self.bounds.faults.lost_answers => {
                    actions.push(Action::LoseAnswer { process, attempt: marker });
                }
                Phase::Sent | Phase::Committed => {}
                Phase::Unknown => self.unknown_actions(state, process, attempt, actions),
            }
        }
    }

    fn unknown_actions(&self, state: &State, process: u8, attempt: &Attempt, actions: &mut Vec<Action>) {
        let marker = attempt.event.marker;
        actions.push(Action::ResolveUnknown { process, attempt: marker, key_taken: false });
        let could_match = state.aggregates[usize::from(attempt.aggregate)].version() < attempt.event.version;
        if could_match && state.faults.taken_keys < self.bounds.faults.taken_keys {
            actions.push(Action::ResolveUnknown { process, attempt: marker, key_taken: true });
        }
        if self.breaks(Broken::AbandonedIsDone) {
            actions.push(Action::Abandon { process, attempt: marker });
        }
    }

    /// Within the bounds; and lives and aggregates begin in the order of their numbers, since they differ in nothing
    /// else.
    fn may_commit(&self, state: &State, process: u8, aggregate: u8) -> bool {
        let life = &state.processes[usize::from(process)];
        let begun = |life: &Process| !life.up || life.trackers.len() > 1 || life.tracker().is_some_and(|t| t.last > 0);
        let touched = |aggregate: u8| {
            !state.aggregates[usize::from(aggregate)].history.is_empty()
                || state.network.iter().any(|write| write.aggregate == aggregate)
        };
        let lives = &state.processes[..usize::from(process)];
        let in_turn = if self.breaks(Broken::SameWriterId) {
            // A restart: the life before is over.
            lives.iter().all(|life| !life.up)
        } else {
            lives.last().is_none_or(begun)
        };
        in_turn
            && (aggregate == 0 || touched(aggregate - 1))
            && state.aggregates[usize::from(aggregate)].version() < self.bounds.versions
            && self.carry(life, &state.aggregates[usize::from(aggregate)]).len() <= usize::from(self.bounds.max_carried)
            && life.attempts.len() < usize::from(self.bounds.in_flight)
            && life.tracker().is_some_and(|tracker| tracker.last < self.bounds.seqs)
    }

    /// `Store::commit`. Reading and sending are one step: between them only the guard could go stale, and a write that
    /// is executed late has a stale guard as well.
    pub(super) fn commit(&self, state: &mut State, process: u8, aggregate: u8) {
        let base = &state.aggregates[usize::from(aggregate)];
        let life = &mut state.processes[usize::from(process)];
        let carried = self.carry(life, base);
        let Some(tracker) = life.trackers.last_mut() else { return };
        let event = Event { version: base.version() + 1, marker: tracker.begin() };
        state.network.push(Write { aggregate, event, unpublished: carried.clone() });
        life.attempts.push(Attempt { aggregate, event, carried, phase: Phase::Sent });
    }

    /// Rule 4: the *last* event known published, and all before it, are dropped.
    pub(crate) fn carry(&self, life: &Process, base: &Aggregate) -> Vec<Event> {
        if base.published {
            return Vec::new();
        }
        let mut chain = base.unpublished.clone();
        chain.extend(base.event());
        if self.breaks(Broken::DropEntryByEntry) {
            chain.retain(|event| !self.is_published(life, event.marker));
        } else if let Some(last) = chain.iter().rposition(|event| self.is_published(life, event.marker)) {
            chain.drain(..=last);
        }
        chain
    }

    /// Rule 4: (b) an own number by the exact set, (c) another's by its watermark, (d) without a record: no.
    pub(crate) fn is_published(&self, life: &Process, marker: Marker) -> bool {
        let own = life.trackers.iter().find(|tracker| tracker.writer == marker.writer);
        if let Some(tracker) = own {
            if self.breaks(Broken::OwnWatermark) {
                return marker.seq <= tracker.watermark();
            }
            return tracker.is_done(marker.seq);
        }
        let watermark = life.others[usize::from(marker.writer)];
        marker.seq <= watermark || (watermark == 0 && self.breaks(Broken::NoRecordMeansPublished))
    }

    /// Rule 3: the guard.
    pub(super) fn apply_write(&self, state: &mut State, attempt: Marker) {
        let Some(place) = state.network.iter().position(|write| write.event.marker == attempt) else { return };
        let write = state.network.remove(place);
        self.replace(state, write);
        // A guard that failed was noticed by `settle_writes` before it came to this.
        if let Some(attempt) = find(state, attempt).filter(|attempt| attempt.phase == Phase::Sent) {
            attempt.phase = Phase::Committed;
        }
    }

    /// Returns whether the guard matched.
    fn replace(&self, state: &mut State, write: Write) -> bool {
        let aggregate = &mut state.aggregates[usize::from(write.aggregate)];
        let matched = aggregate.version() + 1 == write.event.version;
        if matched {
            aggregate.history.push(write.event.marker);
            aggregate.marker = Some(write.event.marker);
            aggregate.unpublished = write.unpublished;
            aggregate.published &= self.breaks(Broken::CommitKeepsTheMark);
        }
        matched
    }

    /// The first and only copy is refused: nothing happened, for certain.
    pub(super) fn key_taken(&self, state: &mut State, attempt: Marker) {
        state.faults.taken_keys += 1;
        state.network.retain(|write| write.event.marker != attempt);
        answer_conflict(state, attempt);
    }

    /// The first copy, if it was not executed yet, stays on its way.
    pub(super) fn lose_answer(&self, state: &mut State, attempt: Marker) {
        state.faults.lost_answers += 1;
        if let Some(attempt) = find(state, attempt) {
            attempt.phase = Phase::Unknown;
        }
    }

    /// A write that did not match is told at once (`settle_writes`): looking it up would not find it either.
    pub(super) fn leave_in_doubt(&self, state: &mut State, attempt: Marker) {
        state.faults.doubts += 1;
        if let Some(attempt) = find(state, attempt) {
            attempt.phase = Phase::Doubtful;
        }
    }

    /// Rule 6, without the second copy.
    pub(super) fn resolve_doubt(&self, state: &mut State, process: u8, marker: Marker) {
        let Some(attempt) = state.processes[usize::from(process)].attempt(marker).cloned() else { return };
        let found = !self.breaks(Broken::DoubtIsAConflict)
            && self.read_back(&state.aggregates[usize::from(attempt.aggregate)], marker);
        self.judge(state, &attempt, found);
    }

    /// Rule 6. Sending again, the answer to it and the reading are one step: a second copy whose answer is lost too is
    /// no different from a first one that is still on its way.
    pub(super) fn resolve_unknown(&self, state: &mut State, process: u8, marker: Marker, key_taken: bool) {
        let Some(attempt) = state.processes[usize::from(process)].attempt(marker).cloned() else { return };
        let Attempt { aggregate, event, carried, .. } = attempt.clone();
        if key_taken {
            state.faults.taken_keys += 1;
            return self.key_taken_by_a_repeat(state, process, marker);
        }
        let again = Write { aggregate, event, unpublished: carried };
        let written = !self.breaks(Broken::NoResend) && self.replace(state, again);
        let found = written || self.read_back(&state.aggregates[usize::from(aggregate)], marker);
        self.judge(state, &attempt, found);
    }

    fn judge(&self, state: &mut State, attempt: &Attempt, found: bool) {
        let Attempt { aggregate, event, .. } = *attempt;
        if found {
            if let Some(attempt) = find(state, event.marker) {
                attempt.phase = Phase::Committed;
            }
            return;
        }
        let seen = &state.aggregates[usize::from(aggregate)];
        let conflict = event.version > seen.version().saturating_sub(self.bounds.recent);
        if conflict || self.breaks(Broken::NoReadBack) || self.breaks(Broken::DoubtIsAConflict) {
            state.refused.push(event.marker);
        }
        // Not in the document and not on its way to it any more, or published since: done either way.
        forget(state, event.marker);
    }

    /// Matched by the change's id: among the last versions, and among the events that are still carried.
    fn read_back(&self, seen: &Aggregate, marker: Marker) -> bool {
        !self.breaks(Broken::NoReadBack)
            && (seen.recent(self.bounds.recent).contains(&marker)
                || (!self.breaks(Broken::ReadBackWithoutChain)
                    && seen.unpublished.iter().any(|event| event.marker == marker)))
    }

    /// A guard that has failed fails for ever, but a key may become free again: the first copy can still land. So the
    /// answer is "unknown", the number is never done, and the id is rotated away from it (rule 12).
    fn key_taken_by_a_repeat(&self, state: &mut State, process: u8, marker: Marker) {
        if self.breaks(Broken::TakenKeyOfARepeatIsFinal) {
            state.refused.push(marker);
            return forget(state, marker);
        }
        let life = &mut state.processes[usize::from(process)];
        life.attempts.retain(|attempt| attempt.event.marker != marker);
        if life.writer() == marker.writer {
            self.rotate_writer(state, process);
        }
    }

    /// The caller is gone and nobody resolves the outcome.
    pub(super) fn abandon(&self, state: &mut State, marker: Marker) {
        forget(state, marker);
    }
}

/// An attempt that waits for its answer gets "conflict".
pub(super) fn answer_conflict(state: &mut State, marker: Marker) {
    if find(state, marker).is_some_and(|attempt| attempt.phase == Phase::Sent) {
        state.refused.push(marker);
        forget(state, marker);
    }
}

/// The attempt has ended without a commit: its number is done.
fn forget(state: &mut State, marker: Marker) {
    for life in state.processes.iter_mut().filter(|life| life.attempt(marker).is_some()) {
        life.attempts.retain(|attempt| attempt.event.marker != marker);
        life.finish(marker);
    }
}

fn find(state: &mut State, marker: Marker) -> Option<&mut Attempt> {
    state.processes.iter_mut().flat_map(|life| &mut life.attempts).find(|attempt| attempt.event.marker == marker)
}
