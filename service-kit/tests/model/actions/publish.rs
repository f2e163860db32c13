//! From a known commit to Kafka's acknowledgement: `publisher.rs`, `tracker.rs`, `watermarks.rs`; rules 5, 7, 8 and 12.

use super::{Action, Protocol, purge};
use crate::{
    state::{Aggregate, Event, Marker, Phase, Process, Record, Stage, State, Ticket, Tracker},
    variants::Broken,
};

impl Protocol {
    pub(super) fn publish_actions(&self, state: &State, process: u8, actions: &mut Vec<Action>) {
        let life = &state.processes[usize::from(process)];
        for attempt in life.attempts.iter().filter(|attempt| attempt.phase == Phase::Committed) {
            let attempt = attempt.event.marker;
            actions.push(Action::HandOff { process, attempt });
            if state.faults.overflows < self.bounds.faults.overflows {
                actions.push(Action::Overflow { process, attempt });
            }
        }
        for (aggregate, given) in (0..).zip(&life.on_the_way) {
            if !given.unacknowledged.is_empty() {
                actions.push(Action::Acknowledge { process, aggregate });
                if state.faults.failed_deliveries < self.bounds.faults.failed_deliveries {
                    actions.push(Action::FailDelivery { process, aggregate });
                }
            }
        }
        if life.overflowed {
            actions.push(Action::RotateWriter { process });
        }
        let stored = state.records[usize::from(life.writer())].published;
        if life.tracker().is_some_and(|tracker| self.watermark(tracker) > stored) {
            actions.push(Action::StoreWatermark { process });
        }
        if news(life, &state.records) {
            actions.push(Action::PollWatermarks { process });
        }
    }

    /// Answers arrive in any order, and chains are self-contained, so the queue before the producer needs no place of
    /// its own here: a chain waits as long as it likes.
    pub(super) fn hand_off(&self, state: &mut State, process: u8, attempt: Marker) {
        let life = &mut state.processes[usize::from(process)];
        let Some(place) = life.attempts.iter().position(|a| a.event.marker == attempt) else { return };
        let attempt = life.attempts.remove(place);
        let mut chain = attempt.carried;
        if self.breaks(Broken::WithoutCarried) {
            chain.clear();
        } else if self.breaks(Broken::SecondAnsweredFirst) {
            // "My own earlier commit hands its event off itself."
            let own = |marker: Marker| life.trackers.iter().any(|tracker| tracker.writer == marker.writer);
            chain.retain(|event| !own(event.marker));
        }
        chain.push(attempt.event);
        produce(life, attempt.aggregate, &chain, Ticket::Commit(attempt.event.marker));
    }

    /// Rule 8: this chain is forgotten.
    pub(super) fn overflow(&self, state: &mut State, process: u8, attempt: Marker) {
        state.faults.overflows += 1;
        let life = &mut state.processes[usize::from(process)];
        let Some(place) = life.attempts.iter().position(|a| a.event.marker == attempt) else { return };
        let attempt = life.attempts.remove(place);
        if self.breaks(Broken::OverflowDropsTheOldest) {
            produce(life, attempt.aggregate, &[attempt.event], Ticket::Commit(attempt.event.marker));
        }
        life.overflowed = !self.breaks(Broken::SweepInsteadOfRotation);
    }

    /// Rule 12. The former id's numbers are remembered, its watermark is not stored any more. (The code forgets a
    /// former id once it was swept; to know less is only to carry more.)
    pub(super) fn rotate_writer(&self, state: &mut State, process: u8) {
        let fresh = state.records.len() as u8;
        state.records.push(Record::default());
        state.processes.iter_mut().filter(|life| life.up).for_each(|life| life.others.push(0));
        let life = &mut state.processes[usize::from(process)];
        life.rotate(fresh);
        life.overflowed = false;
    }

