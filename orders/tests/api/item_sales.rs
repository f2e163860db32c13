//! The reports of sales: fed with the events that orders itself publishes, asked for as a client does.

mod sample;

mod counting;
mod csv;
mod lists;
mod not_yet;
mod page;
mod records;
mod tokens;

use reqwest::StatusCode;
use serde_json::Value;
use shared_events::envelope::{Event, encode};
use shared_events::order::{OrderChange, OrderStatus};
use shared_events::token::ConsistencyToken;
use shared_events::topic::ORDER_CHANGE;

use crate::harness::{Answer, World};
use sample::{event, order};

const ITEMS: &str = "/orders/reports/item-sales";

fn monthly(item: &str) -> String {
    format!("{ITEMS}/{item}/monthly")
}

/// Version 1 of an order.
fn placed(id: &str, day: &str, lines: &[(&str, u32)]) -> OrderChange {
    order(id, 1, OrderStatus::Placed, day, lines)
}

/// A later version, called off.
fn cancelled(id: &str, version: u64, day: &str, lines: &[(&str, u32)]) -> OrderChange {
    order(id, version, OrderStatus::Cancelled, day, lines)
}

fn token(order: &str, version: u64) -> String {
    ConsistencyToken::new("order", order, version).encode()
}

impl World {
    /// Publishes the event of a state of an order.
    async fn order(&self, change: OrderChange) -> (i32, i64) {
        self.order_event(&event(change)).await
    }

    async fn order_event(&self, event: &Event<OrderChange>) -> (i32, i64) {
        self.publish_to(&ORDER_CHANGE, &encode(event).unwrap().as_raw()).await
    }

    /// Waits until the reports count an order at this version.
    async fn counts(&self, order: &str, version: u64) {
        let token = token(order, version);
        let answer = self.get_with(ITEMS, &[("Consistency-Token", &token), ("Prefer", "wait=30")]).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }

    /// Item, total, orders and last day of the report, as it is sorted.
    async fn sold(&self, query: &str) -> Vec<(String, u64, u64, String)> {
        let answer = self.get(&format!("{ITEMS}{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        rows(&answer)
    }

    /// Month and how many, newest first.
    async fn months(&self, item: &str) -> Vec<(String, u64)> {
        let answer = self.get(&monthly(item)).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let rows = answer.json();
        rows.as_array().unwrap().iter().map(|row| (text(row, "month"), row["ordered"].as_u64().unwrap())).collect()
    }
}

fn rows(answer: &Answer) -> Vec<(String, u64, u64, String)> {
    let number = |row: &Value, name: &str| row[name].as_u64().unwrap();
    let page = answer.json();
    let row = |row: &Value| {
        (text(row, "itemId"), number(row, "totalOrdered"), number(row, "orders"), text(row, "lastOrderDate"))
    };
    page["items"].as_array().unwrap().iter().map(row).collect()
}

fn text(row: &Value, name: &str) -> String {
    row[name].as_str().unwrap().to_owned()
}

/// A row as [`World::sold`] has it.
fn row(item: &str, total: u64, orders: u64, last: &str) -> (String, u64, u64, String) {
    (item.to_owned(), total, orders, last.to_owned())
}
