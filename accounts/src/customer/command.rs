//! What can be asked of a customer. Everything in a command is already valid, and what the rules need from outside (the
//! instant) comes with it: the domain has no clock.

use shared_events::time::Timestamp;

use super::id::CustomerId;
use super::profile::Profile;

/// A command, and when it is carried out: later than the change before (`next_instant`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Make a customer.
    Create {
        /// Its id.
        id: CustomerId,
        /// Everything else about it.
        profile: Profile,
        /// When.
        at: Timestamp,
    },
    /// Replace everything that its owner decides.
    Replace {
        /// What it is to be.
        profile: Profile,
        /// When.
        at: Timestamp,
    },
    /// Delete it, for ever.
    Delete {
        /// When.
        at: Timestamp,
    },
}
