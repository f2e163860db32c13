//! An oracle that finds nothing proves nothing: each fault that it is there for, made by hand, is found.

use serde_json::{Value, json};

use super::judgement::{false_answer, one_effect_each};
use super::{Attempt, History, Verdict, Wish};
use crate::support::customers;
use crate::support::topic::Entry;

const AT: &str = "2026-11-21T07:58:27.123Z";

fn customer(version: u64, mark: &str) -> Value {
    let mut customer = customers::creation("a", mark);
    customer["creditCards"] = json!([]);
    for (name, value) in [("status", json!("ACTIVE")), ("createdAt", json!(AT)), ("updatedAt", json!(AT))] {
        customer[name] = value;
    }
    customer["version"] = version.into();
    customer
}

fn event(version: u64, mark: &str) -> Entry {
    let mut data = customer(version, mark);
    data["changed"] = json!(["addresses"]);
    let headers = [
        ("ce_specversion", "1.0".to_owned()),
        ("ce_id", format!("change-{version}")),
        ("ce_source", "/accounts/customers/a".to_owned()),
        ("ce_type", "accounts.customer.updated".to_owned()),
        ("ce_subject", "a".to_owned()),
        ("ce_time", AT.to_owned()),
        ("ce_sequence", format!("{version:020}")),
        ("ce_dataschema", "/schemas/customer/v1.json".to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    Entry {
        partition: 0,
        offset: 0,
        key: Some(b"a".to_vec()),
        headers: headers.map(|(name, value)| (name.to_owned(), Some(value.into_bytes()))).to_vec(),
        value: Some(serde_json::to_vec(&data).unwrap()),
    }
}

fn history(entries: Vec<Entry>) -> History {
    let mut history = History::default();
    history.extend(entries);
    history
}

fn acknowledged(version: u64, mark: &str) -> Attempt {
    let content = Some(customer(version, mark));
    attempt(mark, Verdict::Acknowledged { version, content })
}

fn attempt(mark: &str, verdict: Verdict) -> Attempt {
    Attempt { wish: Wish::Update, id: "a".to_owned(), mark: Some(mark.to_owned()), verdict }
}

fn faults(attempts: &[Attempt], history: &History) -> Vec<String> {
    let mut faults = history.faults.clone();
    faults.extend(attempts.iter().filter_map(|attempt| false_answer(attempt, history)));
    faults.extend(one_effect_each(attempts, history));
    faults
}

#[test]
fn a_sound_history_with_repeats_has_no_faults() {
    let history = history(vec![event(1, "m1"), event(2, "m2"), event(1, "m1"), event(2, "m2")]);
    let attempts =
        [acknowledged(1, "m1"), attempt("m2", Verdict::Unknown), attempt("m3", Verdict::Refused { status: 412 })];
    assert_eq!(faults(&attempts, &history), Vec::<String>::new());
    assert_eq!((history.records, history.repeats), (4, 2));
}

#[test]
fn an_acknowledged_change_that_is_missing_is_found() {
    assert_eq!(faults(&[acknowledged(1, "m1"), acknowledged(2, "m2")], &history(vec![event(1, "m1")])).len(), 1);
}

#[test]
fn another_content_than_the_acknowledged_one_is_found() {
    let history = history(vec![event(1, "m2")]);
    let attempts = [acknowledged(1, "m1"), attempt("m2", Verdict::Unknown)];
    assert_eq!(faults(&attempts, &history).len(), 1);
}

#[test]
fn a_refused_change_that_happened_is_found() {
    let refused = attempt("m1", Verdict::Refused { status: 409 });
    assert_eq!(faults(&[refused], &history(vec![event(1, "m1")])).len(), 1);
}

#[test]
fn a_change_that_happened_twice_is_found() {
    let history = history(vec![event(1, "m1"), event(2, "m1")]);
    assert_eq!(faults(&[attempt("m1", Verdict::Unknown)], &history).len(), 1);
}

#[test]
fn a_change_that_nobody_asked_for_is_found() {
    assert_eq!(faults(&[], &history(vec![event(1, "m1")])).len(), 1);
}

#[test]
fn two_winners_of_one_version_are_found() {
    let history = history(vec![event(1, "m1")]);
    let twice = [acknowledged(1, "m1"), acknowledged(1, "m1")];
    assert_eq!(faults(&twice, &history).len(), 1);
}

#[test]
fn a_gap_and_a_version_that_is_overtaken_are_found() {
    assert!(!history(vec![event(2, "m2")]).faults.is_empty());
    assert!(!history(vec![event(2, "m2"), event(1, "m1")]).faults.is_empty());
}

#[test]
fn a_repeat_that_is_not_the_same_record_is_found() {
    assert_eq!(history(vec![event(1, "m1"), event(1, "m2")]).faults.len(), 1);
    let mut moved = event(1, "m1");
    moved.partition = 1;
    assert_eq!(history(vec![event(1, "m1"), moved]).faults.len(), 1);
}
