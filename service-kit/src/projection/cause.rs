//! Why a record is parked: the part of D8's table that is about the record alone. Trying again cannot help any of these.
//! What a server's fault is has no place here: it is tried again for ever and parks nothing.

use std::fmt;

use shared_events::envelope::DecodeError;

use super::Rejected;

/// Why a record cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Which row of the table.
    pub kind: CauseKind,
    /// In words: the place, never the content.
    pub text: String,
}

/// The rows of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CauseKind {
    /// It cannot be read as an event: no key, no value, a header missing or malformed.
    Undecodable,
    /// It is an event, but not one of this contract.
    SchemaViolation,
    /// The projection cannot use it.
    Rejected,
    /// The same version was applied with another event id: one of the two is not true. An alarm.
    Contradiction,
    /// The database refuses this very document: too large, or against a validator.
    Refused,
    /// Nothing is wrong with it: an earlier event of its key is parked, and an accumulation takes them in order.
    Waiting,
}

impl CauseKind {
    /// All of them.
    pub(super) const ALL: [Self; 6] =
        [Self::Undecodable, Self::SchemaViolation, Self::Rejected, Self::Contradiction, Self::Refused, Self::Waiting];

    /// The word in the parked document, in metrics and in the dead letter's headers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Undecodable => "undecodable",
            Self::SchemaViolation => "schema-violation",
            Self::Rejected => "rejected",
            Self::Contradiction => "contradiction",
            Self::Refused => "refused",
            Self::Waiting => "waiting",
        }
    }
}

impl Cause {
    pub(super) fn new(kind: CauseKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    pub(super) fn contradiction(version: u64) -> Self {
        Self::new(CauseKind::Contradiction, format!("version {version} was applied with another event id"))
    }
}

impl From<DecodeError> for Cause {
    fn from(error: DecodeError) -> Self {
        let kind = if error.is_schema_violation() { CauseKind::SchemaViolation } else { CauseKind::Undecodable };
        Self::new(kind, error.to_string())
    }
}

impl From<Rejected> for Cause {
    fn from(rejected: Rejected) -> Self {
        Self::new(CauseKind::Rejected, rejected.reason)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.as_str(), self.text)
    }
}
