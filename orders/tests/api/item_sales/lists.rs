//! Filters, order and pages of the report of items, and what is refused.

use reqwest::StatusCode;

use super::{ITEMS, monthly, placed, row, rows};
use crate::harness::World;

/// Five items over three days; `b` and `d` are equals.
async fn world() -> World {
    let world = World::new().await;
    world.order(placed("1", "2026-11-26", &[("a", 1), ("b", 5), ("c", 9)])).await;
    world.order(placed("2", "2026-11-27", &[("d", 5), ("a", 2)])).await;
    world.order(placed("3", "2026-11-28", &[("e", 2), ("a", 1)])).await;
    for id in ["1", "2", "3"] {
        world.counts(id, 1).await;
    }
    world
}

fn items(rows: &[(String, u64, u64, String)]) -> Vec<&str> {
    rows.iter().map(|(item, ..)| item.as_str()).collect()
}

#[tokio::test]
async fn days_are_inclusive_at_both_ends_and_figures_are_of_those_days() {
    let world = world().await;
    assert_eq!(
        world.sold("?from=2026-11-27&to=2026-11-27").await,
        [row("d", 5, 1, "2026-11-27"), row("a", 2, 1, "2026-11-27")]
    );
    assert_eq!(world.sold("?to=2026-11-27&sort=item").await[0], row("a", 3, 2, "2026-11-27"));
    assert_eq!(items(&world.sold("?from=2026-11-28").await), ["e", "a"]);
    assert_eq!(items(&world.sold("?from=2026-11-29").await), [""; 0]);
}

#[tokio::test]
async fn the_most_ordered_come_first_and_equals_by_id() {
    let world = world().await;
    for query in ["", "?sort=total"] {
        assert_eq!(items(&world.sold(query).await), ["c", "b", "d", "a", "e"], "{query}");
    }
    assert_eq!(items(&world.sold("?sort=item").await), ["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn pages_follow_each_other_to_the_end_in_either_order() {
    let world = world().await;
    for sort in ["total", "item"] {
        let whole = world.sold(&format!("?sort={sort}")).await;
        for limit in 1..=5 {
            let (mut seen, mut path) = (Vec::new(), format!("{ITEMS}?sort={sort}&limit={limit}"));
            loop {
                let answer = world.get(&path).await;
                assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
                let page = rows(&answer);
                assert!((1..=limit).contains(&page.len()), "{answer:?}");
                seen.extend(page);
                let Some(link) = answer.header("link") else { break };
                assert!(link.contains(answer.json()["next"].as_str().unwrap()), "{link}");
                path = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
            }
            assert_eq!(seen, whole, "sort={sort}&limit={limit}");
        }
    }
}

#[tokio::test]
async fn a_cursor_belongs_to_its_filters_and_its_order() {
    let world = world().await;
    let first = world.get(&format!("{ITEMS}?limit=1&from=2026-11-26")).await;
    let cursor = first.json()["next"].as_str().unwrap().to_owned();
    assert_eq!(world.get(&format!("{ITEMS}?from=2026-11-26&cursor={cursor}")).await.status, StatusCode::OK);
    for query in [
        format!("?cursor={cursor}"),
        format!("?from=2026-11-27&cursor={cursor}"),
        format!("?from=2026-11-26&sort=item&cursor={cursor}"),
        format!("?from=2026-11-26&cursor={cursor}A"),
        format!("?from=2026-11-26&cursor=A{cursor}"),
    ] {
        let answer = world.get(&format!("{ITEMS}{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}: {answer:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_by_name() {
    let world = World::new().await;
    let item_of = |length: usize| monthly(&"x".repeat(length));
    for (path, told) in [
        (format!("{ITEMS}?from=2026-02-30"), "query parameter from"),
        (format!("{ITEMS}?to=27.11.2026"), "query parameter to"),
        (format!("{ITEMS}?from=2026-11-28&to=2026-11-27"), "query parameter to must not be before from"),
        (format!("{ITEMS}?sort=price"), "query parameter sort"),
        (format!("{ITEMS}?limit=0"), "query parameter limit"),
        (format!("{ITEMS}?limit=201"), "query parameter limit"),
        (format!("{ITEMS}?customerId=1"), "query parameter customerId is unknown"),
        (format!("{}?from=2026-11-27", monthly("z3333")), "query parameter from is unknown"),
        (item_of(65), "path parameter itemId"),
        (monthly("%22"), "path parameter itemId"),
        (monthly("%24where"), "path parameter itemId"),
        (monthly("a%2Fb"), "path parameter itemId"),
        (monthly("%F0%9F%98%80"), "path parameter itemId"),
    ] {
        let answer = world.get(&path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}: {answer:?}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(told), "{path}: {answer:?}");
    }
    assert_eq!(world.get(&item_of(64)).await.text, "[]");
}
