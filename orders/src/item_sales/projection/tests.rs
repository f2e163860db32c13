//! What an order counts for, given as the events that carry it.

use proptest::prelude::*;
use shared_events::customer::{AddressType, Name, Status};
use shared_events::envelope::{Envelope, EventData};
use shared_events::order::{CANCELLED, OrderLine, PLACED, Recipient};
use shared_events::time::Timestamp;

use super::*;

fn order(status: OrderStatus, lines: &[(&str, u32)]) -> Order {
    let placed_at = Timestamp::parse("2026-11-27T23:59:59.999Z").unwrap();
    let line = |(item, quantity): &(&str, u32)| OrderLine {
        item_id: (*item).to_owned(),
        title: None,
        description: None,
        quantity: *quantity,
        unit_price: None,
    };
    Order {
        id: "6119".to_owned(),
        customer_id: "12345".to_owned(),
        items: lines.iter().map(line).collect(),
        ship_to: AddressType::Shipping,
        status,
        total: None,
        recipient: (status != OrderStatus::Placed).then(recipient),
        version: 2,
        placed_at,
        // In another month: that is not when it counts.
        updated_at: Timestamp::parse("2026-12-24T18:00:00Z").unwrap(),
        fulfilled_at: None,
        cancelled_at: None,
    }
}

fn recipient() -> Recipient {
    let name = Name {
        title: None,
        first_name: "Ada".to_owned(),
        middle_name: None,
        last_name: "Lovelace".to_owned(),
        suffix: None,
    };
    Recipient { customer_version: 1, customer_status: Status::Active, name, address: None }
}

fn contribution(kind: &str, order: Order) -> Vec<(Cell, Amounts)> {
    let envelope = Envelope {
        id: "e".to_owned(),
        source: format!("/orders/{}", order.id),
        kind: kind.to_owned(),
        subject: order.id.clone(),
        sequence: order.version,
        time: order.updated_at,
        dataschema: OrderChange::DATASCHEMA.to_owned(),
        traceparent: None,
        request_hash: None,
        snapshot: false,
    };
    ItemSales::contribute(Event { envelope, data: OrderChange { order, changed: Vec::new() } }).unwrap()
}

/// Item, day, ordered, orders.
fn rows(contribution: &[(Cell, Amounts)]) -> Vec<(&str, String, i64, i64)> {
    let row = |(cell, amounts): &'_ (Cell, Amounts)| (cell.day.to_string(), amounts.ordered, amounts.orders);
    contribution.iter().map(|sale| (sale.0.item_id.as_str(), row(sale))).map(|(id, (d, o, n))| (id, d, o, n)).collect()
}

#[test]
fn a_waiting_order_and_a_fulfilled_one_count_for_every_line_on_the_day_they_were_placed() {
    for status in [OrderStatus::Placed, OrderStatus::Fulfilled] {
        let counted = contribution(PLACED, order(status, &[("z3333", 6), ("z4444", 3)]));
        let day = || "2026-11-27".to_owned();
        assert_eq!(rows(&counted), [("z3333", day(), 6, 1), ("z4444", day(), 3, 1)]);
    }
}

#[test]
fn several_lines_of_one_item_all_count_in_one_order() {
    let counted = contribution(PLACED, order(OrderStatus::Placed, &[("b", 1), ("a", 10_000), ("b", 2)]));
    let amounts: Vec<_> =
        rows(&counted).into_iter().map(|(item, _, ordered, orders)| (item, ordered, orders)).collect();
    assert_eq!(amounts, [("a", 10_000, 1), ("b", 3, 1)]);
}

#[test]
fn a_cancelled_order_counts_for_nothing() {
    assert_eq!(contribution(CANCELLED, order(OrderStatus::Cancelled, &[("z3333", 6)])), []);
}

proptest! {
    /// The state alone decides: an event of a type that is not known here counts like any other.
    #[test]
    fn the_type_of_the_event_decides_nothing(word in "[a-z]{1,12}", quantity in 0_u32..=10_000) {
        let state = order(OrderStatus::Placed, &[("a", quantity)]);
        let counted = contribution(&format!("orders.order.{word}"), state.clone());
        prop_assert_eq!(&counted, &contribution(PLACED, state));
        prop_assert_eq!(counted.len(), usize::from(quantity > 0));
    }
}
