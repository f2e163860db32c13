//! What the write path has to know of a customer, and what the world is told.

use service_kit::write_path::{Aggregate, Change, record_of, version_in};
use shared_events::customer::{Customer, CustomerChange, Status};
use shared_events::record::{RawRecord, Record};
use shared_events::topic::{CUSTOMER_CHANGE, TopicSpec};

use super::email::comparable;

/// The key by which a living customer is unique.
pub const EMAIL: &str = "email";
/// The key by which a deleted customer is found. Its e-mail is free for others.
pub const FORMER_EMAIL: &str = "formerEmail";
/// The key by which customers are found by the beginning of their last name.
pub const LAST_NAME: &str = "lastName";

/// Customers, as the write path sees them.
#[derive(Debug)]
pub enum CustomerAggregate {}

impl Aggregate for CustomerAggregate {
    const NAME: &'static str = "customer";
    const COLLECTION: &'static str = "customer.accounts";
    const TOPIC: TopicSpec = CUSTOMER_CHANGE;
    const UNIQUE_KEYS: &'static [&'static str] = &[EMAIL];

    type State = Customer;

    fn keys(state: &Customer) -> Vec<(&'static str, String)> {
        let email = match state.status {
            Status::Active => EMAIL,
            Status::Deleted => FORMER_EMAIL,
        };
        vec![(email, comparable(&state.contact.email)), (LAST_NAME, folded(&state.name.last_name))]
    }

    fn event(_: &str, version: u64, change: &Change, request: Option<&str>, state: &Customer) -> Record {
        let data = CustomerChange { customer: state.clone(), changed: change.changed.clone() };
        #[expect(clippy::expect_used, reason = "JSON holds every string, number and list; a customer has nothing else")]
        record_of(version, change, request, data).expect("a customer can be written as JSON")
    }

    fn version_of(record: &RawRecord<'_>) -> Option<(String, u64)> {
        version_in::<CustomerChange>(record)
    }
}

/// What names are compared by, so that `?lastName=o'b` finds O'Brien.
pub fn folded(name: &str) -> String {
    caseless::default_case_fold_str(name.trim())
}

#[cfg(test)]
mod tests;
