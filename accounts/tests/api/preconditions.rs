//! `If-Match`: nobody overwrites a change that they have not seen.

use serde_json::json;

use crate::bodies::{small, with};
use crate::harness::{Accounts, Ask};

const A: &str = "/accounts/customers/a";

/// The three operations that demand `If-Match`, each as it would change the customer.
fn changes(accounts: &Accounts) -> [Ask<'_>; 3] {
    [
        accounts.put(A).json(&with(small("a"), "/name/firstName", json!("Anna"))),
        accounts.patch(A).json(&json!({"name": {"firstName": "Anna"}})),
        accounts.delete(A),
    ]
}

#[tokio::test]
async fn without_a_tag_or_with_a_stale_one_nothing_changes() {
    let accounts = Accounts::start().await;
    let token = accounts.create(&small("a")).await.header("consistency-token").to_owned();
    let before = accounts.stored().await;
    for ask in changes(&accounts) {
        let refused = ask.send().await;
        assert_eq!((refused.status, refused.problem()), (428, "precondition-required".to_owned()));
    }
    for stale in ["\"2\"", "\"0\", \"2\"", "W/\"1\"", "\"\""] {
        for ask in changes(&accounts) {
            let refused = ask.if_match(stale).send().await;
            assert_eq!((refused.status, refused.problem()), (412, "precondition-failed".to_owned()), "{stale}");
            assert_eq!(refused.header("etag"), "\"1\"", "the current tag comes along");
            assert_eq!(refused.header("consistency-token"), token);
        }
    }
    for malformed in ["1", "\"1", "\"1\" \"2\"", ",", "*, \"1\""] {
        for ask in changes(&accounts) {
            assert_eq!(ask.if_match(malformed).send().await.status, 400, "{malformed}");
        }
    }
    assert_eq!(accounts.stored().await, before);
    accounts.stop().await;
}

#[tokio::test]
async fn of_many_who_saw_the_same_state_one_wins() {
    let accounts = Accounts::start().await;
    accounts.create(&small("a")).await;
    for version in 1..=5 {
        let tag = format!("\"{version}\"");
        let ask = |number: usize| {
            let name = json!({"name": {"firstName": format!("Ann {version} {number}")}});
            accounts.patch(A).if_match(&tag).json(&name).send()
        };
        let answers = futures_util::future::join_all((0..16).map(ask)).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!((statuses[0], &statuses[1..]), (200, &[412; 15][..]));
    }
    accounts.stop().await;
}
