//! An order with each of its two ends, and orders of any content for the property tests.

use proptest::{collection::vec, option, prelude::*};
use serde_json::{Value, json};
use shared_events::{
    customer::{Address, AddressType, Name, Status},
    envelope::Event,
    order::{CANCELLED, FULFILLED, Money, Order, OrderChange, OrderLine, OrderStatus, PLACED, Recipient},
    schema,
    time::Timestamp,
};

use super::{
    Sampled,
    any::{any_text, any_time, any_version, some_text},
    customer::{any_address, any_address_type, any_name},
    time, with_all_headers, words,
};

impl Sampled for OrderChange {
    fn golden() -> Vec<(&'static str, &'static str, Event<Self>)> {
        vec![
            (PLACED, include_str!("../../golden/orders.order.placed.v1.txt"), placed()),
            (FULFILLED, include_str!("../../golden/orders.order.fulfilled.v1.txt"), fulfilled()),
            (CANCELLED, include_str!("../../golden/orders.order.cancelled.v1.txt"), cancelled()),
        ]
    }

    fn fullest() -> Event<Self> {
        fulfilled()
    }

    fn any() -> BoxedStrategy<Self> {
        (any_order(), vec(any_text(), 0..4)).prop_map(|(order, changed)| Self { order, changed }).boxed()
    }

    fn against_the_rules() -> Vec<(Event<Self>, &'static str)> {
        const ENDS: &str = "recipient, fulfilledAt and cancelledAt do not fit the status";
        let at = time("2026-11-23T09:30:00.000Z");
        vec![
            (but(placed(), |order| order.items.clear()), "an order has no items"),
            (but(placed(), |order| order.recipient = Some(recipient())), ENDS),
            (but(placed(), |order| order.fulfilled_at = Some(at)), ENDS),
            (but(placed(), |order| order.cancelled_at = Some(at)), ENDS),
            (but(placed(), |order| order.status = OrderStatus::Fulfilled), ENDS),
            (but(placed(), |order| order.status = OrderStatus::Cancelled), ENDS),
            (but(fulfilled(), |order| order.recipient = None), ENDS),
            (but(fulfilled(), |order| order.fulfilled_at = None), ENDS),
            (but(fulfilled(), |order| order.cancelled_at = Some(at)), ENDS),
            (but(fulfilled(), |order| order.status = OrderStatus::Cancelled), ENDS),
            (but(fulfilled(), |order| order.status = OrderStatus::Placed), ENDS),
            (but(cancelled(), |order| order.recipient = None), ENDS),
            (but(cancelled(), |order| order.cancelled_at = None), ENDS),
            (but(cancelled(), |order| order.fulfilled_at = Some(at)), ENDS),
            (but(fulfilled(), |order| frozen(order).address = None), "a fulfilled order has no address"),
            (
                but(fulfilled(), |order| frozen(order).customer_status = Status::Deleted),
                "the customer of a fulfilled order was deleted",
            ),
        ]
    }

    fn misshapen() -> Vec<(&'static str, Value)> {
        vec![
            ("/customerId", json!(12345)),
            ("/items", Value::Null),
            ("/items", json!({})),
            ("/items", json!([])),
            ("/items/0/quantity", json!("6")),
            ("/items/0/quantity", json!(1.5)),
            ("/items/0/quantity", json!(-1)),
            ("/items/0/unitPrice", json!(12.5)),
            ("/items/0/unitPrice/amount", json!(12.5)),
            ("/total", json!("86.25")),
            ("/shipTo", json!("HOME")),
            ("/status", json!("LOST")),
            ("/recipient", json!([])),
            ("/recipient/customerVersion", json!("7")),
            ("/recipient/customerStatus", json!("GONE")),
            ("/recipient/name", json!("John Doe")),
            ("/recipient/address/type", json!("HOME")),
            ("/placedAt", json!(0)),
            ("/placedAt", json!("2026-11-21")),
            ("/fulfilledAt", json!("yesterday")),
        ]
    }

    fn schema() -> Value {
        schema::order()
    }

