//! Customers for this crate's unit tests.

use serde_json::{Value, json};
use service_kit::http::body::Json;
use shared_events::customer::Customer;
use shared_events::time::Timestamp;

use super::body::{NewCustomer, new_customer, replacement};
use super::command::Command;
use super::profile::Profile;
use super::state::{Decision, decide};

/// The well-known sample of this domain (`domain.md`, section 1), as it is sent.
pub(crate) const SAMPLE: &str = include_str!("sample.json");

/// The smallest body that is accepted.
pub(crate) fn smallest() -> Value {
    json!({
        "name": {"firstName": "Ann", "lastName": "Lee"},
        "contact": {"primaryPhone": "555-123-4567", "email": "ann@example.org"},
    })
}

pub(crate) fn parse(body: &Value) -> Json {
    Json::parse(body.to_string().as_bytes()).unwrap()
}

pub(crate) fn profile(body: &Value) -> Profile {
    new_customer(&parse(body)).unwrap().profile
}

pub(crate) fn profile_for(stored: &Customer, body: &Value) -> Profile {
    replacement(&parse(body), stored).unwrap()
}

pub(crate) fn at(second: u32) -> Timestamp {
    Timestamp::parse(&format!("2026-11-21T08:00:{second:02}Z")).unwrap()
}

/// The sample, created at second 0.
pub(crate) fn john() -> Customer {
    let NewCustomer { id, profile } = new_customer(&Json::parse(SAMPLE.as_bytes()).unwrap()).unwrap();
    state_after(None, Command::Create { id: id.unwrap(), profile, at: at(0) })
}

/// The sample, deleted at second 9.
pub(crate) fn deleted_john() -> Customer {
    state_after(Some(&john()), Command::Delete { at: at(9) })
}

fn state_after(current: Option<&Customer>, command: Command) -> Customer {
    match decide(current, command).unwrap() {
        Decision::Changed(next) => next.state,
        Decision::Unchanged => unreachable!("the command changes something"),
    }
}
