//! Folding by example and by property: any order, any number of times, the same newest states.

use proptest::prelude::*;

use super::super::known::Newest;
use super::super::reading::{Original, Reader};
use super::super::sample::{Things, event, original};
use super::*;

fn incoming(originals: Vec<Original>) -> Vec<Incoming> {
    let reader = Reader::of::<Things>().unwrap();
    let read = |(offset, original): (usize, Original)| Incoming {
        partition: 0,
        offset: i64::try_from(offset).unwrap(),
        reading: reader.read(&original),
        original,
    };
    originals.into_iter().enumerate().map(read).collect()
}

fn events(versions: &[(&str, u64)]) -> Vec<Incoming> {
    incoming(versions.iter().map(|(id, version)| original(&event(id, *version))).collect())
}

fn known(versions: &[(&str, u64)]) -> Known {
    let mut known = Known::default();
    for (id, version) in versions {
        known.note(id, Newest { version: *version, event_id: format!("{id}-{version}") });
    }
    known
}

fn fold(items: &[Incoming], known: &Known, rule: &GapRule<'_>) -> Folded {
    super::fold(items.iter().enumerate(), known, rule)
}

const JUDGED: GapRule<'static> = GapRule { complete: true, excused: &|_| false };

#[test]
fn the_newest_of_each_key_is_written_once() {
    let folded = fold(&events(&[("a", 1), ("b", 1), ("a", 2), ("a", 3)]), &Known::default(), &JUDGED);
    assert_eq!(folded, Folded { writes: vec![1, 3], overtaken: 2, ..Folded::default() });
}

#[test]
fn a_repeat_and_an_older_version_write_nothing() {
    let folded = fold(&events(&[("a", 3), ("a", 2), ("a", 4), ("a", 4)]), &known(&[("a", 3)]), &JUDGED);
    assert_eq!(folded, Folded { writes: vec![2], repeats: 3, ..Folded::default() });
}

#[test]
fn a_gap_is_seen_before_it_is_folded_away() {
    let items = events(&[("a", 3), ("a", 5), ("a", 6), ("b", 2)]);
    let folded = fold(&items, &known(&[("a", 2), ("b", 0)]), &JUDGED);
    assert_eq!(folded.gaps, vec![Gap { at: 1, after: 3 }, Gap { at: 3, after: 0 }]);
    assert_eq!(folded.writes, vec![2, 3]);
}

#[test]
fn no_gap_is_judged_while_incomplete_or_of_a_snapshot_or_behind_something_parked() {
    let mut snapshot = event("a", 9);
    snapshot.envelope.snapshot = true;
    let items = incoming(vec![original(&snapshot)]);
    assert_eq!(fold(&items, &known(&[("a", 2)]), &JUDGED).gaps, vec![]);

    let items = events(&[("a", 9)]);
    let incomplete = GapRule { complete: false, ..JUDGED };
    assert_eq!(fold(&items, &known(&[("a", 2)]), &incomplete).gaps, vec![]);
    let parked = GapRule { excused: &|key| key == "a", ..JUDGED };
    assert_eq!(fold(&items, &known(&[("a", 2)]), &parked).gaps, vec![]);

    let mut garbage = original(&event("a", 3));
    garbage.value = Some(b"{".to_vec());
    let items = incoming(vec![garbage, original(&event("a", 4))]);
    let folded = fold(&items, &known(&[("a", 2)]), &JUDGED);
    assert_eq!((folded.gaps.len(), folded.parked.len(), folded.writes), (0, 1, vec![1]));
}

#[test]
fn the_same_version_with_another_event_id_is_parked_and_never_applied() {
    let mut other = event("a", 3);
    other.envelope.id = "other".to_owned();
    let items = incoming(vec![original(&other)]);
    let folded = fold(&items, &known(&[("a", 3)]), &JUDGED);
    assert_eq!((folded.writes.len(), folded.parked), (0, vec![(0, Cause::contradiction(3))]));

    let items = incoming(vec![original(&event("a", 3)), original(&event("a", 4)), original(&other)]);
    let folded = fold(&items, &known(&[("a", 2)]), &JUDGED);
    assert_eq!((folded.writes, folded.parked), (vec![1], vec![(2, Cause::contradiction(3))]));
}

#[test]
fn only_keys_whose_version_matters_are_asked_for() {
    let mut garbage = original(&event("g", 1));
    garbage.value = None;
    let items = incoming(vec![
        original(&event("new", 1)),
        original(&event("old", 5)),
        original(&event("remembered", 5)),
        garbage,
    ]);
    let mut asked = unknown_keys(&items, &known(&[("remembered", 4)]), true);
    asked.sort_unstable();
    assert_eq!(asked, ["g", "old"]);
    assert_eq!(unknown_keys(&items, &Known::default(), false), ["g"]);
}

#[test]
fn what_is_parked_is_superseded_only_by_what_is_newer_than_the_view_was_then() {
    let mut garbage = original(&event("a", 9));
    garbage.headers.clear();
    let items = incoming(vec![original(&event("a", 3)), garbage, original(&event("a", 4))]);
    assert_eq!(version_before(&items, 1, "a", &known(&[("a", 2)])), 3);
    assert_eq!(version_before(&items, 0, "a", &known(&[("a", 2)])), 2);
    assert_eq!(version_before(&items, 1, "b", &Known::default()), 0);
}

/// The view's guard as the database applies it: newer wins, everything else changes nothing.
fn write(view: &mut HashMap<String, u64>, known: &mut Known, items: &[Incoming]) {
    let folded = fold(items, known, &JUDGED);
    for at in folded.writes {
        let projected = items[at].reading.as_ref().unwrap();
        let stored = view.entry(projected.key.clone()).or_default();
        *stored = projected.version.max(*stored);
        known.note(&projected.key, Newest { version: *stored, event_id: projected.event_id.clone() });
    }
}

proptest! {
    /// G3 for a copy: any order, any repeats, cut into batches anywhere, remembered or forgotten: the newest wins.
    #[test]
    fn any_permutation_with_repeats_gives_the_same_view(
        history in prop::collection::vec((0..4_usize, 1..9_u64), 1..60).prop_shuffle(),
        cuts in prop::collection::vec((1..7_usize, any::<bool>()), 60),
    ) {
        let ids = ["a", "b", "c", "d"];
        let mut expected = HashMap::new();
        for (id, version) in &history {
            let newest: &mut u64 = expected.entry(ids[*id].to_owned()).or_default();
            *newest = (*newest).max(*version);
        }
        let items = events(&history.iter().map(|(id, version)| (ids[*id], *version)).collect::<Vec<_>>());
        let (mut view, mut known, mut rest) = (HashMap::new(), Known::default(), items.as_slice());
        for (cut, forget) in cuts {
            let (batch, later) = rest.split_at(cut.min(rest.len()));
            write(&mut view, &mut known, batch);
            if forget {
                known.forget();
            }
            rest = later;
        }
        write(&mut view, &mut known, rest);
        prop_assert_eq!(view, expected);
    }
}
