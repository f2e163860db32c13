//! Rule 5: which numbers of a writer are done, and the watermark: the longest prefix of them.
//!
//! A number is done when its attempt ended without a commit, or when Kafka acknowledged its aggregate at its version
//! or a later one. The highest acknowledged number would not do as a watermark: below it another may still be on its
//! way, and whoever trusts the watermark would drop that event.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Notify;

/// The numbers of one writer.
#[derive(Debug, Default)]
pub(crate) struct Tracker {
    numbers: Mutex<Numbers>,
    emptied: Notify,
}

#[derive(Debug, Default)]
struct Numbers {
    last: u64,
    /// Not done, with the time each was begun.
    open: BTreeMap<u64, Instant>,
}

impl Tracker {
    /// Rule 1: the next number, for one attempt; a retry takes another.
    pub(crate) fn begin(&self) -> u64 {
        let mut numbers = self.lock();
        numbers.last += 1;
        let seq = numbers.last;
        numbers.open.insert(seq, Instant::now());
        seq
    }

    /// The number is done.
    pub(crate) fn finish(&self, seq: u64) {
        let mut numbers = self.lock();
        numbers.open.remove(&seq);
        if numbers.open.is_empty() {
            self.emptied.notify_waiters();
        }
    }

    /// Whether this very number is done (rule 4b: the exact set, not "up to the watermark").
    pub(crate) fn is_done(&self, seq: u64) -> bool {
        let numbers = self.lock();
        seq <= numbers.last && !numbers.open.contains_key(&seq)
    }

    /// The longest prefix of done numbers.
    pub(crate) fn watermark(&self) -> u64 {
        let numbers = self.lock();
        numbers.open.keys().next().map_or(numbers.last, |first_open| first_open - 1)
    }

    /// How many numbers are not done, and since when the oldest of them is not.
    pub(crate) fn open(&self) -> (usize, Option<Duration>) {
        let numbers = self.lock();
        (numbers.open.len(), numbers.open.values().next().map(Instant::elapsed))
    }

    /// Returns when every number is done.
    pub(crate) async fn all_done(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.lock().open.is_empty() {
                return;
            }
            emptied.await;
        }
    }

    /// Nothing in here can panic between two lines, so a poisoned lock still holds a consistent set.
    fn lock(&self) -> MutexGuard<'_, Numbers> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watermark_is_the_longest_prefix_not_the_highest_number() {
        let tracker = Tracker::default();
        for _ in 0..3 {
            tracker.begin();
        }
        tracker.finish(3);
        assert_eq!(tracker.watermark(), 0);
        tracker.finish(1);
        assert_eq!(tracker.watermark(), 1);
        tracker.finish(2);
        assert_eq!(tracker.watermark(), 3);
    }

    #[test]
    fn a_number_above_the_watermark_can_be_done_and_one_never_begun_is_not() {
        let tracker = Tracker::default();
        tracker.begin();
        tracker.begin();
        tracker.finish(2);
        assert!(tracker.is_done(2));
        assert!(!tracker.is_done(1));
        assert!(!tracker.is_done(3));
    }
}
