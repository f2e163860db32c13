//! The rules of a customer: from a state and a command to the next state. Pure: no clock, no I/O, no ids made.

use shared_events::customer::{CREATED, Customer, DELETED, Status, UPDATED};
use shared_events::time::Timestamp;

use super::command::Command;
use super::id::CustomerId;
use super::profile::Profile;

/// What a command comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The customer is already so. Nothing is stored and nothing is published.
    Unchanged,
    /// The next version.
    Changed(Box<NextVersion>),
}

/// A version that is to be committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextVersion {
    /// The complete state.
    pub state: Customer,
    /// The type of its event.
    pub kind: &'static str,
    /// The top-level parts that differ from the version before.
    pub changed: Vec<String>,
}

/// Why a command cannot be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The id is, or was, somebody's. The caller takes another.
    #[error("the id is taken")]
    IdTaken,
    /// There is no such customer.
    #[error("there is no such customer")]
    NotFound,
    /// The customer was deleted; that is for ever.
    #[error("the customer was deleted")]
    Deleted,
}

/// Decides a command. `current` is what is stored, a deleted customer included.
///
/// # Errors
/// [`Refusal`].
pub fn decide(current: Option<&Customer>, command: Command) -> Result<Decision, Refusal> {
    match command {
        Command::Create { id, profile, at } => match current {
            Some(_) => Err(Refusal::IdTaken),
            None => Ok(Decision::changed(create(id, profile, at))),
        },
        Command::Replace { profile, at } => Ok(replace(living(current)?, profile, at)),
        Command::Delete { at } => Ok(Decision::changed(delete(living(current)?, at))),
    }
}

/// The customer, if it is there and lives.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::Deleted`].
pub fn living(current: Option<&Customer>) -> Result<&Customer, Refusal> {
    let customer = current.ok_or(Refusal::NotFound)?;
    match customer.status {
        Status::Active => Ok(customer),
        Status::Deleted => Err(Refusal::Deleted),
    }
}

fn create(id: CustomerId, profile: Profile, at: Timestamp) -> NextVersion {
    let changed = profile.differences(None);
    let (name, contact, addresses, credit_cards) = profile.into_parts();
    let state = Customer {
        id: id.into(),
        name,
        contact,
        addresses,
        credit_cards,
        version: 1,
        status: Status::Active,
        created_at: at,
        updated_at: at,
        deleted_at: None,
    };
    NextVersion { state, kind: CREATED, changed }
}

fn replace(current: &Customer, profile: Profile, at: Timestamp) -> Decision {
    let changed = profile.differences(Some(current));
    if changed.is_empty() {
        return Decision::Unchanged;
    }
    let (name, contact, addresses, credit_cards) = profile.into_parts();
    let state = Customer { name, contact, addresses, credit_cards, ..next(current, at) };
    Decision::changed(NextVersion { state, kind: UPDATED, changed })
}

fn delete(current: &Customer, at: Timestamp) -> NextVersion {
    let state = Customer { status: Status::Deleted, deleted_at: Some(at), ..next(current, at) };
    NextVersion { state, kind: DELETED, changed: vec!["status".to_owned(), "deletedAt".to_owned()] }
}

/// The same customer one version later.
fn next(current: &Customer, at: Timestamp) -> Customer {
    Customer { version: current.version + 1, updated_at: at, ..current.clone() }
}

impl Decision {
    fn changed(next: NextVersion) -> Self {
        Self::Changed(Box::new(next))
    }
}

#[cfg(test)]
mod tests;
