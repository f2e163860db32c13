//! The list: filters, order and pages.

use serde_json::{Value, json};

use crate::bodies::{small, with};
use crate::harness::{Accounts, Answer};

fn ids(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["id"].as_str().unwrap()).filter(|id| *id != "probe").collect()
}

async fn list(accounts: &Accounts, query: &str) -> Answer {
    let answer = accounts.get(&format!("/accounts/customers{query}")).send().await;
    assert_eq!(answer.status, 200, "{query}: {answer:?}");
    answer
}

#[tokio::test]
async fn filters_find_what_they_say() {
    let accounts = Accounts::start().await;
    for (id, last_name) in [("a", "O'Brien"), ("b", "o'BRIAN"), ("c", "Straße"), ("d", "李明"), ("e", "Gone")] {
        accounts.create(&with(small(id), "/name/lastName", json!(last_name))).await;
    }
    accounts.delete("/accounts/customers/e").if_match("*").send().await;
    let cases: [(&str, &[&str]); 13] = [
        ("", &["a", "b", "c", "d"]),
        ("?status=ACTIVE", &["a", "b", "c", "d"]),
        ("?status=DELETED", &["e"]),
        ("?lastName=o%27br", &["a", "b"]),
        ("?lastName=O%27BRIE", &["a"]),
        ("?lastName=STRASS", &["c"]),
        ("?lastName=%E6%9D%8E", &["d"]),
        ("?lastName=rien", &[]),
        ("?lastName=.*", &[]),
        ("?email=A%40Example.COM", &["a"]),
        ("?email=a%40example", &[]),
        ("?email=e%40example.com", &[]),
        ("?email=e%40example.com&status=DELETED", &["e"]),
    ];
    for (query, expected) in cases {
        assert_eq!(ids(&list(&accounts, query).await.json()), expected, "{query}");
    }
    accounts.stop().await;
}

#[tokio::test]
async fn pages_follow_each_other_in_the_order_of_creation() {
    let accounts = Accounts::start().await;
    // Not the order of their ids.
    let all = ["d", "b", "e", "a", "c"];
    for id in all {
        accounts.create(&small(id)).await;
    }
    let mut query = "?limit=2&status=ACTIVE".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = list(&accounts, &query).await;
        let json = page.json();
        seen.extend(ids(&json).iter().map(|id| (*id).to_owned()));
        let Some(next) = json.get("next") else {
            assert_eq!(page.header("link"), "");
            break;
        };
        assert!(json["items"].as_array().unwrap().len() == 2 && next.is_string());
        let link = page.header("link").strip_prefix("</accounts/customers").unwrap();
        query = link.strip_suffix(">; rel=\"next\"").unwrap().to_owned();
        // What is deleted meanwhile neither hides nor repeats another.
        if seen.contains(&"b".to_owned()) {
            accounts.delete("/accounts/customers/b").if_match("*").send().await;
        }
    }
    assert_eq!(seen, all);
    accounts.stop().await;
}

#[tokio::test]
async fn a_query_that_means_nothing_is_refused() {
    let accounts = Accounts::start().await;
    for id in ["a", "b", "c"] {
        accounts.create(&small(id)).await;
    }
    let page = list(&accounts, "?limit=1").await.json();
    let cursor = page["next"].as_str().unwrap();
    let tampered = format!("{}A", &cursor[..cursor.len() - 1]);
    let bad = [
        "?limit=0".to_owned(),
        "?limit=201".to_owned(),
        "?limit=x".to_owned(),
        "?limit=1&limit=2".to_owned(),
        "?status=GONE".to_owned(),
        "?status=".to_owned(),
        "?email=".to_owned(),
        "?lastName=".to_owned(),
        format!("?lastName={}", "x".repeat(81)),
        "?colour=red".to_owned(),
        "?lastname=lee".to_owned(),
        "?cursor=x".to_owned(),
        format!("?cursor={tampered}"),
        format!("?cursor={cursor}&status=DELETED"),
        format!("?cursor={cursor}&lastName=l"),
    ];
    for query in bad {
        let answer = accounts.get(&format!("/accounts/customers{query}")).send().await;
        assert_eq!((answer.status, answer.problem()), (400, "malformed-request".to_owned()), "{query}");
    }
    list(&accounts, &format!("?cursor={cursor}&limit=7")).await;
    accounts.stop().await;
}
