//! Refusals of the domain as problem documents: the only place that knows both.

use std::time::Duration;

use service_kit::http::problem::{Fault, Problem};
use shared_events::customer::AddressType;

use crate::order::state::Refusal;

const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A command that the rules refuse. `customer_id` is whose order it is, or was to be.
pub(super) fn refused(refusal: Refusal, customer_id: &str) -> Problem {
    match refusal {
        Refusal::IdTaken => Problem::conflict("the id belongs to an order that was placed with another body"),
        Refusal::NotFound => Problem::not_found("there is no order with this id"),
        Refusal::NoSuchCustomer => invalid("/customerId", format!("names no customer: there is no {customer_id}")),
        Refusal::NoSuchAddress { wanted, there } => invalid("/shipTo", no_such_address(wanted, &there)),
        Refusal::CustomerDeleted => Problem::conflict(format!("the customer {customer_id} was deleted")),
        Refusal::CustomerAway => customer_away(),
        Refusal::NowhereToSend(kind) => Problem::conflict(format!(
            "the customer {customer_id} has no {} address any more: give them one in accounts, or cancel the order",
            kind.word()
        )),
        Refusal::Fulfilled => Problem::conflict("the order has been fulfilled, so it cannot be cancelled"),
        Refusal::Cancelled => Problem::conflict("the order was cancelled, so it cannot be fulfilled"),
    }
}

/// The copy lacks the customer of an order that was placed for them: it is older than the order, and will have them again.
pub(super) fn customer_away() -> Problem {
    Problem::unavailable(
        "the copy of the customers does not have the customer of this order at the moment",
        RETRY_AFTER,
    )
}

fn invalid(pointer: &str, detail: String) -> Problem {
    Problem::invalid(vec![Fault::new(pointer, detail)])
}

fn no_such_address(wanted: Option<AddressType>, there: &[AddressType]) -> String {
    let wanted = wanted.map_or("SHIPPING or BILLING", AddressType::word);
    let there: Vec<_> = there.iter().map(|kind| kind.word()).collect();
    match there.as_slice() {
        [] => format!("must be an address that the customer has: there is no {wanted}, and no other"),
        there => format!("must be an address that the customer has: there is no {wanted}, but {}", there.join(", ")),
    }
}
