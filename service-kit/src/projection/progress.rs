//! How far a projection has come, for people, alerts and roll-out gates (`/caughtup`), and for the one question that
//! reading depends on: has this copy ever reached the end of its log? Until it has, a missing entity may only be late.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared_events::time::Timestamp;
use tokio::sync::Notify;

use super::as_of::Looks;
use super::checkpoint::Checkpoint;
use super::generation::Generation;
use super::watchdog::Sight;
use crate::http::health::{CaughtUp, Position};

/// How far a projection has come. Several of them make the answer of `/caughtup`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The projection.
    pub projection: &'static str,
    /// The topic it reads.
    pub topic: String,
    /// The generation of its view that is written.
    pub generation: Option<Generation>,
    /// Whether the view has reached the end of its log at least once: what it does not have does not exist.
    pub complete: bool,
    /// Whether the view has everything that was in the log a moment ago.
    pub caught_up: bool,
    /// One per partition, of all instances; none while Kafka or MongoDB has not answered yet.
    pub partitions: Vec<PartitionStanding>,
}

/// How far a projection has come in one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionStanding {
    /// The partition's number.
    pub partition: i32,
    /// The first offset that is not yet in the view.
    pub next: i64,
    /// The offset that the next record will have; `None` until Kafka has answered.
    pub end: Option<i64>,
}

impl PartitionStanding {
    /// How many offsets the view is behind; `None` until Kafka has answered.
    pub fn behind(self) -> Option<i64> {
        self.end.map(|end| (end - self.next).max(0))
    }
}

impl FromIterator<Standing> for CaughtUp {
    fn from_iter<I: IntoIterator<Item = Standing>>(standings: I) -> Self {
        let mut answer = Self { caught_up: true, ..Self::default() };
        for Standing { projection, topic, complete, caught_up, partitions, .. } in standings {
            answer.caught_up &= caught_up;
            if !complete {
                answer.reason.get_or_insert_with(|| format!("{projection} has not yet reached the end of its log"));
            }
            answer.positions.extend(partitions.into_iter().map(|at| Position {
                projection: projection.to_owned(),
                topic: topic.clone(),
                partition: at.partition,
                next: at.next,
                end: at.end,
                behind: at.behind(),
            }));
        }
        answer
    }
}

/// What a look at the stored checkpoints came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// As before, or further.
    Further,
    /// The view has just become complete.
    Complete,
    /// A checkpoint is gone, or lower than it was.
    MovedBack,
}

#[derive(Clone, Copy, Debug, Default)]
struct Partition {
    position: i64,
    /// What was last seen in the stored checkpoint.
    stored: i64,
    complete: bool,
    end: Option<i64>,
    /// The end at the look before: who has passed it has everything that was there a moment ago.
    end_before: Option<i64>,
    /// Rises with everything that the consumer hands over, also when it only says that there is nothing more.
    heard: u64,
}

#[derive(Debug, Default)]
struct State {
    generation: Option<Generation>,
    /// How many partitions the topic has, as far as the checkpoints tell.
    expected: usize,
    partitions: BTreeMap<i32, Partition>,
    complete: bool,
    looks: Looks,
    /// This instance's partitions.
    owned: Vec<i32>,
    /// How many things this instance is busy with, so that it is not the consumer's fault when nothing moves.
    busy: usize,
}

/// Until it is dropped, this instance is busy.
#[must_use = "busy only as long as this lives"]
#[derive(Debug)]
pub(super) struct Busy(Arc<Progress>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.lock().busy -= 1;
    }
}

/// The positions, shared between the projection's tasks and its readers.
#[derive(Debug)]
pub(super) struct Progress {
    projection: &'static str,
    topic: String,
    state: Mutex<State>,
    /// Told when there is a reason to look at the checkpoints before the next look is due.
    pub(super) look: Notify,
}

