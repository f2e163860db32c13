//! Both reports, counted again from the final orders in the plainest way there is, and compared.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt;
use orders::item_sales::view::{ItemTotal, Position, Sales, Sort, Wanted};
use shared_events::order::{OrderChange, OrderStatus};

use crate::orders::Orders;
use crate::world::World;

/// By item and day: how many, and in which orders.
type Sold<'a> = BTreeMap<(&'a str, String), (i64, BTreeSet<&'a str>)>;

/// Panics unless the reports are what these orders add up to.
pub(crate) async fn compare(world: &World, sales: &Sales, orders: &Orders) {
    let sold = recount(orders);
    for (from, to) in [(None, None), (Some("2026-10-01"), Some("2026-10-31")), (Some("2026-11-01"), None)] {
        let expected = items(&sold, from, to);
        let day = |text: &str| text.parse().unwrap();
        for sort in [Sort::Item, Sort::Total] {
            let wanted = Wanted { from: from.map(day), to: to.map(day), sort };
            let mut expected = expected.clone();
            match sort {
                Sort::Item => {}
                Sort::Total => expected.sort_by_key(|item| std::cmp::Reverse(item.total_ordered)),
            }
            assert_eq!(whole(sales, &wanted).await, expected, "{wanted:?}");
            assert_eq!(page_by_page(sales, &wanted).await, expected, "{wanted:?}, page by page");
        }
    }
    for item in sold.keys().map(|(item, _)| *item) {
        let found = sales.months(item).await.unwrap();
        let found: Vec<_> = found.iter().map(|month| (month.month.to_string(), month.ordered)).collect();
        assert_eq!(found, months(&sold, item), "the months of {item}");
    }
    assert_eq!(world.all("parked").await, Vec::new());
    assert_no_cell_is_empty(world).await;
}

fn recount(orders: &Orders) -> Sold<'_> {
    let counts = |change: &&OrderChange| match change.order.status {
        OrderStatus::Placed | OrderStatus::Fulfilled => true,
        OrderStatus::Cancelled => false,
    };
    let mut sold = Sold::new();
    for order in orders.newest().filter(counts).map(|change| &change.order) {
        let day = &order.placed_at.to_string()[..10];
        for line in &order.items {
            let (ordered, orders) = sold.entry((line.item_id.as_str(), day.to_owned())).or_default();
            *ordered += i64::from(line.quantity);
            orders.insert(&order.id);
        }
    }
    sold
}

/// By item.
fn items(sold: &Sold<'_>, from: Option<&str>, to: Option<&str>) -> Vec<ItemTotal> {
    let mut items: BTreeMap<&str, ItemTotal> = BTreeMap::new();
    let within = |day: &str| from.is_none_or(|from| day >= from) && to.is_none_or(|to| day <= to);
    for ((item, day), (ordered, orders)) in sold.iter().filter(|((_, day), _)| within(day)) {
        let last_order_date = day.parse().unwrap();
        let none = ItemTotal { item_id: (*item).to_owned(), total_ordered: 0, orders: 0, last_order_date };
        let total = items.entry(item).or_insert(none);
        total.total_ordered += ordered;
        total.orders += i64::try_from(orders.len()).unwrap();
        total.last_order_date = total.last_order_date.max(last_order_date);
    }
    items.into_values().collect()
}

/// Newest first.
fn months(sold: &Sold<'_>, item: &str) -> Vec<(String, i64)> {
    let mut months: BTreeMap<String, i64> = BTreeMap::new();
    for ((_, day), (ordered, _)) in sold.iter().filter(|((of, _), _)| *of == item) {
        *months.entry(day[..7].to_owned()).or_default() += ordered;
    }
    months.into_iter().rev().collect()
}

async fn whole(sales: &Sales, wanted: &Wanted) -> Vec<ItemTotal> {
    sales.items(wanted).await.unwrap().try_collect().await.unwrap()
}

async fn page_by_page(sales: &Sales, wanted: &Wanted) -> Vec<ItemTotal> {
    let mut found: Vec<ItemTotal> = Vec::new();
    loop {
        let after = found.last().map(Position::of);
        let page = sales.page(wanted, after.as_ref(), 2).await.unwrap();
        if page.is_empty() {
            return found;
        }
        found.extend(page);
    }
}

/// What was taken out leaves nothing behind: a view that is built again must be equal to this one.
async fn assert_no_cell_is_empty(world: &World) {
    for cell in world.all("item_sales.g1").await {
        let amounts = ["ordered", "orders"].map(|name| cell.get_i64(name).unwrap());
        assert!(amounts.iter().all(|amount| *amount > 0), "{cell}");
    }
}
