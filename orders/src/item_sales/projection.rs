//! What an order counts for in the reports: a pure function of its newest state.

use std::collections::BTreeMap;

use serde::Serialize;
use service_kit::mongo::IndexSpec;
use service_kit::projection::{AccumulatingProjection, Projection, Rejected};
use shared_events::envelope::Event;
use shared_events::order::{Order, OrderChange, OrderStatus};
use shared_events::topic::{ORDER_CHANGE, TopicSpec};

use super::calendar::Day;
use super::view;

/// Sales per item and day.
#[derive(Clone, Copy, Debug)]
pub struct ItemSales;

/// What is added up apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cell {
    /// Of which item.
    pub item_id: String,
    /// When the orders were placed.
    pub day: Day,
}

/// What is added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Amounts {
    /// How many of the item.
    pub ordered: i64,
    /// In how many orders.
    pub orders: i64,
}

impl Projection for ItemSales {
    const NAME: &'static str = "item_sales";
    const TOPIC: TopicSpec = ORDER_CHANGE;
    const AGGREGATE: &'static str = "order";
    type Data = OrderChange;
}

impl AccumulatingProjection for ItemSales {
    type Cell = Cell;
    type Amounts = Amounts;

    fn indexes() -> Vec<IndexSpec> {
        view::indexes()
    }

    /// The status decides and not the type of the event, so that an event of a type that is not known here counts too. A
    /// cancelled order counts for nothing, on the day that it was placed: what it counted for before is taken out there.
    fn contribute(event: Event<OrderChange>) -> Result<Vec<(Cell, Amounts)>, Rejected> {
        let order = event.data.order;
        match order.status {
            OrderStatus::Placed | OrderStatus::Fulfilled => Ok(sales(&order)),
            OrderStatus::Cancelled => Ok(Vec::new()),
        }
    }
}

/// Lines of one item are summed; the order counts once for it.
fn sales(order: &Order) -> Vec<(Cell, Amounts)> {
    let mut ordered: BTreeMap<&str, i64> = BTreeMap::new();
    // A line of nothing, which no order of ours has, sells nothing.
    for line in order.items.iter().filter(|line| line.quantity > 0) {
        *ordered.entry(&line.item_id).or_default() += i64::from(line.quantity);
    }
    let day = Day::of(order.placed_at);
    let sale = |(item, ordered): (&str, i64)| {
        let cell = Cell { item_id: item.to_owned(), day };
        (cell, Amounts { ordered, orders: 1 })
    };
    ordered.into_iter().map(sale).collect()
}

#[cfg(test)]
mod tests;
