//! What has been applied and is not yet in a stored checkpoint. The hot path writes here, in memory; storing follows
//! close behind, at most one write in flight, so that no event waits for the checkpoint of the one before it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::checkpoint::{Advance, Checkpoint, Checkpoints, MovedBack};
use super::link::Link;
use super::log::Place;
use super::progress::Progress;
use super::retry;

#[derive(Debug, Default)]
struct Entries {
    /// As stored, as far as this process knows.
    known: BTreeMap<i32, Checkpoint>,
    /// As it shall be stored.
    wanted: BTreeMap<i32, Checkpoint>,
    /// Stored together with the view, and not yet told to the group.
    untold: BTreeMap<i32, i64>,
    /// Items of the consumer that are done with.
    processed: u64,
}

/// The positions of this instance's partitions.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    entries: Mutex<Entries>,
    dirty: Notify,
}

impl Ledger {
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new assignment: these partitions, from these checkpoints on. Returns where to begin.
    pub(super) fn begin(
        &self,
        checkpoints: BTreeMap<i32, Checkpoint>,
        first: BTreeMap<i32, Place>,
    ) -> BTreeMap<i32, i64> {
        let mut entries = self.lock();
        entries.wanted.clone_from(&checkpoints);
        for (partition, place) in first {
            if let Some(wanted) = entries.wanted.get_mut(&partition) {
                wanted.first.get_or_insert(place);
            }
        }
        let start = checkpoints.iter().map(|(partition, checkpoint)| (*partition, checkpoint.next)).collect();
        entries.known = checkpoints;
        start
    }

    /// The record at this place is in the view, or parked, on a majority.
    pub(super) fn applied(&self, partition: i32, place: Place) {
        if let Some(wanted) = self.lock().wanted.get_mut(&partition) {
            wanted.reached(place);
        }
    }

    /// These partitions' checkpoints as this process knows them to be stored; none of one that it does not have any more.
    pub(super) fn known(&self, partitions: impl Iterator<Item = i32>) -> BTreeMap<i32, Checkpoint> {
        let entries = self.lock();
        partitions.filter_map(|partition| Some((partition, entries.known.get(&partition)?.clone()))).collect()
    }

    /// These were stored in one transaction with the view.
    pub(super) fn stored_with_view(&self, checkpoints: &[Checkpoint]) {
        let mut entries = self.lock();
        for stored in checkpoints {
            let same = |known: &&mut Checkpoint| known.incarnation == stored.incarnation && known.next <= stored.next;
            let Some(known) = entries.known.get_mut(&stored.partition).filter(same) else { continue };
            *known = stored.clone();
            entries.untold.insert(stored.partition, stored.next);
            if let Some(wanted) = entries.wanted.get_mut(&stored.partition) {
                *wanted = Checkpoint { complete: wanted.complete || stored.complete, ..stored.clone() };
            }
        }
    }

    /// The end of the partition was reached, and everything before it is applied.
    pub(super) fn ended(&self, partition: i32) {
        if let Some(wanted) = self.lock().wanted.get_mut(&partition) {
            wanted.complete = true;
        }
    }

    /// So many more items of the consumer are done with.
    pub(super) fn processed(&self, items: usize) {
        self.lock().processed += items as u64;
        self.dirty.notify_one();
    }

    /// What is to be stored, what was stored with the view, and how many items that is.
    fn unstored(&self) -> (Vec<Advance>, BTreeMap<i32, i64>, u64) {
        let mut entries = self.lock();
        let told = std::mem::take(&mut entries.untold);
        let moved = |(partition, wanted): (&i32, &Checkpoint)| {
            let known = entries.known.get(partition)?;
            (known != wanted).then(|| Advance { known: known.clone(), wanted: wanted.clone() })
        };
        (entries.wanted.iter().filter_map(moved).collect(), told, entries.processed)
    }

    fn stored(&self, advances: &[Advance]) {
        let mut entries = self.lock();
        for Advance { wanted, .. } in advances {
            // An assignment that began meanwhile has loaded its own.
            if let Some(known) = entries.known.get_mut(&wanted.partition)
                && known.incarnation == wanted.incarnation
                && known.next <= wanted.next
            {
                *known = wanted.clone();
            }
        }
    }
}

/// Stores what the ledger has.
#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) projection: &'static str,
    pub(super) ledger: Ledger,
    pub(super) checkpoints: Checkpoints,
    pub(super) link: Arc<Link>,
    pub(super) progress: Arc<Progress>,
    /// The least time between two writes.
    pub(super) interval: Duration,
}

impl Keeper {
    /// Stores whenever something has moved: at once, and then not again for a moment.
    pub(super) async fn keep(&self) -> Result<Infallible, MovedBack> {
        loop {
            self.ledger.dirty.notified().await;
            self.store().await?;
            tokio::time::sleep(self.interval).await;
        }
    }

    /// Stores what has moved, and tells the consumer that so much is settled.
    pub(super) async fn store(&self) -> Result<(), MovedBack> {
        let (advances, mut stored, processed) = self.ledger.unstored();
        if !advances.is_empty() {
            let store = || self.checkpoints.advance(&advances);
            retry::for_ever(self.projection, "storing the checkpoint", store).await?;
        }
        self.ledger.stored(&advances);
        stored.extend(advances.iter().map(|advance| (advance.wanted.partition, advance.wanted.next)));
        self.link.settled(processed, stored);
        if advances.iter().any(|advance| advance.wanted.complete && !advance.known.complete) {
            self.progress.look.notify_one();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::generation::Generation;
    use super::*;

    fn place(offset: i64) -> Place {
        Place { offset, event_id: Some(format!("e{offset}")) }
    }

    fn begun() -> Ledger {
        let ledger = Ledger::default();
        let checkpoint = Checkpoint::new("things.g1", "things", Generation(1), "t", 0, 5);
        assert_eq!(ledger.begin(BTreeMap::from([(0, checkpoint)]), BTreeMap::new()), BTreeMap::from([(0, 5)]));
        ledger
    }

    #[test]
    fn a_checkpoint_only_rises_and_remembers_its_witnesses() {
        let ledger = begun();
        assert!(ledger.unstored().0.is_empty());
        ledger.applied(0, place(5));
        ledger.applied(0, place(7));
        ledger.applied(0, place(6));
        let (advances, ..) = ledger.unstored();
        let wanted = &advances[0].wanted;
        assert_eq!((wanted.next, wanted.first.clone(), wanted.last.clone()), (8, Some(place(5)), Some(place(7))));
        ledger.stored(&advances);
        assert!(ledger.unstored().0.is_empty());
    }

    #[test]
    fn what_an_earlier_assignment_stored_does_not_hide_what_a_later_one_has_to() {
        let ledger = begun();
        ledger.applied(0, place(5));
        let (old, ..) = ledger.unstored();
        let mut loaded = old[0].known.clone();
        loaded.next = 9;
        ledger.begin(BTreeMap::from([(0, loaded)]), BTreeMap::new());
        ledger.applied(0, place(9));
        ledger.stored(&old);
        let (advances, ..) = ledger.unstored();
        assert_eq!((advances[0].known.next, advances[0].wanted.next), (9, 10));
    }
}