    /// Kafka has the first record, and the producer has been told. (Without the second half: `DeliverLate`.)
    pub(super) fn acknowledge(&self, state: &mut State, process: u8, aggregate: u8) {
        let life = &mut state.processes[usize::from(process)];
        let given = &mut life.on_the_way[usize::from(aggregate)];
        let version = given.unacknowledged.remove(0);
        let (done, waiting) = std::mem::take(&mut given.waiting).into_iter().partition(|(last, _)| *last <= version);
        given.waiting = waiting;
        append(&mut state.aggregates[usize::from(aggregate)], version);
        let done: Vec<(u8, Ticket)> = done;
        for (_, ticket) in done {
            self.acknowledged(life, aggregate, ticket);
        }
    }

    fn acknowledged(&self, life: &mut Process, aggregate: u8, ticket: Ticket) {
        match ticket {
            Ticket::Commit(marker) => life.finish(marker),
            Ticket::Sweep => {
                let Some(swept) = &mut life.swept[usize::from(aggregate)] else { return };
                swept.stage = Stage::Acknowledged;
                let marker = swept.event.marker;
                if self.breaks(Broken::SweepInsteadOfRotation) {
                    life.finish(marker);
                }
            }
        }
    }

    /// Rule 7: the producer stops as a whole and is replaced. Nothing of the old one counts any more.
    pub(super) fn fail_delivery(&self, state: &mut State, process: u8, aggregate: u8) {
        state.faults.failed_deliveries += 1;
        if self.breaks(Broken::LaterPassesAFailure) {
            state.processes[usize::from(process)].on_the_way[usize::from(aggregate)].unacknowledged.remove(0);
            return;
        }
        self.replace_producer(state, process);
        self.rotate_writer(state, process);
    }

    fn replace_producer(&self, state: &mut State, process: u8) {
        purge(state, process);
        let life = &mut state.processes[usize::from(process)];
        // A sweep sees its tickets dropped and marks nothing.
        for swept in
            life.swept.iter_mut().filter(|swept| swept.as_ref().is_some_and(|swept| swept.stage == Stage::HandedOff))
        {
            *swept = None;
        }
    }

    pub(super) fn deliver_late(&self, state: &mut State, stream: u8) {
        let late = &mut state.late[usize::from(stream)];
        let version = late.versions.remove(0);
        append(&mut state.aggregates[usize::from(late.aggregate)], version);
    }

    /// Rule 5: the longest prefix.
    pub(crate) fn watermark(&self, tracker: &Tracker) -> u8 {
        if self.breaks(Broken::HighestAcknowledged) { tracker.highest_done() } else { tracker.watermark() }
    }

    pub(super) fn store_watermark(&self, state: &mut State, process: u8) {
        let Some(tracker) = state.processes[usize::from(process)].tracker() else { return };
        state.records[usize::from(tracker.writer)].published = self.watermark(tracker);
    }

    pub(super) fn poll_watermarks(&self, state: &mut State, process: u8) {
        let life = &mut state.processes[usize::from(process)];
        life.others = visible(life, &state.records).collect();
    }
}

/// Gives the producer what it was not given yet, in order, and registers who wants to know of the last one.
pub(super) fn produce(life: &mut Process, aggregate: u8, chain: &[Event], ticket: Ticket) {
    let given = &mut life.on_the_way[usize::from(aggregate)];
    for event in chain {
        if !given.was_given(event.version) {
            given.unacknowledged.push(event.version);
        }
    }
    if let Some(last) = chain.last() {
        given.waiting.push((last.version, ticket));
        given.waiting.sort_unstable();
    }
}

/// A first appearance; a repeat changes nothing.
fn append(aggregate: &mut Aggregate, version: u8) {
    if !aggregate.topic.contains(&version) {
        aggregate.topic.push(version);
    }
}

/// The watermarks as a process reads them; its own numbers it knows better.
fn visible<'a>(life: &'a Process, records: &'a [Record]) -> impl Iterator<Item = u8> + 'a {
    (0..).zip(records).map(|(writer, record)| {
        if life.trackers.iter().any(|tracker| tracker.writer == writer) { 0 } else { record.published }
    })
}

/// Whether a process does not know all watermarks as they are stored.
pub(crate) fn news(life: &Process, records: &[Record]) -> bool {
    !visible(life, records).eq(life.others.iter().copied())
}