    fn promised() -> Vec<(&'static str, &'static str)> {
        vec![
            ("", "id customerId items shipTo status version placedAt updatedAt changed"),
            ("/items/0", "itemId quantity"),
            ("/items/0/unitPrice", "amount currency"),
            ("/total", "amount currency"),
            ("/recipient", "customerVersion customerStatus name"),
            ("/recipient/name", "firstName lastName"),
            ("/recipient/address", "type address1 city state"),
        ]
    }

    fn against_the_schema() -> Vec<(&'static str, Value)> {
        vec![
            ("/id", json!("a b")),
            ("/customerId", json!("")),
            ("/items/0/itemId", json!("a/b")),
            ("/items/0/quantity", json!(0)),
            ("/items/0/quantity", json!(10_001)),
            ("/items/0/unitPrice/amount", json!("1e9")),
            ("/items/0/unitPrice/amount", json!("-1")),
            ("/items/0/unitPrice/currency", json!("usd")),
            ("/recipient/customerVersion", json!(0)),
            ("/total", Value::Null),
            ("/recipient/address", Value::Null),
            ("/fulfilledAt", Value::Null),
        ]
    }

    fn as_the_domain_makes_it(data: &mut Value) {
        data["id"] = json!("6119");
        data["customerId"] = json!("12345");
        for line in data["items"].as_array_mut().unwrap() {
            line["itemId"] = json!("z3333");
            line["quantity"] = json!(line["quantity"].as_u64().unwrap().clamp(1, 10_000));
            if line.get("unitPrice").is_some() {
                line["unitPrice"] = json!({"amount": "12.50", "currency": "USD"});
            }
        }
        if data.get("total").is_some() {
            data["total"] = json!({"amount": "0", "currency": "JPY"});
        }
    }
}

/// The plainest event: nothing optional in the envelope, no end yet.
fn placed() -> Event<OrderChange> {
    let order = Order {
        id: "6119".to_owned(),
        customer_id: "12345".to_owned(),
        items: vec![
            OrderLine {
                item_id: "z3333".to_owned(),
                title: Some("Café crème, 250 g".to_owned()),
                description: Some("Whole beans, \"medium\" roast".to_owned()),
                quantity: 6,
                unit_price: Some(usd("12.50")),
            },
            OrderLine {
                item_id: "z4444".to_owned(),
                title: None,
                description: None,
                quantity: 3,
                unit_price: Some(usd("3.75")),
            },
        ],
        ship_to: AddressType::Shipping,
        status: OrderStatus::Placed,
        total: Some(usd("86.25")),
        recipient: None,
        version: 1,
        placed_at: time("2026-11-21T07:58:27.123Z"),
        updated_at: time("2026-11-21T07:58:27.123Z"),
        fulfilled_at: None,
        cancelled_at: None,
    };
    event(PLACED, "0193f0a2-5b6e-7c11-8a44-3f5f8c0e9e01", order, &["customerId", "items", "shipTo", "total"])
}

/// Everything that an envelope can carry, and text beyond ASCII.
fn fulfilled() -> Event<OrderChange> {
    let mut order = placed().data.order;
    order.version = 2;
    order.status = OrderStatus::Fulfilled;
    order.updated_at = time("2026-11-22T10:00:00.000Z");
    order.fulfilled_at = Some(order.updated_at);
    order.recipient = Some(recipient());
    let changed = ["status", "recipient", "fulfilledAt"];
    with_all_headers(event(FULFILLED, "0193f0a2-5b6e-7c11-8a44-3f5f8c0e9e02", order, &changed))
}

/// The least that an order has at its end: bare lines, no total, and a customer who is gone and had no address.
fn cancelled() -> Event<OrderChange> {
    let mut order = placed().data.order;
    order.id = "6120".to_owned();
    order.items = vec![bare_line("z3333", 6), bare_line("z3333", 1)];
    order.total = None;
    order.version = 2;
    order.status = OrderStatus::Cancelled;
    order.updated_at = time("2026-11-23T00:00:00.001Z");
    order.cancelled_at = Some(order.updated_at);
    order.recipient =
        Some(Recipient { customer_status: Status::Deleted, customer_version: 9, address: None, ..recipient() });
    let changed = ["status", "recipient", "cancelledAt"];
    event(CANCELLED, "0193f0a2-5b6e-7c11-8a44-3f5f8c0e9e03", order, &changed)
}

