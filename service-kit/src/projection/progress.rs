//! How far a projection has come, for people, alerts and roll-out gates (`/caughtup`), and for the one question that
//! reading depends on: has this copy ever reached the end of its log? Until it has, a missing entity may only be late.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

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

#[derive(Clone, Copy, Debug, Default)]
struct Partition {
    position: i64,
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
    /// How many partitions the topic has, once it was seen.
    expected: Option<usize>,
    partitions: BTreeMap<i32, Partition>,
    complete: bool,
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

    pub(super) fn began(&self, generation: Generation, partitions: i32) {
        let mut state = self.lock();
        state.generation = Some(generation);
        state.expected = usize::try_from(partitions).ok();
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

    /// What all instances have stored. Complete is the view whose every partition was once at its end; true when it has
    /// just become so.
    pub(super) fn stored(&self, checkpoints: &BTreeMap<i32, Checkpoint>) -> bool {
        let mut state = self.lock();
        for (partition, checkpoint) in checkpoints {
            let known = state.partitions.entry(*partition).or_default();
            known.position = known.position.max(checkpoint.next);
            known.complete |= checkpoint.complete;
        }
        let complete = state.partitions.values().filter(|partition| partition.complete).count();
        let is_complete = state.expected.is_some_and(|expected| expected > 0 && complete >= expected);
        let now = is_complete && !state.complete;
        state.complete |= is_complete;
        now
    }

    /// Where the log ends now.
    pub(super) fn ends(&self, ends: &BTreeMap<i32, i64>) {
        let mut state = self.lock();
        for (partition, end) in ends {
            let known = state.partitions.entry(*partition).or_default();
            known.end_before = known.end.replace(*end);
        }
    }

    pub(super) fn report(&self) -> Standing {
        let state = self.lock();
        let known = state.expected.is_some_and(|expected| expected > 0 && state.partitions.len() >= expected);
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

    fn stored(complete: &[bool]) -> BTreeMap<i32, Checkpoint> {
        let checkpoint = |(partition, complete): (i32, &bool)| {
            let mut checkpoint = Checkpoint::new("things.g1", "things", Generation(1), "t", partition, 5);
            checkpoint.complete = *complete;
            (partition, checkpoint)
        };
        (0..).zip(complete).map(checkpoint).collect()
    }

    #[test]
    fn a_copy_is_complete_when_every_partition_was_once_at_its_end() {
        let progress = Progress::new("things", "t".to_owned());
        progress.stored(&stored(&[true, true]));
        assert!(!progress.is_complete(), "nobody knows yet how many partitions there are");
        progress.began(Generation(1), 3);
        progress.stored(&stored(&[true, true]));
        assert!(!progress.is_complete());
        progress.stored(&stored(&[true, true, true]));
        assert!(progress.is_complete());
        progress.stored(&stored(&[false, false, false]));
        assert!(progress.is_complete(), "once complete, always complete");
    }

    #[test]
    fn caught_up_is_who_has_what_was_there_a_moment_ago() {
        let progress = Progress::new("things", "t".to_owned());
        progress.began(Generation(1), 1);
        progress.stored(&stored(&[true]));
        progress.ends(&BTreeMap::from([(0, 6)]));
        assert!(!progress.report().caught_up);
        progress.applied(0, 6);
        progress.ends(&BTreeMap::from([(0, 9)]));
        let report = progress.report();
        assert!(report.caught_up, "{report:?}");
        assert_eq!(report.partitions, vec![PartitionStanding { partition: 0, next: 6, end: Some(9) }]);
        progress.ends(&BTreeMap::from([(0, 9)]));
        assert!(!progress.report().caught_up);
    }

    #[test]
    fn several_projections_make_one_answer() {
        let behind = Progress::new("things", "t".to_owned());
        behind.began(Generation(1), 1);
        behind.stored(&stored(&[false]));
        let ahead = Standing { projection: "others", caught_up: true, complete: true, ..behind.report() };
        let answer: CaughtUp = [ahead.clone(), behind.report()].into_iter().collect();
        assert_eq!((answer.caught_up, answer.positions.len()), (false, 2));
        assert_eq!(answer.reason.as_deref(), Some("things has not yet reached the end of its log"));
        assert!([ahead].into_iter().collect::<CaughtUp>().caught_up);
    }
}
