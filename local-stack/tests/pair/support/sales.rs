//! Random orders as their events carry them, and what they add up to.

use std::collections::BTreeMap;

use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};
use shared_events::envelope::{Envelope, Event, EventData, encode};
use shared_events::order::{CANCELLED, FULFILLED, OrderChange, OrderStatus, PLACED};
use shared_events::record::Record;
use shared_events::time::Timestamp;

const ITEMS: [&str; 6] = ["z3333", "z4444", "z5555", "-1", "a.b", "_"];
const DAYS: [&str; 4] = ["2026-09-30", "2026-10-01", "2026-11-27", "2027-01-01"];

/// Orders and all of their events, in the order in which they happened; every seventh comes again.
#[derive(Debug, Default)]
pub(crate) struct Sales {
    orders: Vec<OrderChange>,
    /// Which of them are neither cancelled nor fulfilled.
    open: Vec<usize>,
    pub(crate) log: Vec<Record>,
}

impl Sales {
    /// So many events.
    pub(crate) fn random(events: usize, rng: &mut StdRng) -> Self {
        let mut sales = Self::default();
        while sales.log.len() < events {
            let repeated = sales.log.choose(rng).filter(|_| rng.random_ratio(1, 7)).cloned();
            let record = repeated.unwrap_or_else(|| sales.change(rng));
            sales.log.push(record);
        }
        sales
    }

    fn change(&mut self, rng: &mut StdRng) -> Record {
        let changed = if !self.open.is_empty() && rng.random_ratio(1, 3) {
            let at = self.open.swap_remove(rng.random_range(0..self.open.len()));
            let status = if rng.random_ratio(2, 3) { OrderStatus::Cancelled } else { OrderStatus::Fulfilled };
            self.orders[at] = settled(&self.orders[at], status);
            at
        } else {
            self.orders.push(placed(self.orders.len(), rng));
            self.open.push(self.orders.len() - 1);
            self.orders.len() - 1
        };
        encode(&event(self.orders[changed].clone())).unwrap()
    }

    /// By item: how many and in how many orders; counted from the final orders.
    pub(crate) fn by_item(&self) -> BTreeMap<String, (i64, i64)> {
        let mut items: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for order in self.counting() {
            for line in &order.order.items {
                let (ordered, orders) = items.entry(line.item_id.clone()).or_default();
                *ordered += i64::from(line.quantity);
                *orders += 1;
            }
        }
        items
    }

    /// Of one item, by month, newest first.
    pub(crate) fn by_month(&self, item: &str) -> Vec<(String, i64)> {
        let mut months: BTreeMap<String, i64> = BTreeMap::new();
        for change in self.counting() {
            for line in change.order.items.iter().filter(|line| line.item_id == item) {
                let month = change.order.placed_at.to_string()[..7].to_owned();
                *months.entry(month).or_default() += i64::from(line.quantity);
            }
        }
        months.into_iter().rev().collect()
    }

    fn counting(&self) -> impl Iterator<Item = &OrderChange> {
        self.orders.iter().filter(|change| match change.order.status {
            OrderStatus::Placed | OrderStatus::Fulfilled => true,
            OrderStatus::Cancelled => false,
        })
    }
}

/// One to three different items.
fn placed(number: usize, rng: &mut StdRng) -> OrderChange {
    let first = rng.random_range(0..ITEMS.len());
    let lines: Vec<Value> = (0..rng.random_range(1..=3))
        .map(|n| json!({ "itemId": ITEMS[(first + n) % ITEMS.len()], "quantity": rng.random_range(1..=10_000) }))
        .collect();
    let day = DAYS[rng.random_range(0..DAYS.len())];
    let order = json!({
        "id": format!("o{number}"), "customerId": "12345", "items": lines, "shipTo": "SHIPPING", "status": "PLACED",
        "version": 1, "placedAt": format!("{day}T12:00:00.000Z"), "updatedAt": format!("{day}T12:00:00.000Z"), "changed": [],
    });
    serde_json::from_value(order).unwrap()
}

fn settled(before: &OrderChange, status: OrderStatus) -> OrderChange {
    let recipient = json!({
        "customerVersion": 1, "customerStatus": "ACTIVE", "name": { "firstName": "John", "lastName": "Doe" },
        "address": { "type": "SHIPPING", "address1": "123 Oak Street", "city": "Sunrise", "state": "CA" },
    });
    let mut change = before.clone();
    let order = &mut change.order;
    order.version += 1;
    order.status = status;
    order.recipient = Some(serde_json::from_value(recipient).unwrap());
    let at = Some(Timestamp::parse("2027-02-01T12:00:00Z").unwrap());
    match status {
        OrderStatus::Placed => {}
        OrderStatus::Fulfilled => order.fulfilled_at = at,
        OrderStatus::Cancelled => order.cancelled_at = at,
    }
    change
}

fn event(change: OrderChange) -> Event<OrderChange> {
    let order = &change.order;
    let kind = match order.status {
        OrderStatus::Placed => PLACED,
        OrderStatus::Fulfilled => FULFILLED,
        OrderStatus::Cancelled => CANCELLED,
    };
    let envelope = Envelope {
        id: format!("{}-{}", order.id, order.version),
        source: format!("{}{}", OrderChange::SOURCE_PREFIX, order.id),
        kind: kind.to_owned(),
        subject: order.id.clone(),
        sequence: order.version,
        time: order.updated_at,
        dataschema: OrderChange::DATASCHEMA.to_owned(),
        traceparent: None,
        request_hash: None,
        snapshot: false,
    };
    Event { envelope, data: change }
}
