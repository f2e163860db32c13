//! The bounds within which the protocol was explored, all of it, and holds.
//!
//! Each test states how many states there are. The number changes with every change of the model: look at the new one
//! before you write it down, since a step that has become impossible shows as a smaller number, not as a violation.

use stateright::{Checker, HasDiscoveries, Model};

use crate::{actions::Protocol, state::Faults, variants::Broken};

/// How far the exploration goes. Everything that is not bounded here can happen at any time, in any order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Processes that ever live; a restart is a new one.
    pub(crate) lives: u8,
    pub(crate) aggregates: u8,
    /// Versions per aggregate.
    pub(crate) versions: u8,
    /// Attempts per writer id.
    pub(crate) seqs: u8,
    /// Attempts per process that are not yet handed off.
    pub(crate) in_flight: u8,
    /// Change ids that a document remembers.
    pub(crate) recent: u8,
    /// Rule 13: events that a document may carry.
    pub(crate) max_carried: u8,
    /// Whether sweeps may take living writers for dead ones.
    pub(crate) suspect_the_living: bool,
    /// Whether processes may end cleanly.
    pub(crate) retire: bool,
    /// How many of each may happen.
    pub(crate) faults: Faults,
}

/// Two lives, one aggregate, two attempts each, no faults.
pub(crate) const SMALL: Bounds = Bounds {
    lives: 2,
    aggregates: 1,
    versions: 2,
    seqs: 2,
    in_flight: 2,
    recent: 2,
    max_carried: u8::MAX,
    suspect_the_living: false,
    retire: false,
    faults: NONE,
};

pub(crate) const NONE: Faults =
    Faults { crashes: 0, lost_answers: 0, doubts: 0, taken_keys: 0, failed_deliveries: 0, overflows: 0 };

pub(crate) const CRASH: Faults = Faults { crashes: 1, ..NONE };

/// All properties hold in all states, there are as many as stated, and one of them is the end that everything is for.
fn holds(bounds: Bounds, states: usize) {
    let checker = Protocol { bounds, broken: None }.checker().spawn_bfs().join();
    checker.assert_properties();
    assert_eq!(checker.unique_state_count(), states, "{bounds:?}");
}

/// The variant violates the property, and without its fault the protocol does not, within the same bounds.
pub(crate) fn violates(broken: Broken, bounds: Bounds, property: &'static str) {
    let protocol = Protocol { bounds, broken: Some(broken) };
    let found = HasDiscoveries::AnyOf([property].into());
    let checker = protocol.checker().finish_when(found).spawn_bfs().join();
    let path = checker.discovery(property).unwrap_or_else(|| panic!("{broken:?} does no harm in {bounds:?}"));
    println!("{broken:?} violates {property}:");
    path.into_actions().iter().for_each(|step| println!("  {step:?}"));

    let sound = Protocol { bounds, broken: None }.checker().finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    sound.assert_no_discovery(property);
}

/// Group commit: two batches are in flight, so two attempts at one version, and a second version before the first one
/// is answered.
#[test]
fn two_writers_on_a_hot_aggregate() {
    holds(Bounds { versions: 3, seqs: 3, faults: CRASH, ..SMALL }, 490_498);
}

/// Longer chains, with one attempt at a time.
#[test]
fn two_writers_that_take_turns() {
    holds(Bounds { versions: 3, seqs: 3, in_flight: 1, faults: CRASH, ..SMALL }, 109_357);
}

/// A hot aggregate in one hand: chains as long as they get.
#[test]
fn one_writer_far_ahead_of_kafka() {
    holds(Bounds { lives: 1, versions: 4, seqs: 4, ..SMALL }, 1_808);
}

/// Each commits once, two die, the third is left with what they carried.
#[test]
fn three_lives_two_deaths() {
    let faults = Faults { crashes: 2, lost_answers: 1, ..NONE };
    holds(Bounds { lives: 3, versions: 3, seqs: 1, faults, ..SMALL }, 84_046);
}

/// What the watermark is for: numbers of one writer in different documents are done in any order.
#[test]
fn two_aggregates_share_a_writers_numbers() {
    holds(Bounds { aggregates: 2, faults: CRASH, ..SMALL }, 135_585);
}

