//! The rules, as given / when / then.

use proptest::prelude::*;
use serde_json::json;
use shared_events::envelope::EventData;
use shared_events::{customer::CustomerChange, time::Timestamp};

use super::*;
use crate::customer::samples::{at, deleted_john, john, profile, profile_for, smallest};

fn create() -> Command {
    Command::Create { id: "a".parse().unwrap(), profile: profile(&smallest()), at: at(1) }
}

fn replace(stored: &Customer, body: &serde_json::Value) -> Command {
    Command::Replace { profile: profile_for(stored, body), at: at(1) }
}

fn changed(decision: Result<Decision, Refusal>) -> NextVersion {
    match decision {
        Ok(Decision::Changed(next)) => *next,
        other => panic!("{other:?}"),
    }
}

#[test]
fn given_nothing_when_created_then_there_is_version_1() {
    let next = changed(decide(None, create()));
    assert_eq!((next.kind, next.state.version, next.state.status), (CREATED, 1, Status::Active));
    assert_eq!((next.state.created_at, next.state.updated_at), (at(1), at(1)));
    assert_eq!(next.changed, ["name", "contact"]);
}

#[test]
fn given_a_customer_when_created_again_then_the_id_is_taken() {
    assert_eq!(decide(Some(&john()), create()), Err(Refusal::IdTaken));
}

#[test]
fn given_a_deleted_customer_when_created_again_then_the_id_stays_taken() {
    assert_eq!(decide(Some(&deleted_john()), create()), Err(Refusal::IdTaken));
}

#[test]
fn given_a_customer_when_replaced_by_other_parts_then_the_next_version_names_them() {
    let john = john();
    let mut body = serde_json::to_value(&john).unwrap();
    body["addresses"][0]["city"] = json!("Miami");
    body["contact"]["secondaryPhone"] = json!(null);
    let next = changed(decide(Some(&john), replace(&john, &body)));
    assert_eq!((next.kind, next.state.version, next.changed), (UPDATED, 2, vec!["contact".into(), "addresses".into()]));
    assert_eq!((next.state.created_at, next.state.updated_at), (at(0), at(1)));
    assert_eq!((next.state.addresses[0].city.as_str(), next.state.contact.secondary_phone), ("Miami", None));
}

#[test]
fn given_a_customer_when_replaced_by_what_was_read_then_nothing_changes() {
    let john = john();
    let body = serde_json::to_value(&john).unwrap();
    assert_eq!(decide(Some(&john), replace(&john, &body)), Ok(Decision::Unchanged));
}

#[test]
fn given_a_customer_when_deleted_then_the_last_state_says_so() {
    let next = changed(decide(Some(&john()), Command::Delete { at: at(9) }));
    assert_eq!((next.kind, next.state.version, next.state.status), (DELETED, 2, Status::Deleted));
    assert_eq!((next.state.deleted_at, next.changed), (Some(at(9)), vec!["status".into(), "deletedAt".into()]));
    assert_eq!(next.state.name, john().name);
}

#[test]
fn given_nothing_when_replaced_or_deleted_then_there_is_no_such_customer() {
    assert_eq!(decide(None, replace(&john(), &smallest())), Err(Refusal::NotFound));
    assert_eq!(decide(None, Command::Delete { at: at(1) }), Err(Refusal::NotFound));
}

#[test]
fn given_a_deleted_customer_when_replaced_or_deleted_then_it_stays_deleted() {
    let gone = deleted_john();
    assert_eq!(decide(Some(&gone), replace(&john(), &smallest())), Err(Refusal::Deleted));
    assert_eq!(decide(Some(&gone), Command::Delete { at: at(10) }), Err(Refusal::Deleted));
}

/// Something to ask, in the order of a test's list.
#[derive(Clone, Debug)]
enum Ask {
    Create,
    Rename(u8),
    Delete,
}

fn any_ask() -> impl Strategy<Value = Ask> {
    prop_oneof![Just(Ask::Create), (0..3u8).prop_map(Ask::Rename), Just(Ask::Delete)]
}

fn command(ask: &Ask, at: Timestamp) -> Command {
    match ask {
        Ask::Create => Command::Create { id: "a".parse().unwrap(), profile: profile(&smallest()), at },
        Ask::Rename(name) => {
            let mut body = smallest();
            body["name"]["firstName"] = json!(format!("Ann {name}"));
            Command::Replace { profile: profile(&body), at }
        }
        Ask::Delete => Command::Delete { at },
    }
}

proptest! {
    #[test]
    fn versions_have_no_gap_and_every_state_keeps_the_contract(asks in prop::collection::vec(any_ask(), 0..12)) {
        let mut current: Option<Customer> = None;
        for (second, ask) in (0..).zip(&asks) {
            let Ok(Decision::Changed(next)) = decide(current.as_ref(), command(ask, at(second))) else { continue };
            let event = CustomerChange { customer: next.state.clone(), changed: next.changed.clone() };
            prop_assert_eq!(next.state.version, current.as_ref().map_or(0, |before| before.version) + 1);
            prop_assert_eq!(event.check(), Ok(()));
            prop_assert!(!next.changed.is_empty());
            prop_assert!(current.is_none_or(|before| before.status == Status::Active));
            current = Some(next.state);
        }
    }
}
