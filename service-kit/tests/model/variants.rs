//! The protocol with one rule broken. Each of these was somebody's good idea; each test shows the harm.
//!
//! The number in a test's name is the rule's. The bounds are the smallest that were found to be enough, and within
//! them the unbroken protocol holds.

use crate::{
    properties::{BOUNDED, NO_FALSE_ANSWER, NO_LOSS, ORDER, PROGRESS},
    scenarios::{Bounds, CRASH, NONE, SMALL, violates},
    state::Faults,
};

/// What is done instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// A restarted process uses the id of its former life, and begins with number 1 again.
    SameWriterId,
    /// A sweep looks only at writers that have a record.
    RecordMustExist,
    /// A commit leaves the mark of the version before.
    CommitKeepsTheMark,
    /// Every event known published is dropped, instead of the last one and all before it.
    DropEntryByEntry,
    /// An own event is known published when it is below the own watermark.
    OwnWatermark,
    /// An event of a writer without a record is taken for published.
    NoRecordMeansPublished,
    /// The watermark is the highest number that is done.
    HighestAcknowledged,
    /// After an unknown outcome the document is read, but the write is not sent again.
    NoResend,
    /// After an unknown outcome the write is sent again, and a failed guard is a conflict.
    NoReadBack,
    /// The change is looked for among the last versions, but not among the carried events.
    ReadBackWithoutChain,
    /// When some guard of a batch failed, each write of it that is not known to have matched is a conflict.
    DoubtIsAConflict,
    /// A repeat that is refused for a unique key ends the attempt.
    TakenKeyOfARepeatIsFinal,
    /// An attempt whose task ended before its outcome was known counts as done.
    AbandonedIsDone,
    /// Only the new event is handed off.
    WithoutCarried,
    /// Own events are not handed off with a later one, since their own answers will do that.
    SecondAnsweredFirst,
    /// After a failed delivery the producer goes on with the next record.
    LaterPassesAFailure,
    /// A full queue has room for the new event, but not for what it carries.
    OverflowDropsTheOldest,
    /// A sweep marks what it has handed off.
    MarkBeforeAcknowledged,
    /// A sweep marks the document, whatever its version is by then.
    MarkWithoutVersion,
    /// A sweep takes a document over by writing its own id into the marker.
    MarkerIsRewritten,
    /// A sweep raises the dead writer's watermark to what it has published.
    DeadWatermarkIsRaised,
    /// A dead writer's record is removed when a sweep finds nothing, and with it the reason to look again.
    RecordIsRemoved,
    /// A stopping process does not wait for what is not done.
    RetireEarly,
    /// After an overflow the process keeps its id and sweeps its own documents.
    SweepInsteadOfRotation,
}

const DEATH: Bounds = Bounds { faults: CRASH, ..SMALL };

const ALONE: Bounds = Bounds { lives: 1, ..SMALL };

const ONE_LOST_ANSWER: Bounds = Bounds { versions: 1, faults: Faults { lost_answers: 1, ..NONE }, ..ALONE };

const ONE_DOUBT: Bounds = Bounds { versions: 1, faults: Faults { doubts: 1, ..NONE }, ..ALONE };

const KEY_TAKEN_TOO: Bounds = Bounds { faults: Faults { lost_answers: 1, taken_keys: 1, ..NONE }, ..ONE_LOST_ANSWER };

/// The watermark of the former life says that number 1 is published.
#[test]
fn rule_1_the_same_writer_id_after_a_restart_loses_an_event() {
    violates(Broken::SameWriterId, DEATH, NO_LOSS);
}

/// A writer that dies before its first record is never swept.
#[test]
fn rule_2_a_record_that_must_exist_first_loses_an_event() {
    violates(Broken::RecordMustExist, Bounds { versions: 1, ..DEATH }, NO_LOSS);
}

/// A sweep overlooks the new version.
#[test]
fn rule_3_a_mark_that_outlives_its_version_loses_an_event() {
    violates(Broken::CommitKeepsTheMark, DEATH, NO_LOSS);
}

/// A dead writer's event is carried for ever, although a later one is known published.
#[test]
fn rule_4_dropping_entry_by_entry_carries_an_event_for_ever() {
    violates(Broken::DropEntryByEntry, Bounds { versions: 3, ..DEATH }, BOUNDED);
}

/// One number that is not resolved makes every chain of the writer grow.
#[test]
fn rule_4_the_own_watermark_instead_of_the_exact_set_makes_chains_grow() {
    violates(Broken::OwnWatermark, Bounds { aggregates: 2, seqs: 3, ..ALONE }, BOUNDED);
}

/// It only has not got round to it.
#[test]
fn rule_4_taking_no_record_for_published_loses_an_event() {
    violates(Broken::NoRecordMeansPublished, DEATH, NO_LOSS);
}

/// Below the highest number another one may still be on its way.
#[test]
fn rule_5_the_highest_acknowledged_number_as_watermark_loses_an_event() {
    violates(Broken::HighestAcknowledged, Bounds { aggregates: 2, versions: 1, ..ALONE }, NO_LOSS);
}

/// The first copy lands after it was called a conflict.
#[test]
fn rule_6_without_a_second_copy_an_event_is_lost() {
    violates(Broken::NoResend, ONE_LOST_ANSWER, NO_LOSS);
}

/// The caller was told that nothing happened.
#[test]
fn rule_6_without_a_second_copy_the_answer_is_false() {
    violates(Broken::NoResend, ONE_LOST_ANSWER, NO_FALSE_ANSWER);
}

