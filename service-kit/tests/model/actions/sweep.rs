//! What is done for the dead: `sweep.rs`; rules 2, 9 and 10.
//!
//! One document at a time: a sweep of several is several of these, in any order.

use super::{Action, Protocol, publish};
use crate::{
    state::{Aggregate, Process, Record, Stage, State, Swept, Ticket},
    variants::Broken,
};

impl Protocol {
    pub(super) fn sweep_actions(&self, state: &State, process: u8, actions: &mut Vec<Action>) {
        let life = &state.processes[usize::from(process)];
        for (aggregate, swept) in (0..).zip(&life.swept) {
            let document = &state.aggregates[usize::from(aggregate)];
            match swept.as_ref().map(|swept| swept.stage) {
                None if self.may_sweep(state, life, document) => {
                    actions.push(Action::SweepRead { process, aggregate });
                }
                None => {}
                Some(Stage::Read) => actions.push(Action::SweepHandOff { process, aggregate }),
                Some(Stage::HandedOff) if self.breaks(Broken::MarkBeforeAcknowledged) => {
                    actions.push(Action::SweepMark { process, aggregate });
                }
                Some(Stage::HandedOff) => {}
                Some(Stage::Acknowledged) => actions.push(Action::SweepMark { process, aggregate }),
            }
        }
    }

    /// A living writer may be suspected too, where the bounds say so: being wrong is harmless.
    pub(crate) fn may_sweep(&self, state: &State, life: &Process, document: &Aggregate) -> bool {
        let Some(marker) = document.marker else { return false };
        let own = life.writer() == marker.writer && !self.breaks(Broken::SweepInsteadOfRotation);
        let suspected =
            self.bounds.suspect_the_living || !state.is_alive(marker.writer) || life.writer() == marker.writer;
        !own && suspected && self.is_left(document, &state.records)
    }

    /// What the index range of a sweep finds: not marked, and above the writer's watermark.
    pub(crate) fn is_left(&self, document: &Aggregate, records: &[Record]) -> bool {
        document.marker.is_some_and(|marker| {
            let record = records[usize::from(marker.writer)];
            let enumerated = record.published > 0 || !self.breaks(Broken::RecordMustExist);
            !document.published && !record.retired && enumerated && marker.seq > record.published
        })
    }

    /// For [`Broken::RecordIsRemoved`]: the writer is dead, and a sweep of it finds nothing any more.
    pub(super) fn has_nothing_left(&self, state: &State, writer: u8) -> bool {
        let of_writer = |document: &&Aggregate| document.marker.is_some_and(|marker| marker.writer == writer);
        !state.is_alive(writer)
            && !state.records[usize::from(writer)].retired
            && !state.aggregates.iter().filter(of_writer).any(|document| self.is_left(document, &state.records))
    }

    /// The majority write before the reading makes this the newest state.
    pub(super) fn sweep_read(&self, state: &mut State, process: u8, aggregate: u8) {
        let document = &mut state.aggregates[usize::from(aggregate)];
        let life = &mut state.processes[usize::from(process)];
        let Some(event) = document.event() else { return };
        let mut carried = document.unpublished.clone();
        if let Some(last) = carried.iter().rposition(|event| self.is_published(life, event.marker)) {
            carried.drain(..=last);
        }
        life.swept[usize::from(aggregate)] = Some(Swept { event, carried, stage: Stage::Read });
        if self.breaks(Broken::MarkerIsRewritten)
            && let Some(marker) = &mut document.marker
        {
            marker.writer = life.writer();
        }
    }

    pub(super) fn sweep_hand_off(&self, state: &mut State, process: u8, aggregate: u8) {
        let life = &mut state.processes[usize::from(process)];
        let Some(swept) = &mut life.swept[usize::from(aggregate)] else { return };
        swept.stage = Stage::HandedOff;
        let mut chain = swept.carried.clone();
        chain.push(swept.event);
        publish::produce(life, aggregate, &chain, Ticket::Sweep);
    }

    /// Only at the acknowledged version. A mark that is lost is a sweep that begins anew.
    pub(super) fn sweep_mark(&self, state: &mut State, process: u8, aggregate: u8) {
        let Some(swept) = state.processes[usize::from(process)].swept[usize::from(aggregate)].take() else { return };
        let document = &mut state.aggregates[usize::from(aggregate)];
        if document.version() == swept.event.version || self.breaks(Broken::MarkWithoutVersion) {
            document.published = true;
        }
        if self.breaks(Broken::DeadWatermarkIsRaised) {
            let record = &mut state.records[usize::from(swept.event.marker.writer)];
            record.published = record.published.max(swept.event.marker.seq);
        }
    }
}
