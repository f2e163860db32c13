//! What is measured: the aggregates of both services, as the services store them, of ordinary size (about 830 bytes as a
//! document).

use accounts::customer::event::CustomerAggregate;
use chrono::Utc;
use orders::order::event::OrderAggregate;
use service_kit::write_path::Aggregate;
use shared_events::{
    customer::{self, Address, AddressType, CardType, Contact, CreditCard, Customer, Name, Status},
    order::{self, Money, Order, OrderLine, OrderStatus},
    time::Timestamp,
};

/// An aggregate that can be made by the thousand.
pub(crate) trait Subject: Aggregate {
    /// The type of a first event.
    const CREATED: &'static str;
    /// The type of a later one.
    const UPDATED: &'static str;
    /// The member that the raw driver's documents are unique by, as the write path's are by a key.
    const UNIQUE: Option<&'static str>;

    /// One of them. Its id and whatever has to be unique are its own.
    fn state(id: &str, version: u64) -> Self::State;
}

impl Subject for CustomerAggregate {
    const CREATED: &'static str = customer::CREATED;
    const UPDATED: &'static str = customer::UPDATED;
    const UNIQUE: Option<&'static str> = Some("contact.email");

    fn state(id: &str, version: u64) -> Customer {
        let now = Timestamp::new(Utc::now());
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
            credit_cards: vec![card()],
            version,
            status: Status::Active,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        }
    }
}

fn address(kind: AddressType) -> Address {
    Address {
        kind,
        description: Some("My home address".to_owned()),
        address1: "123 Oak Street".to_owned(),
        address2: None,
        city: "Sunrise".to_owned(),
        state: "CA".to_owned(),
        postal_code: Some("12345-6789".to_owned()),
        country: Some("US".to_owned()),
    }
}

fn card() -> CreditCard {
    CreditCard {
        kind: CardType::Primary,
        description: Some("VISA".to_owned()),
        brand: "VISA".to_owned(),
        last_four: "0000".to_owned(),
        expiration: "2029-06".to_owned(),
        name_on_card: "John S. Doe".to_owned(),
    }
}

impl Subject for OrderAggregate {
    const CREATED: &'static str = order::PLACED;
    const UPDATED: &'static str = order::FULFILLED;
    const UNIQUE: Option<&'static str> = None;

    /// Three lines of fifty items.
    fn state(id: &str, version: u64) -> Order {
        let now = Timestamp::new(Utc::now());
        let first = id.bytes().map(usize::from).sum::<usize>();
        Order {
            id: id.to_owned(),
            customer_id: "12345".to_owned(),
            items: (0..3).map(|line| order_line((first + line * 17) % 50)).collect(),
            ship_to: AddressType::Shipping,
            status: OrderStatus::Placed,
            total: Some(money("75.00")),
            recipient: None,
            version,
            placed_at: now,
            updated_at: now,
            fulfilled_at: None,
            cancelled_at: None,
        }
    }
}

fn order_line(item: usize) -> OrderLine {
    OrderLine {
        item_id: format!("item-{item}"),
        title: Some("A thing of ordinary size".to_owned()),
        description: Some("It does what things of its size do, and comes in several colours.".to_owned()),
        quantity: 2,
        unit_price: Some(money("12.50")),
    }
}

fn money(amount: &str) -> Money {
    Money { amount: amount.to_owned(), currency: "USD".to_owned() }
}
