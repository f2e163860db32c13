//! Refusals of the domain as problem documents: the only place that knows both.

use service_kit::http::body::{Fault, NotJson};
use service_kit::http::problem::Problem;
use service_kit::write_path::CommitError;

use crate::customer::event::EMAIL;
use crate::customer::state::Refusal;

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
        CommitError::KeyTaken { key } if key == EMAIL => {
            Problem::conflict("the e-mail address belongs to another customer")
        }
        CommitError::VersionConflict
        | CommitError::KeyTaken { .. }
        | CommitError::TooLarge
        | CommitError::Unavailable { .. }
        | CommitError::OutcomeUnknown { .. } => Problem::of_commit(error, "customer"),
    }
}

/// The body is not JSON at all.
pub(super) fn not_json(error: NotJson) -> Problem {
    Problem::malformed(error.to_string())
}

/// The body is JSON whose content is wrong.
pub(super) fn invalid(faults: Vec<Fault>) -> Problem {
    Problem::invalid(faults)
}
