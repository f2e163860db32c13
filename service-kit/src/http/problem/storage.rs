//! What the write path and a view say no with, as problems: the only place that knows both.

use std::time::Duration;

use super::{Kind, Problem};
use crate::projection::ReadError;
use crate::write_path::{CommitError, Unavailable};

const RETRY_AFTER: Duration = Duration::from_secs(1);

impl Problem {
    /// A commit that did not happen, or of which nobody knows; `thing` is what it was to change: `customer`.
    pub fn of_commit(error: CommitError, thing: &str) -> Self {
        match error {
            CommitError::VersionConflict => Self::always_second(thing),
            CommitError::KeyTaken { key } => Self::conflict(format!("the {key} belongs to another {thing}")),
            CommitError::TooLarge => {
                Self::new(Kind::ContentTooLarge, format!("the {thing} would be larger than its topic takes"))
            }
            CommitError::Unavailable { detail, retry_after } => Self::unavailable(detail, retry_after),
            CommitError::OutcomeUnknown { retry_after } => Self::outcome_unknown(retry_after),
        }
    }

    /// 503: another change was first each time.
    pub fn always_second(thing: &str) -> Self {
        Self::unavailable(format!("other changes of this {thing} were first each time"), RETRY_AFTER)
    }

    /// 503: a view is not complete, so what it does not have may only be late (D6). `things` names what it holds.
    pub fn not_yet_complete(things: &str) -> Self {
        Self::unavailable(format!("the copy of the {things} has not yet reached the end of its log"), RETRY_AFTER)
    }
}

impl From<Unavailable> for Problem {
    fn from(_: Unavailable) -> Self {
        Self::unavailable("the database cannot be reached", RETRY_AFTER)
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable(_) => Unavailable.into(),
            // The source may quote the document.
            unreadable @ ReadError::Unreadable { .. } => Self::internal(unreadable),
        }
    }
}
