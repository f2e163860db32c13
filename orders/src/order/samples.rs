//! Orders and customers for this crate's unit tests.

use serde_json::{Value, json};
use service_kit::http::body::{Fault, Json};
use shared_events::customer::{Address, AddressType, Name, Status};
use shared_events::order::Order;
use shared_events::time::Timestamp;

use super::body::{NewOrder, new_order};
use super::command::Command;
use super::customer::Customer;
use super::draft::{Draft, PlacedAt};
use super::state::{Decision, decide};

/// The well-known sample order (`domain.md`, section 2), with prices.
pub(crate) fn sample() -> Value {
    json!({
        "id": "6119",
        "customerId": 12345,
        "items": [
            {"itemId": "z3333", "title": "Coffee", "quantity": 6, "unitPrice": {"amount": "12.5", "currency": "USD"}},
            {"itemId": "z4444", "quantity": 3, "unitPrice": {"amount": "3.75", "currency": "USD"}},
        ],
    })
}

pub(crate) fn parse(body: &Value) -> Json {
    Json::parse(body.to_string().as_bytes()).unwrap()
}

/// Read as in production, where no body says when its order was placed.
pub(crate) fn read(body: &Value) -> Result<NewOrder, Vec<Fault>> {
    new_order(&parse(body), PlacedAt::Unknown)
}

pub(crate) fn draft(body: &Value) -> Draft {
    read(body).unwrap().draft
}

pub(crate) fn at(second: u32) -> Timestamp {
    Timestamp::parse(&format!("2026-11-21T08:00:{second:02}Z")).unwrap()
}

/// The customer of the sample, at a version that can be told by the city, with these addresses.
pub(crate) fn john(version: u64, kinds: &[AddressType]) -> Customer {
    let name = Name {
        title: None,
        first_name: "John".to_owned(),
        middle_name: None,
        last_name: "Doe".to_owned(),
        suffix: None,
    };
    let addresses = kinds.iter().map(|kind| address(*kind, &format!("Sunset {version}"))).collect();
    Customer { version, status: Status::Active, name, addresses }
}

pub(crate) fn deleted(customer: Customer) -> Customer {
    Customer { version: customer.version + 1, status: Status::Deleted, ..customer }
}

fn address(kind: AddressType, city: &str) -> Address {
    Address {
        kind,
        description: None,
        address1: "123 Oak Street".to_owned(),
        address2: None,
        city: city.to_owned(),
        state: "CA".to_owned(),
        postal_code: None,
        country: None,
    }
}

/// The sample, placed at second 0 for a customer with these addresses.
pub(crate) fn placed(kinds: &[AddressType]) -> Order {
    let NewOrder { id, draft } = read(&sample()).unwrap();
    after(None, Command::Place { id: id.unwrap(), draft, customer: Some(john(1, kinds)), at: at(0) })
}

/// The state that a command leads to.
pub(crate) fn after(current: Option<&Order>, command: Command) -> Order {
    match decide(current, command).unwrap() {
        Decision::Changed(next) => next.state,
        Decision::Unchanged => unreachable!("the command changes something"),
    }
}
