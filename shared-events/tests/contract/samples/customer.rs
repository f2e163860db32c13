//! One customer's life in three events, and customers of any content for the property tests.

use proptest::{collection::vec, option, prelude::*};
use serde_json::{Value, json};
use shared_events::{
    customer::{
        Address, AddressType, CREATED, CardType, Contact, CreditCard, Customer, CustomerChange, DELETED, Name, Status,
        UPDATED,
    },
    envelope::Event,
    schema,
};

use super::{
    Sampled,
    any::{any_text, any_time, any_version, some_text},
    time, with_all_headers, words,
};

impl Sampled for CustomerChange {
    fn golden() -> Vec<(&'static str, &'static str, Event<Self>)> {
        vec![
            (CREATED, include_str!("../../golden/accounts.customer.created.v1.txt"), created()),
            (UPDATED, include_str!("../../golden/accounts.customer.updated.v1.txt"), updated()),
            (DELETED, include_str!("../../golden/accounts.customer.deleted.v1.txt"), deleted()),
        ]
    }

    fn fullest() -> Event<Self> {
        updated()
    }

    fn any() -> BoxedStrategy<Self> {
        (any_customer(), vec(any_text(), 0..4)).prop_map(|(customer, changed)| Self { customer, changed }).boxed()
    }

    fn against_the_rules() -> Vec<(Event<Self>, &'static str)> {
        let (mut without_time, mut living) = (deleted(), deleted());
        without_time.data.customer.deleted_at = None;
        living.data.customer.status = Status::Active;
        vec![(without_time, "a deleted customer has no deletedAt"), (living, "an active customer has deletedAt")]
    }

    fn misshapen() -> Vec<(&'static str, Value)> {
        vec![
            ("/status", json!("SLEEPING")),
            ("/name", json!([])),
            ("/addresses", Value::Null),
            ("/addresses", json!({})),
            ("/addresses/0/type", json!("HOME")),
            ("/creditCards", json!("4111")),
            ("/createdAt", json!(0)),
            ("/createdAt", json!("yesterday")),
            ("/createdAt", json!("2026-11-21")),
        ]
    }

    fn schema() -> Value {
        schema::customer()
    }

    fn promised() -> Vec<(&'static str, &'static str)> {
        vec![
            ("", "id name contact addresses creditCards version status createdAt updatedAt changed"),
            ("/name", "firstName lastName"),
            ("/contact", "primaryPhone email"),
            ("/addresses/0", "type address1 city state"),
            ("/creditCards/0", "type brand lastFour expiration nameOnCard"),
        ]
    }

    fn against_the_schema() -> Vec<(&'static str, Value)> {
        vec![("/id", json!("a b"))]
    }

    fn as_the_domain_makes_it(data: &mut Value) {
        data["id"] = json!("12345");
    }
}

/// The plainest event: nothing optional in the envelope, `null`s of the request left out.
fn created() -> Event<CustomerChange> {
    let customer = Customer {
        id: "12345".to_owned(),
        name: Name {
            title: Some("Mr.".to_owned()),
            first_name: "John".to_owned(),
            middle_name: Some("S.".to_owned()),
            last_name: "Doe".to_owned(),
            suffix: Some("Jr.".to_owned()),
        },
        contact: Contact {
            primary_phone: "555-666-7777".to_owned(),
            secondary_phone: Some("555-444-9898".to_owned()),
            email: "john.doe@internet.com".to_owned(),
        },
        addresses: vec![
            address(AddressType::Billing, Some("My cc billing address")),
            address(AddressType::Shipping, None),
        ],
        credit_cards: vec![CreditCard {
            kind: CardType::Primary,
            description: Some("VISA".to_owned()),
            brand: "UNKNOWN".to_owned(),
            last_four: "0000".to_owned(),
            expiration: "2019-06".to_owned(),
            name_on_card: "John S. Doe".to_owned(),
        }],
        version: 1,
        status: Status::Active,
        created_at: time("2026-11-21T07:58:27.123Z"),
        updated_at: time("2026-11-21T07:58:27.123Z"),
        deleted_at: None,
    };
    let changed = ["name", "contact", "addresses", "creditCards"];
    event(CREATED, "0193f0a2-5b6e-7c11-8a44-3f5f8c0e9d01", customer, &changed)
}

