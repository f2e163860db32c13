//! The steps, named like the code's functions, and which of them are possible in a state.
//!
//! A step is as small as something that another process, a crash or a delay can come between. Where a step could be
//! divided further without making a difference, the reason stands at the step.

mod commit;
pub(crate) mod publish;
mod sweep;

use stateright::{Model, Property};

use crate::{
    properties,
    scenarios::Bounds,
    state::{Late, Marker, Phase, State},
    variants::Broken,
};

/// The protocol within bounds, as it is or with one rule broken.
#[derive(Clone, Debug)]
pub(crate) struct Protocol {
    pub(crate) bounds: Bounds,
    pub(crate) broken: Option<Broken>,
}

/// `process` and `aggregate` are indices; an attempt is named by its marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    // Reads the document, builds the chain and sends the guarded replacement.
    Commit { process: u8, aggregate: u8 },
    // The server executes a write that was sent, perhaps long after its sender gave up or died.
    ApplyWrite { attempt: Marker },
    // The server refuses a write whose guard holds: a unique key stands in another document, or the collection is closed.
    KeyTaken { attempt: Marker },
    LoseAnswer { process: u8, attempt: Marker },
    // The answer tells how many writes of the batch matched, and not all did.
    LeaveInDoubt { process: u8, attempt: Marker },
    // Reads back, without sending again: the only copy was executed.
    ResolveDoubt { process: u8, attempt: Marker },
    // Sends the same write once more, then reads back. `key_taken`: the repeat is refused for a unique key.
    ResolveUnknown { process: u8, attempt: Marker, key_taken: bool },
    HandOff { process: u8, attempt: Marker },
    Overflow { process: u8, attempt: Marker },
    RotateWriter { process: u8 },
    Acknowledge { process: u8, aggregate: u8 },
    FailDelivery { process: u8, aggregate: u8 },
    // A record of a producer that is gone reaches the topic.
    DeliverLate { stream: u8 },
    StoreWatermark { process: u8 },
    PollWatermarks { process: u8 },
    SweepRead { process: u8, aggregate: u8 },
    SweepHandOff { process: u8, aggregate: u8 },
    SweepMark { process: u8, aggregate: u8 },
    Retire { process: u8 },
    Crash { process: u8 },
    // Only in variants: see `Broken::RecordIsRemoved`.
    RemoveRecord { writer: u8 },
    // Only in variants: see `Broken::AbandonedIsDone`.
    Abandon { process: u8, attempt: Marker },
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let mut state = State::new(&self.bounds);
        if self.breaks(Broken::SameWriterId) {
            state.processes.iter_mut().flat_map(|process| &mut process.trackers).for_each(|tracker| tracker.writer = 0);
        }
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.network_actions(state, actions);
        for (process, life) in (0..).zip(&state.processes) {
            if life.up {
                self.commit_actions(state, process, actions);
                self.publish_actions(state, process, actions);
                self.sweep_actions(state, process, actions);
                self.end_actions(state, process, actions);
            }
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Commit { process, aggregate } => self.commit(&mut state, process, aggregate),
            Action::ApplyWrite { attempt } => self.apply_write(&mut state, attempt),
            Action::KeyTaken { attempt } => self.key_taken(&mut state, attempt),
            Action::LoseAnswer { attempt, .. } => self.lose_answer(&mut state, attempt),
            Action::LeaveInDoubt { attempt, .. } => self.leave_in_doubt(&mut state, attempt),
            Action::ResolveDoubt { process, attempt } => self.resolve_doubt(&mut state, process, attempt),
            Action::ResolveUnknown { process, attempt, key_taken } => {
                self.resolve_unknown(&mut state, process, attempt, key_taken);
            }
            Action::HandOff { process, attempt } => self.hand_off(&mut state, process, attempt),
            Action::Overflow { process, attempt } => self.overflow(&mut state, process, attempt),
            Action::RotateWriter { process } => self.rotate_writer(&mut state, process),
            Action::Acknowledge { process, aggregate } => self.acknowledge(&mut state, process, aggregate),
            Action::FailDelivery { process, aggregate } => self.fail_delivery(&mut state, process, aggregate),
            Action::DeliverLate { stream } => self.deliver_late(&mut state, stream),
            Action::StoreWatermark { process } => self.store_watermark(&mut state, process),
            Action::PollWatermarks { process } => self.poll_watermarks(&mut state, process),
            Action::SweepRead { process, aggregate } => self.sweep_read(&mut state, process, aggregate),
            Action::SweepHandOff { process, aggregate } => self.sweep_hand_off(&mut state, process, aggregate),
            Action::SweepMark { process, aggregate } => self.sweep_mark(&mut state, process, aggregate),
            Action::Retire { process } => self.retire(&mut state, process),
            Action::Crash { process } => self.crash(&mut state, process),
            Action::RemoveRecord { writer } => state.records[usize::from(writer)].retired = true,
            Action::Abandon { attempt, .. } => self.abandon(&mut state, attempt),
        }
        settle(&mut state);
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}

