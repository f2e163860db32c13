//! What the consumer's thread and the async side tell each other. Neither ever waits for the other without a bound: the
//! thread has to keep polling, or the group takes its partitions away.
//!
//! An *epoch* is one assignment of partitions. Whatever belongs to an epoch that is over is dropped unread: the next owner
//! starts from the stored checkpoint, and the view's guard absorbs what both have written.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, watch};

use super::reading::Incoming;

/// The partitions that the group has given to this instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Assignment {
    /// Rises with every change.
    pub(super) epoch: u64,
    /// Empty between two assignments.
    pub(super) partitions: Vec<i32>,
}

/// What the thread hands over, in the order it came.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) epoch: u64,
    pub(super) what: What,
}

/// One thing that was read.
#[derive(Debug)]
pub(super) enum What {
    /// A record; it holds its share of the buffer until it is dropped.
    Record(Box<Incoming>, OwnedSemaphorePermit),
    /// There is nothing more in this partition for now.
    End(i32),
}

/// How far a stop has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stopping {
    /// Not at all.
    No,
    /// Hand over nothing more; keep the place in the group.
    Reading,
    /// Everything is stored: commit the last positions and leave the group.
    Leaving,
}

#[derive(Debug)]
struct Shared {
    /// Where to begin, for one epoch.
    start: Option<(u64, BTreeMap<i32, i64>)>,
    /// Stored checkpoints that the group has not been told yet.
    stored: BTreeMap<i32, i64>,
    /// Items handed over, and how many of them are applied and in a stored checkpoint.
    handed: u64,
    settled: u64,
    stopping: Stopping,
}

/// The shared state.
#[derive(Debug)]
pub(super) struct Link {
    shared: Mutex<Shared>,
    changed: Condvar,
    assignment: watch::Sender<Assignment>,
}

impl Link {
    pub(super) fn new() -> Self {
        let shared = Shared { start: None, stored: BTreeMap::new(), handed: 0, settled: 0, stopping: Stopping::No };
        Self { shared: Mutex::new(shared), changed: Condvar::new(), assignment: watch::Sender::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The async side's view of the assignment.
    pub(super) fn assignments(&self) -> watch::Receiver<Assignment> {
        self.assignment.subscribe()
    }

    pub(super) fn epoch(&self) -> u64 {
        self.assignment.borrow().epoch
    }

    /// Whether the group has given this instance anything.
    pub(super) fn has_partitions(&self) -> bool {
        !self.assignment.borrow().partitions.is_empty()
    }

    /// The thread: other partitions from now on; none between two assignments.
    pub(super) fn assign(&self, partitions: Vec<i32>) {
        self.assignment.send_modify(|assignment| {
            assignment.epoch += 1;
            assignment.partitions = partitions;
        });
    }

    /// The async side: begin this epoch here.
    pub(super) fn start(&self, epoch: u64, offsets: BTreeMap<i32, i64>) {
        self.lock().start = Some((epoch, offsets));
    }

    /// The thread: where to begin, when that was said for the current epoch.
    pub(super) fn take_start(&self) -> Option<BTreeMap<i32, i64>> {
        let (epoch, offsets) = self.lock().start.take()?;
        (epoch == self.epoch()).then_some(offsets)
    }

    /// The thread: one more item is on its way.
    pub(super) fn handed(&self) {
        self.lock().handed += 1;
    }

    /// The async side: this many items, counted from the beginning, are applied and in a stored checkpoint.
    pub(super) fn settled(&self, count: u64, stored: BTreeMap<i32, i64>) {
        let mut shared = self.lock();
        shared.settled = count;
        shared.stored.extend(stored);
        drop(shared);
        self.changed.notify_all();
    }

    /// The thread: waits until all that was handed over is settled. False when that took too long.
    pub(super) fn drained(&self, limit: Duration) -> bool {
        let waiting = self.changed.wait_timeout_while(self.lock(), limit, |shared| shared.settled < shared.handed);
        let (shared, _) = waiting.unwrap_or_else(PoisonError::into_inner);
        shared.settled >= shared.handed
    }

    /// The thread: stored checkpoints to tell the group about.
    pub(super) fn take_stored(&self) -> BTreeMap<i32, i64> {
        std::mem::take(&mut self.lock().stored)
    }

    pub(super) fn stop(&self, stopping: Stopping) {
        let mut shared = self.lock();
        shared.stopping = shared.stopping.max(stopping);
    }

    pub(super) fn stopping(&self) -> Stopping {
        self.lock().stopping
    }
}
