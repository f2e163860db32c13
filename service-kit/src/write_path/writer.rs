//! Rules 1 and 12: who writes. A process start takes a fresh random id, and takes another whenever something it
//! committed will not reach Kafka through its own producer any more; the old id is then swept like a dead writer's.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use uuid::Uuid;

use super::{document::Marker, tracker::Tracker};

/// How many former ids are remembered; older ones are judged by their stored watermark like anybody else's.
const FORMER: usize = 8;

/// One writer id with its numbers.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) id: Arc<str>,
    pub(crate) tracker: Tracker,
}

impl Writer {
    fn fresh() -> Arc<Self> {
        // Rule 1: the id of a former life would make that life's watermark speak for this one's numbers.
        Arc::new(Self { id: Uuid::new_v4().simple().to_string().into(), tracker: Tracker::default() })
    }
}

/// Rule 4: what is known published.
pub(crate) trait Known {
    /// Whether the event of this marker is in Kafka for certain.
    fn is_published(&self, marker: &Marker) -> bool;
}

/// The writer ids of this process, and the last known watermarks of the others.
#[derive(Debug)]
pub(crate) struct Writers {
    inner: RwLock<Inner>,
}

#[derive(Debug)]
struct Inner {
    current: Arc<Writer>,
    former: Vec<Arc<Writer>>,
    /// However stale: a watermark only rises, so an old value is still true (rule 4c).
    others: HashMap<Arc<str>, u64>,
}

impl Writers {
    pub(crate) fn new() -> Self {
        let inner = Inner { current: Writer::fresh(), former: Vec::new(), others: HashMap::new() };
        Self { inner: RwLock::new(inner) }
    }

    /// The writer that new commits use.
    pub(crate) fn current(&self) -> Arc<Writer> {
        self.read(|inner| Arc::clone(&inner.current))
    }

    /// Rule 12: new commits use a fresh id from here on.
    pub(crate) fn rotate(&self) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let left = std::mem::replace(&mut inner.current, Writer::fresh());
        tracing::warn!(writer = %left.id, "writer id rotated; what it had not published will be swept");
        inner.former.push(left);
        if inner.former.len() > FORMER {
            inner.former.remove(0);
        }
    }

    /// Whether `id` is the one that new commits use.
    pub(crate) fn is_current(&self, id: &str) -> bool {
        self.read(|inner| &*inner.current.id == id)
    }

    /// Adds to what is known of the others' watermarks.
    pub(crate) fn learn(&self, others: HashMap<Arc<str>, u64>) {
        self.inner.write().unwrap_or_else(PoisonError::into_inner).others.extend(others);
    }

    /// A sweep has published all that a former id of this process left.
    pub(crate) fn forget(&self, id: &str) {
        self.inner.write().unwrap_or_else(PoisonError::into_inner).former.retain(|writer| &*writer.id != id);
    }

    /// How many attempts of this process are not done, and the age of the oldest.
    pub(crate) fn open(&self) -> (usize, Duration) {
        self.read(|inner| {
            inner
                .former
                .iter()
                .chain([&inner.current])
                .map(|writer| writer.tracker.open())
                .fold((0, Duration::ZERO), |(count, oldest), (more, age)| {
                    (count + more, oldest.max(age.unwrap_or_default()))
                })
        })
    }

    fn read<T>(&self, look: impl FnOnce(&Inner) -> T) -> T {
        look(&self.inner.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Known for Writers {
    fn is_published(&self, marker: &Marker) -> bool {
        self.read(|inner| {
            let own = inner.former.iter().chain([&inner.current]).find(|writer| writer.id == marker.writer);
            match own {
                // (b) the exact set: with the watermark instead, one unresolved number makes hot chains grow.
                Some(writer) => writer.tracker.is_done(marker.seq),
                // (c) another's: by its watermark; (d) no record of it: not known, never "published".
                None => inner.others.get(&marker.writer).is_some_and(|watermark| marker.seq <= *watermark),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker(writer: &str, seq: u64) -> Marker {
        Marker { writer: writer.into(), seq }
    }

    #[test]
    fn another_writers_event_is_published_only_up_to_its_watermark_and_never_without_one() {
        let writers = Writers::new();
        writers.learn(HashMap::from([(Arc::from("a"), 5)]));
        assert!(writers.is_published(&marker("a", 5)));
        assert!(!writers.is_published(&marker("a", 6)));
        assert!(!writers.is_published(&marker("b", 1)));
    }

    #[test]
    fn a_rotated_writer_is_a_stranger_to_new_commits_but_its_numbers_are_remembered() {
        let writers = Writers::new();
        let old = writers.current();
        let (first, second) = (old.tracker.begin(), old.tracker.begin());
        old.tracker.finish(second);
        writers.rotate();
        assert!(!writers.is_current(&old.id));
        assert!(writers.is_published(&marker(&old.id, second)));
        assert!(!writers.is_published(&marker(&old.id, first)));
    }
}