/// Everything that an envelope can carry, and text beyond ASCII.
fn updated() -> Event<CustomerChange> {
    let mut customer = created().data.customer;
    customer.version = 2;
    customer.updated_at = time("2026-11-22T10:00:00.000Z");
    customer.name.first_name = "José".to_owned();
    customer.addresses[1] = Address {
        kind: AddressType::Shipping,
        description: None,
        address1: "São João 7, \"Haus B\" €5".to_owned(),
        address2: Some("李府".to_owned()),
        city: "Köln".to_owned(),
        state: "NRW".to_owned(),
        postal_code: None,
        country: Some("DE".to_owned()),
    };
    with_all_headers(event(UPDATED, "0193f0a2-5b6e-7c11-8a44-3f5f8c0e9d02", customer, &["name", "addresses"]))
}

/// The last state once more, with the two members that a delete sets.
fn deleted() -> Event<CustomerChange> {
    let mut customer = updated().data.customer;
    customer.version = 3;
    customer.status = Status::Deleted;
    customer.updated_at = time("2026-11-23T00:00:00.001Z");
    customer.deleted_at = Some(customer.updated_at);
    event(DELETED, "0193f0a2-5b6e-7c11-8a44-3f5f8c0e9d03", customer, &["status", "deletedAt"])
}

fn address(kind: AddressType, description: Option<&str>) -> Address {
    Address {
        kind,
        description: description.map(str::to_owned),
        address1: "123 Oak Street".to_owned(),
        address2: None,
        city: "Sunrise".to_owned(),
        state: "CA".to_owned(),
        postal_code: Some("12345-6789".to_owned()),
        country: None,
    }
}

fn event(kind: &str, id: &str, customer: Customer, changed: &[&str]) -> Event<CustomerChange> {
    super::event(kind, id, customer.updated_at, CustomerChange { customer, changed: words(changed) })
}

prop_compose! {
    fn any_customer()(
        id in some_text(),
        name in any_name(),
        contact in any_contact(),
        addresses in vec(any_address(), 0..4),
        credit_cards in vec(any_card(), 0..3),
        version in any_version(),
        created_at in any_time(),
        updated_at in any_time(),
        deleted_at in option::of(any_time()),
    ) -> Customer {
        let status = if deleted_at.is_some() { Status::Deleted } else { Status::Active };
        Customer {
            id, name, contact, addresses, credit_cards, version, status, created_at, updated_at, deleted_at,
        }
    }
}

prop_compose! {
    pub(super) fn any_name()(
        title in option::of(any_text()),
        first_name in any_text(),
        middle_name in option::of(any_text()),
        last_name in any_text(),
        suffix in option::of(any_text()),
    ) -> Name {
        Name { title, first_name, middle_name, last_name, suffix }
    }
}

prop_compose! {
    fn any_contact()(
        primary_phone in any_text(),
        secondary_phone in option::of(any_text()),
        email in any_text(),
    ) -> Contact {
        Contact { primary_phone, secondary_phone, email }
    }
}

prop_compose! {
    pub(super) fn any_address()(
        kind in any_address_type(),
        (description, address2, postal_code, country) in
            (option::of(any_text()), option::of(any_text()), option::of(any_text()), option::of(any_text())),
        (address1, city, state) in (any_text(), any_text(), any_text()),
    ) -> Address {
        Address { kind, description, address1, address2, city, state, postal_code, country }
    }
}

pub(super) fn any_address_type() -> impl Strategy<Value = AddressType> {
    prop_oneof![Just(AddressType::Billing), Just(AddressType::Shipping), Just(AddressType::ShippingAlternate)]
}

prop_compose! {
    fn any_card()(
        kind in prop_oneof![Just(CardType::Primary), Just(CardType::Alternate)],
        description in option::of(any_text()),
        (brand, last_four, expiration, name_on_card) in (any_text(), any_text(), any_text(), any_text()),
    ) -> CreditCard {
        CreditCard { kind, description, brand, last_four, expiration, name_on_card }
    }
}