/// The guard failed because of the own first copy.
#[test]
fn rule_6_without_reading_back_a_commit_is_called_a_conflict() {
    violates(Broken::NoReadBack, ONE_LOST_ANSWER, NO_FALSE_ANSWER);
}

/// What was called a conflict is never published.
#[test]
fn rule_6_without_reading_back_an_event_is_lost() {
    violates(Broken::NoReadBack, ONE_LOST_ANSWER, NO_LOSS);
}

/// The document has forgotten the change but still carries its event, which is then dropped as done.
#[test]
fn rule_6_reading_back_without_the_chain_loses_an_event() {
    violates(
        Broken::ReadBackWithoutChain,
        Bounds { recent: 1, faults: Faults { lost_answers: 1, ..NONE }, ..SMALL },
        NO_LOSS,
    );
}

/// The write had matched; another one of its batch had not.
#[test]
fn rule_6_a_doubtful_write_that_is_not_looked_up_is_called_a_conflict() {
    violates(Broken::DoubtIsAConflict, ONE_DOUBT, NO_FALSE_ANSWER);
}

/// And its event is never published.
#[test]
fn rule_6_a_doubtful_write_that_is_not_looked_up_loses_an_event() {
    violates(Broken::DoubtIsAConflict, ONE_DOUBT, NO_LOSS);
}

/// A guard that failed fails for ever; a key that was taken may be free when the first copy lands.
#[test]
fn rule_6_a_taken_key_seen_only_by_the_repeat_is_no_final_answer() {
    violates(Broken::TakenKeyOfARepeatIsFinal, KEY_TAKEN_TOO, NO_FALSE_ANSWER);
}

/// And what was called done is never published.
#[test]
fn rule_6_a_taken_key_seen_only_by_the_repeat_loses_an_event() {
    violates(Broken::TakenKeyOfARepeatIsFinal, KEY_TAKEN_TOO, NO_LOSS);
}

/// Done means: known to be published, or known never to happen. Being given up is neither.
#[test]
fn rule_6_a_number_that_is_done_because_its_task_ended_loses_an_event() {
    violates(Broken::AbandonedIsDone, ONE_LOST_ANSWER, NO_LOSS);
}

/// The writer of the version before died before its hand-off.
#[test]
fn rule_7_a_new_event_without_its_carried_ones_overtakes_them() {
    violates(Broken::WithoutCarried, DEATH, ORDER);
}

/// Two commits of one aggregate are in flight, and their answers arrive in the other order.
#[test]
fn rule_7_handing_off_the_second_because_it_was_answered_first_overtakes_the_first() {
    violates(Broken::SecondAnsweredFirst, ALONE, ORDER);
}

/// The next record of the same aggregate is acknowledged in place of the failed one.
#[test]
fn rule_7_a_failed_delivery_that_lets_later_ones_through_leaves_a_gap() {
    violates(Broken::LaterPassesAFailure, Bounds { faults: Faults { failed_deliveries: 1, ..NONE }, ..ALONE }, ORDER);
}

/// Its number is done by the later one's acknowledgement.
#[test]
fn rule_7_a_failed_delivery_that_lets_later_ones_through_loses_an_event() {
    violates(Broken::LaterPassesAFailure, Bounds { faults: Faults { failed_deliveries: 1, ..NONE }, ..ALONE }, NO_LOSS);
}

/// The newer event goes in, the older one is forgotten.
#[test]
fn rule_8_an_overflow_that_drops_the_oldest_leaves_a_gap() {
    violates(Broken::OverflowDropsTheOldest, Bounds { faults: Faults { overflows: 1, ..NONE }, ..ALONE }, ORDER);
}

/// The sweeper dies in between.
#[test]
fn rule_9_marking_before_the_acknowledgement_loses_an_event() {
    violates(
        Broken::MarkBeforeAcknowledged,
        Bounds { versions: 1, faults: Faults { crashes: 2, ..NONE }, ..SMALL },
        NO_LOSS,
    );
}

/// The mark hides a version that came in between.
#[test]
fn rule_9_marking_without_the_version_loses_an_event() {
    violates(Broken::MarkWithoutVersion, DEATH, NO_LOSS);
}

/// The dead writer's number means something else under the sweeper's id.
#[test]
fn rule_9_rewriting_the_marker_loses_an_event() {
    violates(Broken::MarkerIsRewritten, Bounds { aggregates: 2, versions: 1, ..DEATH }, NO_LOSS);
}

/// Another number of the dead writer, below the raised watermark, lands later.
#[test]
fn rule_9_raising_a_dead_writers_watermark_loses_an_event() {
    violates(Broken::DeadWatermarkIsRaised, Bounds { aggregates: 2, versions: 1, ..DEATH }, NO_LOSS);
}

/// A write of the dead process lands when nobody looks any more.
#[test]
fn rule_10_removing_a_dead_writers_record_after_the_first_sweep_loses_an_event() {
    violates(Broken::RecordIsRemoved, Bounds { versions: 1, ..DEATH }, NO_LOSS);
}

/// Nobody sweeps a writer that said it had finished.
#[test]
fn rule_11_retiring_before_all_is_done_loses_an_event() {
    violates(Broken::RetireEarly, Bounds { versions: 1, retire: true, ..ALONE }, NO_LOSS);
}

/// Another writer has overwritten the document: the own sweep does not find it, and its number is never done.
#[test]
fn rule_12_sweeping_own_documents_instead_of_rotating_stops_the_watermark() {
    violates(Broken::SweepInsteadOfRotation, Bounds { faults: Faults { overflows: 1, ..NONE }, ..SMALL }, PROGRESS);
}
