//! Customers as accounts publishes them.

use serde_json::{Value, json};
use shared_events::customer::{AddressType, CREATED, CustomerChange, DELETED, UPDATED};
use shared_events::envelope::{Envelope, Event, EventData};
use shared_events::time::Timestamp;

/// The well-known sample of this domain, at a version.
pub(crate) fn sample(id: &str, version: u64) -> CustomerChange {
    let address = |kind: &str, city: &str| json!({ "type": kind, "address1": "123 Oak Street", "city": city, "state": "CA", "postalCode": "12345-6789" });
    let customer = json!({
        "id": id,
        "name": { "title": "Mr.", "firstName": "John", "middleName": "S.", "lastName": "Doe", "suffix": "Jr." },
        "contact": { "primaryPhone": "555-666-7777", "secondaryPhone": "555-444-9898", "email": format!("{id}@internet.com") },
        "addresses": [address("BILLING", "Sunrise"), address("SHIPPING", &city(version))],
        "creditCards": [{ "type": "PRIMARY", "brand": "VISA", "lastFour": "0000", "expiration": "2019-06", "nameOnCard": "John S. Doe" }],
        "version": version,
        "status": "ACTIVE",
        "createdAt": Timestamp::from_millis(1_700_000_000_000).unwrap(),
        "updatedAt": at(version),
        "changed": ["addresses"],
    });
    serde_json::from_value(customer).unwrap()
}

/// Where a customer's parcels go at a version: what the tests tell versions by.
pub(crate) fn city(version: u64) -> String {
    format!("Sunset {version}")
}

/// The same with no address of this type.
pub(crate) fn without_address(mut change: CustomerChange, kind: AddressType) -> CustomerChange {
    change.customer.addresses.retain(|address| address.kind != kind);
    change
}

/// The last state of a customer.
pub(crate) fn deleted(id: &str, version: u64) -> CustomerChange {
    let mut last: Value = serde_json::to_value(sample(id, version)).unwrap();
    last["status"] = "DELETED".into();
    last["deletedAt"] = serde_json::to_value(at(version)).unwrap();
    serde_json::from_value(last).unwrap()
}

/// The event of a state.
pub(crate) fn event(change: CustomerChange) -> Event<CustomerChange> {
    let customer = &change.customer;
    let kind = match (customer.deleted_at, customer.version) {
        (Some(_), _) => DELETED,
        (None, 1) => CREATED,
        (None, _) => UPDATED,
    };
    let envelope = Envelope {
        id: format!("{}-{}", customer.id, customer.version),
        source: format!("{}{}", CustomerChange::SOURCE_PREFIX, customer.id),
        kind: kind.to_owned(),
        subject: customer.id.clone(),
        sequence: customer.version,
        time: customer.updated_at,
        dataschema: CustomerChange::DATASCHEMA.to_owned(),
        traceparent: None,
        request_hash: None,
        snapshot: false,
    };
    Event { envelope, data: change }
}

fn at(version: u64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + i64::try_from(version).unwrap()).unwrap()
}
