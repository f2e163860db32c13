//! One customer's life in three events, and customers of any content for the property tests.

use proptest::{collection::vec, option, prelude::*};
use shared_events::{
    customer::{
        Address, AddressType, CREATED, CardType, Contact, CreditCard, Customer, CustomerChange, DELETED, Name, Status,
        UPDATED,
    },
    envelope::{Envelope, Event, EventData, MAX_VERSION},
    time::Timestamp,
};

/// From the first event to the last.
pub(crate) fn life() -> [Event<CustomerChange>; 3] {
    [created(), updated(), deleted()]
}

/// The plainest event: nothing optional in the envelope, `null`s of the request left out.
pub(crate) fn created() -> Event<CustomerChange> {
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
pub(crate) fn updated() -> Event<CustomerChange> {
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
    let mut event = event(UPDATED, "0193f0a2-5b6e-7c11-8a44-3f5f8c0e9d02", customer, &["name", "addresses"]);
    event.envelope.traceparent = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
    event.envelope.request_hash = Some("n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg".to_owned());
    event.envelope.snapshot = true;
    event
}

/// The last state once more, with the two members that a delete sets.
pub(crate) fn deleted() -> Event<CustomerChange> {
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

fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// The event of a customer, with an envelope that says the same.
fn event(kind: &str, id: &str, customer: Customer, changed: &[&str]) -> Event<CustomerChange> {
    Event {
        envelope: Envelope {
            id: id.to_owned(),
            source: format!("{}{}", CustomerChange::SOURCE_PREFIX, customer.id),
            kind: kind.to_owned(),
            subject: customer.id.clone(),
            sequence: customer.version,
            time: customer.updated_at,
            dataschema: CustomerChange::DATASCHEMA.to_owned(),
            traceparent: None,
            request_hash: None,
            snapshot: false,
        },
        data: CustomerChange { customer, changed: changed.iter().map(|&part| part.to_owned()).collect() },
    }
}

/// Any event that keeps the contract's rules; its texts are anything that Unicode has.
pub(crate) fn any_event() -> impl Strategy<Value = Event<CustomerChange>> {
    let envelope =
        (some_text(), "[a-z]{1,12}", option::of(some_text()), option::of(some_text()), any::<bool>(), any_time());
    (any_customer(), vec(any_text(), 0..4), envelope).prop_map(|(customer, changed, envelope)| {
        let (id, word, traceparent, request_hash, snapshot, time) = envelope;
        let kind = format!("{}{word}", CustomerChange::TYPE_PREFIX);
        let changed: Vec<&str> = changed.iter().map(String::as_str).collect();
        let mut event = event(&kind, &id, customer, &changed);
        event.envelope.traceparent = traceparent;
        event.envelope.request_hash = request_hash;
        event.envelope.snapshot = snapshot;
        event.envelope.time = time;
        event
    })
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
    fn any_name()(
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
    fn any_address()(
        kind in prop_oneof![
            Just(AddressType::Billing), Just(AddressType::Shipping), Just(AddressType::ShippingAlternate)
        ],
        (description, address2, postal_code, country) in
            (option::of(any_text()), option::of(any_text()), option::of(any_text()), option::of(any_text())),
        (address1, city, state) in (any_text(), any_text(), any_text()),
    ) -> Address {
        Address { kind, description, address1, address2, city, state, postal_code, country }
    }
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

/// Text that some layer below might take for something else: an operator, a path, an escape, a number, nothing.
pub(crate) fn any_text() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec!["", "$set", "$where", "a.b", "\u{0}", "\u{feff}", "null", "1e5", "\"\\"]);
    prop_oneof![any::<String>(), "[$.]{1,2}[a-z]{0,5}", special.prop_map(str::to_owned)]
}

/// The same, but not empty: an empty attribute is no attribute.
pub(crate) fn some_text() -> impl Strategy<Value = String> {
    any_text().prop_map(|text| if text.is_empty() { "0".to_owned() } else { text })
}

/// Small, large and the largest.
pub(crate) fn any_version() -> impl Strategy<Value = u64> {
    prop_oneof![1..=5u64, 1..=MAX_VERSION, Just(MAX_VERSION)]
}

/// Any instant that RFC 3339 can write.
pub(crate) fn any_time() -> impl Strategy<Value = Timestamp> {
    let ends = prop_oneof![Just(-62_167_219_200_000i64), Just(253_402_300_799_999), Just(-1), Just(0)];
    let millis = prop_oneof![8 => -62_167_219_200_000..=253_402_300_799_999i64, 1 => ends];
    millis.prop_map(|millis| Timestamp::from_millis(millis).unwrap())
}
