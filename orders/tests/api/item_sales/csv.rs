//! Both reports as CSV.

use reqwest::StatusCode;

use super::{ITEMS, monthly, placed};
use crate::harness::{Answer, World};

const CSV: [(&str, &str); 1] = [("Accept", "text/csv")];

async fn world(orders: &[&[(&str, u32)]]) -> World {
    let world = World::new().await;
    for (n, lines) in orders.iter().enumerate() {
        let id = format!("o{n}");
        world.order(placed(&id, "2026-11-27", lines)).await;
        world.counts(&id, 1).await;
    }
    world
}

fn is_csv(answer: &Answer) -> bool {
    answer.header("content-type") == Some("text/csv; charset=utf-8; header=present")
}

#[tokio::test]
async fn both_reports_are_csv_for_those_who_ask_for_it() {
    let world = world(&[&[("z3333", 6), ("z4444", 3)]]).await;
    let items = world.get_with(ITEMS, &CSV).await;
    assert!(items.status == StatusCode::OK && is_csv(&items), "{items:?}");
    assert_eq!(
        items.text,
        "itemId,totalOrdered,orders,lastOrderDate\r\nz3333,6,1,2026-11-27\r\nz4444,3,1,2026-11-27\r\n"
    );
    assert_eq!(items.header("content-disposition"), Some("attachment; filename=\"item-sales.csv\""));
    let months = world.get_with(&monthly("z3333"), &CSV).await;
    assert!(months.status == StatusCode::OK && is_csv(&months), "{months:?}");
    assert_eq!(months.text, "month,label,ordered\r\n2026-11,November 2026,6\r\n");
    assert_eq!(months.header("content-disposition"), Some("attachment; filename=\"item-sales-z3333-monthly.csv\""));
    for answer in [items, months] {
        assert_eq!(answer.header("vary"), Some("Accept"), "{answer:?}");
        assert!(answer.header("as-of").is_some(), "{answer:?}");
    }
    assert_eq!(world.get_with(&monthly("nothing"), &CSV).await.text, "month,label,ordered\r\n");
}

#[tokio::test]
async fn json_is_the_default_and_for_whoever_likes_both() {
    let world = world(&[]).await;
    for (accept, csv) in [
        ("*/*", false),
        ("application/json", false),
        ("text/html,application/xhtml+xml,*/*;q=0.8", false),
        ("image/png", false),
        ("text/csv;q=0.5, application/json", false),
        ("text/csv, */*;q=0.1", true),
        ("text/*", true),
    ] {
        for path in [ITEMS.to_owned(), monthly("x")] {
            let answer = world.get_with(&path, &[("Accept", accept)]).await;
            assert_eq!((answer.status, is_csv(&answer)), (StatusCode::OK, csv), "{accept}: {answer:?}");
            assert_eq!(answer.header("vary"), Some("Accept"), "{accept}");
        }
    }
    assert_eq!(world.get(ITEMS).await.header("content-type"), Some("application/json"));
    // A refusal is a problem document, whatever was asked for.
    let refused = world.get_with(&format!("{ITEMS}?sort=x"), &CSV).await;
    assert_eq!(refused.header("content-type"), Some("application/problem+json"), "{refused:?}");
}

#[tokio::test]
async fn an_item_that_looks_like_a_formula_is_text() {
    let world = world(&[&[("-1-2", 1), ("a", 2)]]).await;
    let answer = world.get_with(ITEMS, &CSV).await;
    assert!(answer.text.contains("\r\n'-1-2,1,1,2026-11-27\r\n"), "{answer:?}");
    assert_eq!(world.get_with(&monthly("-1-2"), &CSV).await.text, "month,label,ordered\r\n2026-11,November 2026,1\r\n");
}

#[tokio::test]
async fn all_of_a_long_report_is_in_it_and_a_page_only_when_one_is_asked_for() {
    let names: Vec<String> = (0..700).map(|n| format!("item-{n:03}")).collect();
    let lines: Vec<(&str, u32)> = names.iter().map(|name| (name.as_str(), 1)).collect();
    let orders: Vec<_> = lines.chunks(200).collect();
    let world = world(&orders).await;
    let whole = world.get_with(&format!("{ITEMS}?sort=item&from=2026-11-27"), &CSV).await;
    let ids: Vec<&str> = whole.text.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(ids, names, "every item once");
    assert_eq!(whole.header("link"), None);

    let (mut seen, mut path) = (Vec::new(), format!("{ITEMS}?sort=item&limit=200"));
    loop {
        let page = world.get_with(&path, &CSV).await;
        assert!(is_csv(&page), "{page:?}");
        let items: Vec<String> =
            page.text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect();
        assert!(items.len() <= 200);
        seen.extend(items);
        let Some(link) = page.header("link") else { break };
        path = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
    }
    assert_eq!(seen, names);
}

#[tokio::test]
async fn head_says_the_same_without_the_content() {
    let world = world(&[&[("z3333", 6)]]).await;
    let client = reqwest::Client::new();
    for path in [ITEMS.to_owned(), monthly("z3333")] {
        let request = client.head(format!("{}{path}", world.orders.base_url())).header("Accept", "text/csv");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8; header=present");
        assert_eq!(answer.text().await.unwrap(), "");
    }
}
