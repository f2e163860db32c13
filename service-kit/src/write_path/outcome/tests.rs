//! Rule 6 as a table: what was seen, and what is said.

use std::sync::Arc;

use bson::RawDocumentBuf;
use tokio::sync::oneshot;

use super::*;
use crate::write_path::{
    batch::{Attempt, Stage},
    writer::{Writer, Writers},
};

const MINE: Uuid = Uuid::from_u128(7);
const OTHER: Uuid = Uuid::from_u128(8);

/// An attempt at version 3.
fn pending(writer: Arc<Writer>) -> Pending {
    Pending {
        id: "a".to_owned(),
        version: 3,
        change: MINE,
        document: RawDocumentBuf::new(),
        chain: Vec::new(),
        attempt: Attempt::begin(writer),
        stage: Arc::new(Stage::default()),
        reply: oneshot::channel().0,
        followers: Vec::new(),
    }
}

fn seen(version: u64, recent: &[Uuid], unpublished: Vec<Marker>) -> Seen {
    let recent = recent.iter().map(|id| bson::Uuid::from_bytes(id.into_bytes())).collect();
    Seen { id: "a".to_owned(), version, recent, unpublished }
}

fn email() -> Option<String> {
    Some("email".to_owned())
}

#[test]
fn the_own_change_is_found_in_the_document_or_in_its_chain() {
    let pending = pending(Writers::new().current());
    let marker = Marker { writer: Arc::clone(&pending.attempt.writer().id), seq: 1 };
    for seen in [seen(3, &[OTHER, MINE], vec![]), seen(4, &[MINE, OTHER], vec![]), seen(9, &[OTHER], vec![marker])] {
        for clash in [None, email()] {
            assert_eq!(judge(&pending, Some(&seen), clash, true), Some(Outcome::Committed), "{:?}", seen.version);
        }
    }
}

#[test]
fn a_conflict_is_said_only_when_another_change_is_known_for_the_version() {
    let pending = pending(Writers::new().current());
    let within_reach = seen(4, &[OTHER, OTHER], vec![]);
    assert_eq!(judge(&pending, Some(&within_reach), None, true), Some(Outcome::VersionConflict));
    let beyond_reach = seen(5, &[OTHER, OTHER], vec![]);
    assert_eq!(judge(&pending, Some(&beyond_reach), None, true), Some(Outcome::Unknown));
}

#[test]
fn a_taken_key_is_final_only_when_no_first_copy_can_land_later() {
    let pending = pending(Writers::new().current());
    let before = seen(2, &[OTHER], vec![]);
    for seen in [None, Some(&before)] {
        assert_eq!(judge(&pending, seen, email(), false), Some(Outcome::KeyTaken("email".to_owned())));
        assert_eq!(judge(&pending, seen, email(), true), Some(Outcome::Undecided));
    }
}

#[test]
fn a_document_that_moved_between_the_guard_and_the_reading_is_asked_again() {
    let pending = pending(Writers::new().current());
    assert_eq!(judge(&pending, Some(&seen(2, &[OTHER], vec![])), None, true), None);
}

#[test]
fn a_base_that_is_gone_or_behind_leaves_the_outcome_open() {
    let pending = pending(Writers::new().current());
    for seen in [None, Some(&seen(1, &[OTHER], vec![]))] {
        assert_eq!(judge(&pending, seen, None, false), Some(Outcome::Undecided));
    }
}