impl Progress {
    pub(super) fn new(projection: &'static str, topic: String) -> Self {
        Self { projection, topic, state: Mutex::default(), look: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Once true it stays so.
    pub(super) fn is_complete(&self) -> bool {
        self.lock().complete
    }

    /// This generation is written.
    pub(super) fn began(&self, generation: Generation) {
        self.lock().generation = Some(generation);
    }

    pub(super) fn busy(self: &Arc<Self>) -> Busy {
        self.lock().busy += 1;
        Busy(Arc::clone(self))
    }

    /// This instance has these partitions now.
    pub(super) fn owned(&self, partitions: &[i32]) {
        self.lock().owned = partitions.to_vec();
    }

    /// This instance has applied everything before `position`.
    pub(super) fn applied(&self, partition: i32, position: i64) {
        let mut state = self.lock();
        let known = state.partitions.entry(partition).or_default();
        known.position = known.position.max(position);
        known.heard += 1;
    }

    /// The consumer says that there is nothing more for now.
    pub(super) fn heard(&self, partition: i32) {
        self.lock().partitions.entry(partition).or_default().heard += 1;
    }

    /// What the watchdog looks at; nothing while this instance is busy.
    pub(super) fn sights(&self) -> Vec<Sight> {
        let state = self.lock();
        let sight = |partition: &i32| {
            let known = state.partitions.get(partition)?;
            Some(Sight { partition: *partition, heard: known.heard, position: known.position, end: known.end? })
        };
        if state.busy > 0 { Vec::new() } else { state.owned.iter().filter_map(sight).collect() }
    }

    /// What all instances have stored. Complete is the view whose every partition was once at its end.
    pub(super) fn stored(&self, checkpoints: &BTreeMap<i32, Checkpoint>) -> Seen {
        let mut state = self.lock();
        let behind = |(partition, known): (&i32, &Partition)| {
            known.stored > checkpoints.get(partition).map_or(0, |checkpoint| checkpoint.next)
        };
        if state.partitions.iter().any(behind) {
            return Seen::MovedBack;
        }
        for (partition, checkpoint) in checkpoints {
            state.expected = state.expected.max(checkpoint.partitions);
            let known = state.partitions.entry(*partition).or_default();
            known.stored = checkpoint.next;
            known.position = known.position.max(checkpoint.next);
            known.complete |= checkpoint.complete;
        }
        let complete = state.partitions.values().filter(|partition| partition.complete).count();
        let is_complete = state.expected > 0 && complete >= state.expected;
        let now = is_complete && !state.complete;
        state.complete |= is_complete;
        if now { Seen::Complete } else { Seen::Further }
    }

    /// Where the log ended after `asked`.
    pub(super) fn ends(&self, asked: Timestamp, ends: &BTreeMap<i32, i64>) {
        let mut state = self.lock();
        state.looks.look(asked, ends.clone());
        for (partition, end) in ends {
            let known = state.partitions.entry(*partition).or_default();
            known.end_before = known.end.replace(*end);
        }
    }

    /// The newest instant at which a look at the log found nothing that the view does not have by now.
    pub(super) fn as_of(&self) -> Option<Timestamp> {
        let mut state = self.lock();
        let State { looks, partitions, .. } = &mut *state;
        looks.newest(|partition, end| partitions.get(&partition).is_some_and(|known| known.position >= end))
    }

    pub(super) fn report(&self) -> Standing {
        let state = self.lock();
        let known = state.expected > 0 && state.partitions.len() >= state.expected;
        let caught_up = |partition: &Partition| partition.end_before.is_some_and(|end| partition.position >= end);
        Standing {
            projection: self.projection,
            topic: self.topic.clone(),
            generation: state.generation,
            complete: state.complete,
            caught_up: state.complete && known && state.partitions.values().all(caught_up),
            partitions: state.partitions.iter().map(|(partition, known)| known.report(*partition)).collect(),
        }
    }
}

impl Partition {
    fn report(&self, partition: i32) -> PartitionStanding {
        PartitionStanding { partition, next: self.position, end: self.end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A topic of three partitions, as far as it is complete.
    fn stored(complete: &[bool]) -> BTreeMap<i32, Checkpoint> {
        let checkpoint = |(partition, complete): (i32, &bool)| {
            let fresh = Checkpoint::new("things.g1", "things", Generation(1), "t", partition, 5);
            (partition, Checkpoint { complete: *complete, partitions: 3, ..fresh })
        };
        (0..).zip(complete).map(checkpoint).collect()
    }

    fn things() -> Progress {
        Progress::new("things", "t".to_owned())
    }

    #[test]
    fn a_copy_is_complete_when_every_partition_was_once_at_its_end() {
        let progress = things();
        assert_eq!(progress.stored(&BTreeMap::new()), Seen::Further);
        assert_eq!(progress.stored(&stored(&[true, true])), Seen::Further);
        assert!(!progress.is_complete());
        assert_eq!(progress.stored(&stored(&[true, true, true])), Seen::Complete);
        assert!(progress.is_complete());
        assert_eq!(progress.stored(&stored(&[true, true, true])), Seen::Further);
    }

    #[test]
    fn a_checkpoint_that_is_gone_or_lower_has_moved_back() {
        let progress = things();
        progress.stored(&stored(&[true, true, true]));
        assert_eq!(progress.stored(&BTreeMap::new()), Seen::MovedBack);
        let mut lower = stored(&[true, true, true]);
        lower.entry(1).and_modify(|checkpoint| checkpoint.next = 4);
        assert_eq!(progress.stored(&lower), Seen::MovedBack);
    }

    #[test]
    fn caught_up_is_who_has_what_was_there_a_moment_ago() {
        let progress = things();
        progress.stored(&stored(&[true, true, true]));
        let at = |second: i64| Timestamp::from_millis(second * 1_000).unwrap();
        let ends = |end| BTreeMap::from([(0, end), (1, 5), (2, 5)]);
        progress.ends(at(1), &ends(6));
        assert!(!progress.report().caught_up);
        assert_eq!(progress.as_of(), None);
        progress.applied(0, 6);
        progress.ends(at(2), &ends(9));
        assert_eq!(progress.as_of(), Some(at(1)));
        let report = progress.report();
        assert!(report.caught_up, "{report:?}");
        assert_eq!(report.partitions[0], PartitionStanding { partition: 0, next: 6, end: Some(9) });
        progress.ends(at(3), &ends(9));
        assert!(!progress.report().caught_up);
    }

    #[test]
    fn several_projections_make_one_answer() {
        let behind = things();
        behind.stored(&stored(&[true, false, true]));
        let ahead = Standing { projection: "others", caught_up: true, complete: true, ..behind.report() };
        let answer: CaughtUp = [ahead.clone(), behind.report()].into_iter().collect();
        assert_eq!((answer.caught_up, answer.positions.len()), (false, 6));
        assert_eq!(answer.reason.as_deref(), Some("things has not yet reached the end of its log"));
        assert!([ahead].into_iter().collect::<CaughtUp>().caught_up);
    }
}
