//! What the copy takes of an event, and what it leaves.

use proptest::prelude::*;
use shared_events::customer::{Address, AddressType, CREATED, CardType, Contact, CreditCard, DELETED, Name, Status};
use shared_events::envelope::{Envelope, EventData};
use shared_events::time::Timestamp;

use super::*;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

fn customer() -> Customer {
    Customer {
        id: "12345".to_owned(),
        name: Name {
            title: None,
            first_name: "Ada".to_owned(),
            middle_name: None,
            last_name: "Lovelace".to_owned(),
            suffix: None,
        },
        contact: Contact {
            primary_phone: "555-666-7777".to_owned(),
            secondary_phone: None,
            email: "ada@example.com".to_owned(),
        },
        addresses: vec![Address {
            kind: AddressType::Shipping,
            description: None,
            address1: "123 Oak Street".to_owned(),
            address2: None,
            city: "Sunrise".to_owned(),
            state: "CA".to_owned(),
            postal_code: None,
            country: None,
        }],
        credit_cards: vec![CreditCard {
            kind: CardType::Primary,
            description: None,
            brand: "VISA".to_owned(),
            last_four: "1111".to_owned(),
            expiration: "2019-06".to_owned(),
            name_on_card: "Ada Lovelace".to_owned(),
        }],
        version: 1,
        status: Status::Active,
        created_at: at(0),
        updated_at: at(0),
        deleted_at: None,
    }
}

fn event(kind: &str, customer: Customer) -> Event<CustomerChange> {
    let envelope = Envelope {
        id: "e".to_owned(),
        source: format!("/accounts/customers/{}", customer.id),
        kind: kind.to_owned(),
        subject: customer.id.clone(),
        sequence: customer.version,
        time: customer.updated_at,
        dataschema: CustomerChange::DATASCHEMA.to_owned(),
        traceparent: None,
        request_hash: None,
        snapshot: false,
    };
    Event { envelope, data: CustomerChange { customer, changed: Vec::new() } }
}

#[test]
fn the_copy_holds_what_fulfilment_needs_and_no_card() {
    let copy = CustomerCopies::project(event(CREATED, customer())).unwrap();
    assert_eq!((copy.name, copy.addresses), (customer().name, customer().addresses));
    let stored = bson::serialize_to_document(&CustomerCopies::project(event(CREATED, customer())).unwrap()).unwrap();
    assert!(!stored.to_string().contains("1111"), "{stored}");
}

#[test]
fn a_deleted_customer_stays_as_a_tombstone() {
    let deleted = Customer { version: 2, status: Status::Deleted, deleted_at: Some(at(5)), ..customer() };
    let copy = CustomerCopies::project(event(DELETED, deleted)).unwrap();
    assert_eq!((copy.status, copy.deleted_at), (Status::Deleted, Some(at(5))));
}

proptest! {
    /// The state alone decides: whatever type an event claims, and whatever it says has changed, the copy is the same.
    #[test]
    fn the_type_and_the_list_of_changes_decide_nothing(word in "[a-z]{1,12}", changed in prop::collection::vec(".{0,8}", 0..4)) {
        let mut claimed = event(&format!("accounts.customer.{word}"), customer());
        claimed.data.changed = changed;
        prop_assert_eq!(CustomerCopies::project(claimed).unwrap(), CustomerCopies::project(event(CREATED, customer())).unwrap());
    }
}
