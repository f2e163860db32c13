//! A customer of ordinary size (about 830 bytes as a document).

use chrono::Utc;
use shared_events::{
    customer::{Address, AddressType, CardType, Contact, CreditCard, Customer, Name, Status},
    time::Timestamp,
};

/// The customer of a number; e-mail and id are its own.
pub(crate) fn customer(id: &str, version: u64) -> Customer {
    let now = Timestamp::new(Utc::now());
    let address = |kind| Address {
        kind,
        description: Some("My home address".to_owned()),
        address1: "123 Oak Street".to_owned(),
        address2: None,
        city: "Sunrise".to_owned(),
        state: "CA".to_owned(),
        postal_code: Some("12345-6789".to_owned()),
        country: Some("US".to_owned()),
    };
    let card = |kind| CreditCard {
        kind,
        description: Some("VISA".to_owned()),
        brand: "VISA".to_owned(),
        last_four: "0000".to_owned(),
        expiration: "2029-06".to_owned(),
        name_on_card: "John S. Doe".to_owned(),
    };
    Customer {
        id: id.to_owned(),
        name: Name {
            title: Some("Mr.".to_owned()),
            first_name: "John".to_owned(),
            middle_name: Some("S.".to_owned()),
            last_name: "Doe".to_owned(),
            suffix: Some("Jr.".to_owned()),
        },
        contact: Contact {
            primary_phone: "555-666-7777".to_owned(),
            secondary_phone: None,
            email: format!("{id}@example.org"),
        },
        addresses: vec![address(AddressType::Billing), address(AddressType::Shipping)],
        credit_cards: vec![card(CardType::Primary)],
        version,
        status: Status::Active,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}
