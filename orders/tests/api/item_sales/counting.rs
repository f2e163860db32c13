//! What an order counts for, and for how long.

use shared_events::order::OrderStatus;
use shared_events::time::Timestamp;

use super::sample::{event, order};
use super::{ITEMS, cancelled, monthly, placed, row};
use crate::harness::World;

#[tokio::test]
async fn the_sample_order_is_in_both_reports_until_it_is_cancelled() {
    let world = World::new().await;
    let today = Timestamp::new(chrono::Utc::now()).to_string()[..10].to_owned();
    let lines = [("z3333", 6), ("z4444", 3)];
    world.order(placed("6119", &today, &lines)).await;
    world.counts("6119", 1).await;

    assert_eq!(world.sold("").await, [row("z3333", 6, 1, &today), row("z4444", 3, 1, &today)]);
    let months = world.get(&monthly("z3333")).await.json();
    let label = chrono::Utc::now().format("%B %Y").to_string();
    assert_eq!(months, serde_json::json!([{ "month": &today[..7], "label": label, "ordered": 6 }]));

    world.order(cancelled("6119", 2, &today, &lines)).await;
    world.counts("6119", 2).await;
    assert_eq!(world.sold("").await, []);
    assert_eq!(world.get(&monthly("z3333")).await.text, "[]");
    let page = world.get(ITEMS).await.json();
    assert_eq!((&page["items"], page.get("next")), (&serde_json::json!([]), None));
}

#[tokio::test]
async fn an_unknown_item_has_no_months() {
    let world = World::new().await;
    assert_eq!(world.get(&monthly("nobody-wants-it")).await.text, "[]");
}

#[tokio::test]
async fn every_line_counts_and_an_order_once_for_each_of_its_items() {
    let world = World::new().await;
    world.order(placed("a", "2026-11-27", &[("x", 1), ("y", 10_000), ("x", 2)])).await;
    world.order(placed("b", "2026-11-28", &[("x", 4)])).await;
    // Fulfilment takes nothing away and adds nothing.
    world.order(order("b", 2, OrderStatus::Fulfilled, "2026-11-28", &[("x", 4)])).await;
    world.counts("a", 1).await;
    world.counts("b", 2).await;
    assert_eq!(world.sold("").await, [row("y", 10_000, 1, "2026-11-27"), row("x", 7, 2, "2026-11-28")]);
}

#[tokio::test]
async fn repeats_and_late_events_change_nothing() {
    let world = World::new().await;
    let first = placed("a", "2026-11-27", &[("x", 5)]);
    let last = cancelled("a", 2, "2026-11-27", &[("x", 5)]);
    for change in [&first, &first, &last, &first, &last, &first] {
        world.order(change.clone()).await;
    }
    let stays = placed("b", "2026-11-27", &[("x", 1)]);
    for _ in 0..3 {
        world.order(stays.clone()).await;
    }
    // Of either key the last record of all.
    world.order(cancelled("a", 3, "2026-11-27", &[("x", 5)])).await;
    world.order(order("b", 2, OrderStatus::Fulfilled, "2026-11-27", &[("x", 1)])).await;
    world.counts("a", 3).await;
    world.counts("b", 2).await;
    assert_eq!(world.sold("").await, [row("x", 1, 1, "2026-11-27")]);
    assert_eq!(world.months("x").await, [("2026-11".to_owned(), 1)]);
}

#[tokio::test]
async fn cancelling_in_another_month_takes_the_order_out_of_the_month_where_it_was_counted() {
    let world = World::new().await;
    world.order(placed("a", "2026-09-30", &[("x", 5)])).await;
    world.order(placed("b", "2026-10-01", &[("x", 2)])).await;
    world.order(placed("c", "2026-12-01", &[("x", 1)])).await;
    for id in ["a", "b", "c"] {
        world.counts(id, 1).await;
    }
    let month = |month: &str, ordered| (month.to_owned(), ordered);
    assert_eq!(world.months("x").await, [month("2026-12", 1), month("2026-10", 2), month("2026-09", 5)]);
    // Its event is of a much later day.
    world.order(cancelled("a", 2, "2026-09-30", &[("x", 5)])).await;
    world.counts("a", 2).await;
    assert_eq!(world.months("x").await, [month("2026-12", 1), month("2026-10", 2)]);
    // The last day on which something was ordered is derived, too.
    world.order(cancelled("c", 2, "2026-12-01", &[("x", 1)])).await;
    world.counts("c", 2).await;
    assert_eq!(world.sold("").await, [row("x", 2, 1, "2026-10-01")]);
}

#[tokio::test]
async fn an_event_of_a_type_that_is_not_known_here_counts_with_its_complete_state() {
    let world = World::new().await;
    world.order(placed("a", "2026-11-27", &[("x", 5)])).await;
    let mut amended = event(order("a", 2, OrderStatus::Placed, "2026-11-27", &[("x", 1), ("y", 7)]));
    amended.envelope.kind = "orders.order.amended".to_owned();
    world.order_event(&amended).await;
    world.counts("a", 2).await;
    assert_eq!(world.sold("").await, [row("y", 7, 1, "2026-11-27"), row("x", 1, 1, "2026-11-27")]);
}
