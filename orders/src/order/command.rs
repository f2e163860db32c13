//! What can be asked of an order. Everything in a command is already valid, and what the rules need from outside (the
//! instant, and the customer as the copy has them) comes with it: the domain has no clock and asks nobody.

use shared_events::time::Timestamp;

use super::customer::Customer;
use super::draft::Draft;
use super::id::OrderId;

/// A command, and when it is carried out: later than the change before (`next_instant`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Place an order.
    Place {
        /// Its id.
        id: OrderId,
        /// Everything else about it.
        draft: Draft,
        /// Whose it is; `None` when there is no such customer.
        customer: Option<Customer>,
        /// When.
        at: Timestamp,
    },
    /// Call it off.
    Cancel {
        /// Whose it is; needed while it waits.
        customer: Option<Customer>,
        /// When.
        at: Timestamp,
    },
    /// Say that it was sent.
    Fulfil {
        /// Whose it is; needed while it waits.
        customer: Option<Customer>,
        /// When.
        at: Timestamp,
    },
}
