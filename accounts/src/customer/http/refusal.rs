//! Refusals of the domain and of the write path as problem documents: the only place that knows both.

use std::time::Duration;

use service_kit::http::body::{Fault, NotJson};
use service_kit::http::problem::{Kind, Problem};
use service_kit::write_path::CommitError;

use crate::customer::event::EMAIL;
use crate::customer::state::Refusal;

const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A command that the rules refuse.
pub(super) fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::IdTaken => Problem::conflict("the id belongs to a customer, or belonged to one that was deleted"),
        Refusal::NotFound => Problem::not_found("there is no customer with this id"),
        Refusal::Deleted => Problem::gone("the customer with this id was deleted"),
    }
}

/// A commit that did not happen, or of which nobody knows.
pub(super) fn commit_refused(error: CommitError) -> Problem {
    match error {
        CommitError::VersionConflict => too_many_conflicts(),
        CommitError::KeyTaken { key } if key == EMAIL => {
            Problem::conflict("the e-mail address belongs to another customer")
        }
        CommitError::KeyTaken { key } => Problem::conflict(format!("the {key} belongs to another customer")),
        CommitError::TooLarge => {
            Problem::new(Kind::ContentTooLarge, "the customer would be larger than its topic takes")
        }
        CommitError::Unavailable { detail, retry_after } => Problem::unavailable(detail, retry_after),
        CommitError::OutcomeUnknown { retry_after } => Problem::outcome_unknown(retry_after),
    }
}

/// Another change was first each time, or a retry would not help.
pub(super) fn too_many_conflicts() -> Problem {
    Problem::unavailable("other changes of this customer were first each time", RETRY_AFTER)
}

/// The database does not answer.
pub(super) fn unreadable() -> Problem {
    Problem::unavailable("the database cannot be reached", RETRY_AFTER)
}

/// The body is not JSON at all.
pub(super) fn not_json(error: NotJson) -> Problem {
    Problem::malformed(error.to_string())
}

/// The body is JSON whose content is wrong.
pub(super) fn invalid(faults: Vec<Fault>) -> Problem {
    Problem::invalid(faults)
}