impl Protocol {
    pub(crate) fn breaks(&self, broken: Broken) -> bool {
        self.broken == Some(broken)
    }

    fn network_actions(&self, state: &State, actions: &mut Vec<Action>) {
        for write in &state.network {
            let attempt = write.event.marker;
            actions.push(Action::ApplyWrite { attempt });
            // Executing a write whose sender is gone, and refusing it, is the same as its never being executed.
            let answered =
                state.processes.iter().any(|life| life.attempt(attempt).is_some_and(|a| a.phase == Phase::Sent));
            if answered && state.faults.taken_keys < self.bounds.faults.taken_keys {
                actions.push(Action::KeyTaken { attempt });
            }
        }
        actions.extend((0..state.late.len() as u8).map(|stream| Action::DeliverLate { stream }));
        if self.breaks(Broken::RecordIsRemoved) {
            let writers = 0..state.records.len() as u8;
            actions.extend(
                writers
                    .filter(|writer| self.has_nothing_left(state, *writer))
                    .map(|writer| Action::RemoveRecord { writer }),
            );
        }
    }

    fn end_actions(&self, state: &State, process: u8, actions: &mut Vec<Action>) {
        let life = &state.processes[usize::from(process)];
        // A life that has not begun looks the same as one that comes later: nothing is lost by not killing it.
        let begun = life.trackers.len() > 1 || life.tracker().is_some_and(|tracker| tracker.last > 0);
        if begun && state.faults.crashes < self.bounds.faults.crashes {
            actions.push(Action::Crash { process });
        }
        if begun && self.bounds.retire && self.may_retire(state, process) {
            actions.push(Action::Retire { process });
        }
    }

    /// Rule 11: every number is done, and the watermark says so. Former ids are left as after a crash.
    fn may_retire(&self, state: &State, process: u8) -> bool {
        let life = &state.processes[usize::from(process)];
        let all_done = life.tracker().is_some_and(|tracker| {
            tracker.open == 0 && tracker.last == state.records[usize::from(tracker.writer)].published
        });
        all_done || self.breaks(Broken::RetireEarly)
    }

    fn retire(&self, state: &mut State, process: u8) {
        let writer = state.processes[usize::from(process)].writer();
        state.records[usize::from(writer)].retired = true;
        end(state, process);
    }

    /// Everything in memory is gone. What was sent to the database or to Kafka is not.
    fn crash(&self, state: &mut State, process: u8) {
        state.faults.crashes += 1;
        end(state, process);
    }
}

fn end(state: &mut State, process: u8) {
    purge(state, process);
    state.processes[usize::from(process)] = Default::default();
}

/// Takes from the producer what it was given; any beginning of it may still reach the topic.
fn purge(state: &mut State, process: u8) {
    let on_the_way = state.processes[usize::from(process)].on_the_way.iter_mut();
    for (aggregate, given) in (0..).zip(on_the_way) {
        let versions = std::mem::take(given).unacknowledged;
        state.late.push(Late { aggregate, versions });
    }
}

/// Forgets differences that cannot make a difference, so that fewer states are told apart.
fn settle(state: &mut State) {
    settle_writes(state);
    for late in &mut state.late {
        let topic = &state.aggregates[usize::from(late.aggregate)].topic;
        // A repeat changes nothing.
        let first_new = late.versions.iter().position(|version| !topic.contains(version));
        late.versions.drain(..first_new.unwrap_or(late.versions.len()));
    }
    state.late.retain(|late| !late.versions.is_empty());
    state.late.sort_unstable();
    state.late.dedup();
    for life in state.processes.iter_mut().filter(|life| life.up) {
        life.attempts.sort_unstable();
    }
}

/// A write whose guard can no longer match has missed, whenever it is executed: versions only grow. Its sender may as
/// well be told now; a later answer would only be one more way of storing the watermark later.
fn settle_writes(state: &mut State) {
    let missed = |write: &crate::state::Write, state: &State| {
        write.event.version <= state.aggregates[usize::from(write.aggregate)].version()
    };
    let (gone, network) = std::mem::take(&mut state.network).into_iter().partition(|write| missed(write, state));
    state.network = network;
    state.network.sort_unstable();
    for write in gone {
        commit::answer_conflict(state, write.event.marker);
    }
    // An attempt that can no longer happen was refused rightly.
    let State { refused, network, aggregates, .. } = state;
    refused.retain(|attempt| {
        network.iter().any(|write| write.event.marker == *attempt)
            || aggregates.iter().any(|aggregate| aggregate.history.contains(attempt))
    });
    refused.sort_unstable();
    refused.dedup();
}
