//! The rules of an order: from a state and a command to the next state. Pure: no clock, no I/O, no ids made.
//!
//! `PLACED` → `FULFILLED` or `CANCELLED`, and both are for ever. On that last step name and address of the customer are
//! frozen into the order; until then they are the customer's to change.

use shared_events::customer::{AddressType, Status};
use shared_events::order::{CANCELLED, FULFILLED, Order, OrderStatus, PLACED, Recipient};
use shared_events::time::Timestamp;

use super::command::Command;
use super::customer::Customer;
use super::draft::{Draft, Parts};
use super::id::OrderId;

/// What a command comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The order is already so. Nothing is stored and nothing is published.
    Unchanged,
    /// The next version.
    Changed(Box<NextVersion>),
}

/// A version that is to be committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextVersion {
    /// The complete state.
    pub state: Order,
    /// The type of its event.
    pub kind: &'static str,
    /// The top-level parts that differ from the version before.
    pub changed: Vec<String>,
}

/// Why a command cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The id is another order's. The caller takes another.
    #[error("the id is taken")]
    IdTaken,
    /// There is no such order.
    #[error("there is no such order")]
    NotFound,
    /// Nobody has the customer's id. The caller corrects it, or waits with a token.
    #[error("there is no such customer")]
    NoSuchCustomer,
    /// The customer lacks the address that the order is to go to. The caller names one that there is.
    #[error("the customer has no such address")]
    NoSuchAddress {
        /// What was asked for; `None` for either of the usual ones.
        wanted: Option<AddressType>,
        /// Those that the customer has.
        there: Vec<AddressType>,
    },
    /// The customer was deleted: nothing is placed for them, and nothing sent to them.
    #[error("the customer was deleted")]
    CustomerDeleted,
    /// The customer of a placed order is not known at the moment. It is the copy that lacks them: the caller tries later.
    #[error("the customer of the order is not known")]
    CustomerAway,
    /// It cannot be sent anywhere: the customer has no address of its type any more. The customer, or the caller by
    /// cancelling, can do something about it.
    #[error("there is no address to send it to")]
    NowhereToSend(AddressType),
    /// It has been sent.
    #[error("the order is fulfilled")]
    Fulfilled,
    /// It was called off.
    #[error("the order is cancelled")]
    Cancelled,
}

/// Decides a command. `current` is what is stored.
///
/// # Errors
/// [`Refusal`].
pub fn decide(current: Option<&Order>, command: Command) -> Result<Decision, Refusal> {
    match command {
        Command::Place { id, draft, customer, at } => match current {
            Some(_) => Err(Refusal::IdTaken),
            None => Ok(Decision::changed(place(id, draft, customer.as_ref(), at)?)),
        },
        Command::Cancel { customer, at } => cancel(current.ok_or(Refusal::NotFound)?, customer.as_ref(), at),
        Command::Fulfil { customer, at } => fulfil(current.ok_or(Refusal::NotFound)?, customer.as_ref(), at),
    }
}

/// What is wrong with the content of the order comes before what its customer's state forbids.
fn place(id: OrderId, draft: Draft, customer: Option<&Customer>, at: Timestamp) -> Result<NextVersion, Refusal> {
    let customer = customer.ok_or(Refusal::NoSuchCustomer)?;
    let Parts { customer_id, items, total, ship_to: wanted, placed_at } = draft.into_parts();
    let there = || customer.address_types();
    let ship_to = customer.ship_to(wanted).ok_or_else(|| Refusal::NoSuchAddress { wanted, there: there() })?;
    living(customer)?;
    let mut changed = parts(["customerId", "items", "shipTo"]);
    changed.extend(total.is_some().then(|| "total".to_owned()));
    let state = Order {
        id: id.into(),
        customer_id,
        items,
        ship_to,
        status: OrderStatus::Placed,
        total,
        recipient: None,
        version: 1,
        placed_at: placed_at.unwrap_or(at),
        updated_at: at,
        fulfilled_at: None,
        cancelled_at: None,
    };
    Ok(NextVersion { state, kind: PLACED, changed })
}

/// Never fails for want of an address, nor of a customer: somebody who has left must not keep an order open.
fn cancel(current: &Order, customer: Option<&Customer>, at: Timestamp) -> Result<Decision, Refusal> {
    match current.status {
        OrderStatus::Cancelled => return Ok(Decision::Unchanged),
        OrderStatus::Fulfilled => return Err(Refusal::Fulfilled),
        OrderStatus::Placed => {}
    }
    let recipient = customer.ok_or(Refusal::CustomerAway)?.recipient(current.ship_to);
    let state =
        Order { status: OrderStatus::Cancelled, cancelled_at: Some(at), ..with_recipient(current, recipient, at) };
    let changed = parts(["status", "recipient", "cancelledAt"]);
    Ok(Decision::changed(NextVersion { state, kind: CANCELLED, changed }))
}

fn fulfil(current: &Order, customer: Option<&Customer>, at: Timestamp) -> Result<Decision, Refusal> {
    match current.status {
        OrderStatus::Fulfilled => return Ok(Decision::Unchanged),
        OrderStatus::Cancelled => return Err(Refusal::Cancelled),
        OrderStatus::Placed => {}
    }
    let customer = customer.ok_or(Refusal::CustomerAway)?;
    living(customer)?;
    let recipient = customer.recipient(current.ship_to);
    if recipient.address.is_none() {
        return Err(Refusal::NowhereToSend(current.ship_to));
    }
    let state =
        Order { status: OrderStatus::Fulfilled, fulfilled_at: Some(at), ..with_recipient(current, recipient, at) };
    let changed = parts(["status", "recipient", "fulfilledAt"]);
    Ok(Decision::changed(NextVersion { state, kind: FULFILLED, changed }))
}

fn living(customer: &Customer) -> Result<(), Refusal> {
    match customer.status {
        Status::Active => Ok(()),
        Status::Deleted => Err(Refusal::CustomerDeleted),
    }
}

/// The same order one version later, with what is frozen into it.
fn with_recipient(current: &Order, recipient: Recipient, at: Timestamp) -> Order {
    Order { version: current.version + 1, updated_at: at, recipient: Some(recipient), ..current.clone() }
}

fn parts<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}

impl Decision {
    fn changed(next: NextVersion) -> Self {
        Self::Changed(Box::new(next))
    }
}

#[cfg(test)]
mod tests;