fn recipient() -> Recipient {
    Recipient {
        customer_version: 7,
        customer_status: Status::Active,
        name: Name {
            title: None,
            first_name: "José".to_owned(),
            middle_name: None,
            last_name: "Doe".to_owned(),
            suffix: Some("Jr.".to_owned()),
        },
        address: Some(Address {
            kind: AddressType::Shipping,
            description: None,
            address1: "São João 7, \"Haus B\" €5".to_owned(),
            address2: Some("李府".to_owned()),
            city: "Köln".to_owned(),
            state: "NRW".to_owned(),
            postal_code: None,
            country: Some("DE".to_owned()),
        }),
    }
}

fn usd(amount: &str) -> Money {
    Money { amount: amount.to_owned(), currency: "USD".to_owned() }
}

fn bare_line(item_id: &str, quantity: u32) -> OrderLine {
    OrderLine { item_id: item_id.to_owned(), title: None, description: None, quantity, unit_price: None }
}

fn event(kind: &str, id: &str, order: Order, changed: &[&str]) -> Event<OrderChange> {
    super::event(kind, id, order.updated_at, OrderChange { order, changed: words(changed) })
}

fn but(mut event: Event<OrderChange>, change: impl FnOnce(&mut Order)) -> Event<OrderChange> {
    change(&mut event.data.order);
    event
}

fn frozen(order: &mut Order) -> &mut Recipient {
    order.recipient.as_mut().unwrap()
}

prop_compose! {
    fn any_order()(
        (id, customer_id) in (some_text(), any_text()),
        items in vec(any_line().boxed(), 1..4),
        ship_to in any_address_type(),
        total in option::of(any_money()),
        (status, recipient, fulfilled_at, cancelled_at) in any_end(),
        version in any_version(),
        (placed_at, updated_at) in (any_time(), any_time()),
    ) -> Order {
        Order {
            id, customer_id, items, ship_to, status, total, recipient, version, placed_at, updated_at, fulfilled_at,
            cancelled_at,
        }
    }
}

type End = (OrderStatus, Option<Recipient>, Option<Timestamp>, Option<Timestamp>);

/// None yet, or one with all that belongs to it. Boxed, as are its parts: a tree of all of them is too large for the
/// stack of a test.
fn any_end() -> BoxedStrategy<End> {
    let sent = (any_recipient().boxed(), any_address().boxed(), any_time()).prop_map(|(recipient, address, at)| {
        let recipient = Recipient { customer_status: Status::Active, address: Some(address), ..recipient };
        (OrderStatus::Fulfilled, Some(recipient), Some(at), None)
    });
    let called_off = (any_recipient().boxed(), any_time())
        .prop_map(|(recipient, at)| (OrderStatus::Cancelled, Some(recipient), None, Some(at)));
    prop_oneof![Just((OrderStatus::Placed, None, None, None)), sent.boxed(), called_off.boxed()].boxed()
}

prop_compose! {
    fn any_recipient()(
        customer_version in any_version(),
        customer_status in prop_oneof![Just(Status::Active), Just(Status::Deleted)],
        name in any_name().boxed(),
        address in option::of(any_address().boxed()),
    ) -> Recipient {
        Recipient { customer_version, customer_status, name, address }
    }
}

prop_compose! {
    fn any_line()(
        item_id in any_text(),
        (title, description) in (option::of(any_text()), option::of(any_text())),
        quantity in any::<u32>(),
        unit_price in option::of(any_money()),
    ) -> OrderLine {
        OrderLine { item_id, title, description, quantity, unit_price }
    }
}

prop_compose! {
    fn any_money()((amount, currency) in (any_text(), any_text())) -> Money {
        Money { amount, currency }
    }
}
