//! Whether the log is still the one that a checkpoint was stored for (D4). A topic that was recreated, or restored from an
//! older copy, has the same name and other records: going on from the old position would skip or repeat the wrong ones.

use std::collections::BTreeMap;

use super::checkpoint::Checkpoint;
use super::log::{Bounds, Place};

/// The places to read back, at most two: the first record that was ever seen, and the last one that was applied.
pub(super) fn witnesses(checkpoint: &Checkpoint, bounds: Bounds) -> impl Iterator<Item = &Place> {
    let there = move |place: &&Place| bounds.low <= place.offset && place.offset < bounds.end;
    checkpoint.first.iter().chain(&checkpoint.last).filter(there)
}

/// What does not fit, in words. `found` has what stands at each witness's place now.
pub(super) fn mismatch(
    checkpoint: &Checkpoint,
    cluster: Option<&str>,
    bounds: Bounds,
    found: &BTreeMap<i64, Place>,
) -> Option<&'static str> {
    let known = checkpoint.cluster.as_deref();
    if known.is_some() && cluster.is_some() && known != cluster {
        return Some("the topic is in another cluster");
    }
    if checkpoint.next > bounds.end {
        return Some(
            "the topic ends before a record that was applied: it was recreated or restored from an older copy",
        );
    }
    if checkpoint.next < bounds.low {
        return Some("records were removed from the topic before they were read");
    }
    if checkpoint.first.as_ref().is_some_and(|first| bounds.low < first.offset) {
        return Some("the topic begins earlier than it did");
    }
    let differs = witnesses(checkpoint, bounds).any(|place| found.get(&place.offset) != Some(place));
    differs.then_some("another record stands where one was applied: the topic was recreated")
}

/// The sentence that ends the process: what is wrong, and the remedy.
pub(super) fn sentence(topic: &str, checkpoint: &Checkpoint, what: &str) -> String {
    let Checkpoint { id, partition, .. } = checkpoint;
    format!(
        "{what} (topic {topic}, partition {partition}, checkpoint {id}): restore the topic and the database that belong \
         together, or drop this service's database, so that its copies are built again from the start of the topic"
    )
}

#[cfg(test)]
mod tests {
    use super::super::generation::Generation;
    use super::*;

    const BOUNDS: Bounds = Bounds { low: 0, end: 10 };

    fn place(offset: i64, id: &str) -> Place {
        Place { offset, event_id: Some(id.to_owned()) }
    }

    fn checkpoint() -> Checkpoint {
        let mut checkpoint = Checkpoint::new("things.g1", "things", Generation(1), "t", 0, 0);
        checkpoint.cluster = Some("c".to_owned());
        checkpoint.first = Some(place(0, "a"));
        checkpoint.last = Some(place(4, "e"));
        checkpoint.next = 5;
        checkpoint
    }

    fn found(places: &[Place]) -> BTreeMap<i64, Place> {
        places.iter().map(|place| (place.offset, place.clone())).collect()
    }

    #[test]
    fn the_same_log_fits() {
        let found = found(&[place(0, "a"), place(4, "e")]);
        assert_eq!(mismatch(&checkpoint(), Some("c"), BOUNDS, &found), None);
        // A cluster that does not say who it is cannot be told apart, and is not refused.
        assert_eq!(mismatch(&checkpoint(), None, BOUNDS, &found), None);
    }

    #[test]
    fn an_empty_log_without_history_fits() {
        let fresh = Checkpoint::new("things.g1", "things", Generation(1), "t", 0, 0);
        assert_eq!(mismatch(&fresh, Some("c"), Bounds { low: 0, end: 0 }, &BTreeMap::new()), None);
    }

    #[test]
    fn each_other_log_is_noticed() {
        let same = found(&[place(0, "a"), place(4, "e")]);
        let cases = [
            (Some("other"), BOUNDS, same.clone()),
            (Some("c"), Bounds { low: 0, end: 4 }, same.clone()),
            (Some("c"), Bounds { low: 6, end: 10 }, same.clone()),
            (Some("c"), BOUNDS, found(&[place(0, "x"), place(4, "e")])),
            (Some("c"), BOUNDS, found(&[place(0, "a"), place(4, "x")])),
            (Some("c"), BOUNDS, found(&[place(0, "a")])),
        ];
        for (cluster, bounds, found) in cases {
            assert!(mismatch(&checkpoint(), cluster, bounds, &found).is_some(), "{cluster:?} {bounds:?} {found:?}");
        }
    }

    #[test]
    fn a_head_that_was_removed_after_it_was_read_is_no_other_log() {
        let found = found(&[place(4, "e")]);
        assert_eq!(mismatch(&checkpoint(), Some("c"), Bounds { low: 2, end: 10 }, &found), None);
    }
}
