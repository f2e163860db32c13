//! The oracle: it hears every answer that a caller gets, and afterwards it is the judge.
//!
//! What it asks, by the numbers of the list of what is checked after every fault run:
//!
//! 1. every acknowledged change is in the topic, with the content that was acknowledged;
//! 2. first appearances of a key's versions are 1, 2, 3 …, and a repeat is the same record, byte for byte;
//! 3. no event is in the topic without a committed version behind it;
//! 4. after healing, the copy equals its source field by field;
//! 5. a view's version never decreased (`watch` samples it while faults run);
//! 7. nothing is parked;
//! 11. no caller got a false answer: what was refused never happened, and nothing happened twice;
//! 12. nobody waited for ever.
//!
//! 8 (committed offsets) belongs to the test that kills the consumer.

mod history;
mod judgement;
mod watch;

mod tests;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::support::client::{Answer, Reply};

pub(crate) use history::History;
pub(crate) use judgement::heal_and_judge;
pub(crate) use watch::Watch;

/// What a caller wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Create,
    Update,
    Delete,
}

/// What a caller knows after the answer, or after there was none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Done: this version, with this content (a delete is answered without).
    Acknowledged { version: u64, content: Option<Value> },
    /// Not done, and it never will be.
    Refused { status: u16 },
    /// Done or not.
    Unknown,
}

/// One request and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) wish: Wish,
    pub(crate) id: String,
    /// What only this request wrote; a delete writes nothing.
    pub(crate) mark: Option<String>,
    pub(crate) verdict: Verdict,
}

/// All that was answered.
#[derive(Debug, Default)]
pub(crate) struct Oracle {
    attempts: Mutex<Vec<Attempt>>,
    faults: Mutex<Vec<String>>,
    marks: AtomicU64,
    acknowledged: AtomicU64,
}

impl Oracle {
    /// A text that stands in no other request.
    pub(crate) fn new_mark(&self) -> String {
        format!("mark {}", self.marks.fetch_add(1, Ordering::Relaxed))
    }

    /// How many changes have been acknowledged so far.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Takes down a reply, and tells what it means.
    pub(crate) fn heard(&self, wish: Wish, id: &str, mark: Option<&str>, reply: &Reply) -> Verdict {
        let verdict = self.meaning(wish, id, reply);
        if let Verdict::Acknowledged { .. } = verdict {
            self.acknowledged.fetch_add(1, Ordering::Relaxed);
        }
        let attempt = Attempt { wish, id: id.to_owned(), mark: mark.map(str::to_owned), verdict: verdict.clone() };
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner).push(attempt);
        verdict
    }

    pub(crate) fn attempts(&self) -> Vec<Attempt> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn faults(&self) -> Vec<String> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn meaning(&self, wish: Wish, id: &str, reply: &Reply) -> Verdict {
        match reply {
            Reply::Answer(answer) => self.meaning_of_answer(wish, id, answer),
            Reply::NotSent => Verdict::Refused { status: 0 },
            Reply::Lost => Verdict::Unknown,
            Reply::Hangs => {
                self.fault(format!("{wish:?} of {id} was never answered"));
                Verdict::Unknown
            }
        }
    }

    fn meaning_of_answer(&self, wish: Wish, id: &str, answer: &Answer) -> Verdict {
        let done = match (wish, answer.status) {
            (Wish::Create, 201) | (Wish::Update, 200) => answer.version().map(|version| (version, Some(answer.json()))),
            (Wish::Delete, 204) => version_of_token(answer).map(|version| (version, None)),
            (_, 503) if answer.outcome_is_unknown() => return Verdict::Unknown,
            (_, 503) if answer.header("retry-after").is_some() => return Verdict::Refused { status: 503 },
            (_, status @ (404 | 409 | 410 | 412)) => return Verdict::Refused { status },
            (_, _) => None,
        };
        done.map_or_else(
            || {
                self.fault(format!("{wish:?} of {id} was answered with what is no answer to it: {answer}"));
                Verdict::Unknown
            },
            |(version, content)| Verdict::Acknowledged { version, content },
        )
    }

    fn fault(&self, what: String) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }
}

fn version_of_token(answer: &Answer) -> Option<u64> {
    shared_events::token::ConsistencyToken::decode(answer.token()?).ok().map(|token| token.version)
}