/// Rule 6, with a first copy that lands whenever it likes.
#[test]
fn an_answer_is_lost() {
    holds(Bounds { versions: 3, faults: Faults { lost_answers: 1, ..CRASH }, ..SMALL }, 113_219);
}

/// Rule 6, twice: of the same attempt, or of two.
#[test]
fn two_answers_are_lost() {
    holds(Bounds { faults: Faults { lost_answers: 2, ..CRASH }, ..SMALL }, 55_754);
}

/// Rule 6, where a document remembers fewer changes than have happened since.
#[test]
fn an_answer_is_lost_and_its_change_forgotten() {
    holds(Bounds { versions: 3, recent: 1, faults: Faults { lost_answers: 1, ..NONE }, ..SMALL }, 30_390);
}

/// Rule 6, where one number stays open while others are done.
#[test]
fn an_answer_is_lost_while_another_aggregate_goes_on() {
    let faults = Faults { lost_answers: 1, ..CRASH };
    holds(Bounds { aggregates: 2, versions: 1, faults, ..SMALL }, 30_492);
}

/// Rule 6: some guard of a batch failed, and each write of it is looked up.
#[test]
fn an_answer_does_not_say_which_write_matched() {
    holds(Bounds { versions: 3, faults: Faults { doubts: 1, ..CRASH }, ..SMALL }, 84_633);
}

/// The same, where a document remembers fewer changes than have happened since.
#[test]
fn an_answer_does_not_say_which_write_matched_and_its_change_is_forgotten() {
    holds(Bounds { versions: 3, recent: 1, faults: Faults { doubts: 1, lost_answers: 1, ..NONE }, ..SMALL }, 72_558);
}

/// Rule 6: a key that is taken now may be free when the first copy lands.
#[test]
fn a_key_is_taken_while_an_answer_is_lost() {
    let faults = Faults { lost_answers: 1, taken_keys: 1, ..CRASH };
    holds(Bounds { versions: 1, faults, ..SMALL }, 26_177);
}

/// Rules 7 and 12.
#[test]
fn a_delivery_fails() {
    holds(Bounds { faults: Faults { failed_deliveries: 1, ..NONE }, ..SMALL }, 164_965);
}

/// Rules 7, 10 and 12: two former ids to sweep, or one of two processes.
#[test]
fn two_deliveries_fail() {
    holds(Bounds { seqs: 1, faults: Faults { failed_deliveries: 2, ..CRASH }, ..SMALL }, 55_280);
}

/// Rules 8 and 12.
#[test]
fn the_hand_off_queue_overflows() {
    holds(Bounds { faults: Faults { overflows: 1, ..NONE }, ..SMALL }, 147_242);
}

/// Rules 7, 8, 10 and 12 together.
#[test]
fn a_delivery_fails_the_queue_overflows_and_a_process_dies() {
    let faults = Faults { failed_deliveries: 1, overflows: 1, ..CRASH };
    holds(Bounds { seqs: 1, faults, ..SMALL }, 60_562);
}

/// Rule 9: being wrong about a death is harmless.
#[test]
fn a_living_writer_is_swept() {
    holds(Bounds { suspect_the_living: true, faults: CRASH, ..SMALL }, 68_417);
}

/// Rule 9, the same while other things go wrong.
#[test]
fn a_living_writer_is_swept_while_it_has_trouble() {
    let faults = Faults { lost_answers: 1, failed_deliveries: 1, ..CRASH };
    holds(Bounds { suspect_the_living: true, seqs: 1, faults, ..SMALL }, 83_054);
}

/// Rule 11. The model never sweeps a retired writer.
#[test]
fn a_process_ends_cleanly() {
    holds(Bounds { lives: 3, versions: 3, seqs: 1, retire: true, faults: CRASH, ..SMALL }, 34_860);
}

/// Rule 11, with a former id that is left as after a crash.
#[test]
fn a_process_ends_cleanly_after_a_failed_delivery() {
    let faults = Faults { lost_answers: 1, failed_deliveries: 1, ..NONE };
    holds(Bounds { seqs: 1, retire: true, faults, ..SMALL }, 9_168);
}

/// Rule 13: a full chain refuses commits, and never for good.
#[test]
fn a_chain_is_full() {
    holds(Bounds { versions: 3, max_carried: 1, faults: CRASH, ..SMALL }, 19_962);
}
