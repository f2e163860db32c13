//! What must hold in every state that can be reached.
//!
//! P1 and P3 are about what would happen next ("after all processes die, one fresh one sweeps", "the next commit
//! carries"). Both are functions of the state, so they are computed in each one instead of being waited for.

use stateright::Property;

use crate::{
    actions::{Protocol, publish::news},
    state::{Aggregate, Process, State},
};

pub(crate) const NO_LOSS: &str = "P1 no loss";
pub(crate) const ORDER: &str = "P2 order";
pub(crate) const BOUNDED: &str = "P3 chains do not grow";
pub(crate) const PROGRESS: &str = "P3 watermarks move";
pub(crate) const NO_FALSE_ANSWER: &str = "P4 no false conflict";
const GOOD_END: &str = "after every fault, all is published and all are at rest";

pub(crate) fn all() -> Vec<Property<Protocol>> {
    vec![
        Property::always(NO_LOSS, |protocol: &Protocol, state: &State| {
            state.aggregates.iter().all(|aggregate| is_not_lost(protocol, state, aggregate))
        }),
        Property::always(ORDER, |_: &Protocol, state: &State| state.aggregates.iter().all(is_in_order)),
        Property::always(BOUNDED, |protocol: &Protocol, state: &State| {
            living(state).all(|life| state.aggregates.iter().all(|a| carries_nothing_old(protocol, state, life, a)))
        }),
        Property::always(PROGRESS, |protocol: &Protocol, state: &State| {
            !is_at_rest(protocol, state)
                || living(state).all(|life| life.tracker().is_some_and(|tracker| tracker.open == 0))
        }),
        Property::always(NO_FALSE_ANSWER, |_: &Protocol, state: &State| {
            state.refused.iter().all(|refused| state.aggregates.iter().all(|a| !a.history.contains(refused)))
        }),
        // Not a guarantee, but a check of the model: one that cannot get there would prove nothing.
        Property::sometimes(GOOD_END, |protocol: &Protocol, state: &State| {
            is_at_rest(protocol, state) && everything_happened(protocol, state)
        }),
    ]
}

fn living(state: &State) -> impl Iterator<Item = &Process> {
    state.processes.iter().filter(|life| life.up)
}

/// Every committed version is in the topic, or a sweep by a fresh process, which knows nothing but the stored
/// watermarks, would put the missing ones there without a gap.
fn is_not_lost(protocol: &Protocol, state: &State, aggregate: &Aggregate) -> bool {
    let missing = aggregate.topic.len() as u8 + 1;
    if missing > aggregate.version() {
        return true;
    }
    let known = |seq: u8, writer: u8| seq <= state.records[usize::from(writer)].published;
    let first_unknown = aggregate
        .unpublished
        .iter()
        .rposition(|event| known(event.marker.seq, event.marker.writer))
        .map_or(0, |last| last + 1);
    let chain = || aggregate.unpublished[first_unknown..].iter().copied().chain(aggregate.event());
    let first = chain().next().map_or(u8::MAX, |event| event.version);
    let gapless = chain().zip(first..).all(|(event, version)| event.version == version);
    protocol.is_left(aggregate, &state.records) && first <= missing && gapless
}

/// First appearances are 1, 2, 3 …
fn is_in_order(aggregate: &Aggregate) -> bool {
    aggregate.topic.iter().copied().eq(1..=aggregate.topic.len() as u8)
}

/// A process never carries an own event that Kafka has acknowledged to it, whatever else of it is unresolved; and at
/// rest nobody carries anything.
fn carries_nothing_old(protocol: &Protocol, state: &State, life: &Process, aggregate: &Aggregate) -> bool {
    let carried = protocol.carry(life, aggregate);
    let acknowledged = |marker: crate::state::Marker| {
        life.trackers.iter().any(|tracker| tracker.writer == marker.writer && tracker.is_done(marker.seq))
    };
    carried.is_empty() || (!carried.iter().any(|event| acknowledged(event.marker)) && !is_at_rest(protocol, state))
}

/// Nothing is on its way, every watermark is stored and read, and no sweep would find anything.
fn is_at_rest(protocol: &Protocol, state: &State) -> bool {
    state.network.is_empty()
        && state.late.is_empty()
        && living(state).next().is_some()
        && living(state).all(|life| is_idle(protocol, state, life))
}

fn everything_happened(protocol: &Protocol, state: &State) -> bool {
    let bounds = &protocol.bounds;
    let all_published = |aggregate: &Aggregate| aggregate.topic.len() == usize::from(bounds.versions);
    state.aggregates.iter().all(all_published)
        && state.faults == bounds.faults
        && bounds.retire == state.records.iter().any(|record| record.retired)
}

fn is_idle(protocol: &Protocol, state: &State, life: &Process) -> bool {
    life.attempts.is_empty()
        && !life.overflowed
        && life.on_the_way.iter().all(|given| given.unacknowledged.is_empty())
        && life.swept.iter().all(Option::is_none)
        && !news(life, &state.records)
        && life.tracker().is_some_and(|own| protocol.watermark(own) == state.records[usize::from(own.writer)].published)
        && !state.aggregates.iter().any(|document| protocol.may_sweep(state, life, document))
}
