//! Never older than what was written (D7), and how new it is (`As-Of`).

use reqwest::StatusCode;
use shared_events::time::Timestamp;
use shared_events::token::ConsistencyToken;

use super::{ITEMS, cancelled, monthly, placed, token};
use crate::customer;
use crate::harness::{Answer, World, eventually};

#[tokio::test]
async fn a_token_of_an_order_is_waited_for() {
    let world = World::new().await;
    let token = |version| token("6119", version);
    for (version, change) in
        [(1, placed("6119", "2026-11-27", &[("x", 6)])), (2, cancelled("6119", 2, "2026-11-27", &[("x", 6)]))]
    {
        let token = token(version);
        let headers = [("Consistency-Token", token.as_str()), ("Prefer", "wait=30")];
        let path = monthly("x");
        // The request is on its way before the event is in the log.
        let (answer, _) = tokio::join!(world.get_with(&path, &headers), world.order(change));
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.json().as_array().unwrap().len(), usize::from(version == 1), "{answer:?}");
        assert_eq!(answer.header("preference-applied"), Some("wait=30"));
        // It is no answer about a single entity.
        assert_eq!(answer.header("consistency-token"), None);
    }
}

#[tokio::test]
async fn what_does_not_come_is_503_or_stale_for_those_who_accept_it() {
    let world = World::new().await;
    let token = token("6119", 1);
    for path in [ITEMS.to_owned(), monthly("x")] {
        let strict = world.get_with(&path, &[("Consistency-Token", &token), ("Prefer", "wait=0")]).await;
        assert_eq!(strict.status, StatusCode::SERVICE_UNAVAILABLE, "{strict:?}");
        assert!(strict.header("retry-after").is_some());
        let lenient = [("Consistency-Token", token.as_str()), ("Prefer", "wait=0, handling=lenient")];
        let lenient = world.get_with(&path, &lenient).await;
        assert_eq!((lenient.status, lenient.header("consistency")), (StatusCode::OK, Some("stale")), "{lenient:?}");
    }
}

#[tokio::test]
async fn a_token_of_a_customer_is_waited_for_where_customers_are() {
    let world = World::new().await;
    let token = crate::harness::token("12345", 1);
    let early = world.get_with(ITEMS, &[("Consistency-Token", &token), ("Prefer", "wait=0")]).await;
    assert_eq!(early.status, StatusCode::SERVICE_UNAVAILABLE, "{early:?}");
    world.publish(customer::sample("12345", 1)).await;
    let answer = world.get_with(ITEMS, &[("Consistency-Token", &token), ("Prefer", "wait=30")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn a_token_of_something_unknown_is_refused() {
    let world = World::new().await;
    let foreign = ConsistencyToken::new("invoice", "1", 1).encode();
    for bad in [foreign.as_str(), "no token", ""] {
        for path in [ITEMS.to_owned(), monthly("x")] {
            let answer = world.get_with(&path, &[("Consistency-Token", bad)]).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}: {answer:?}");
        }
    }
}

fn as_of(answer: &Answer) -> Result<Timestamp, String> {
    let text = answer.header("as-of").ok_or("no As-Of yet")?;
    assert!(text.ends_with('Z'), "{text}");
    Ok(Timestamp::parse(text).unwrap())
}

#[tokio::test]
async fn as_of_says_up_to_when_every_event_is_counted() {
    let world = World::new().await;
    world.order(placed("6119", "2026-11-27", &[("x", 6)])).await;
    let published = Timestamp::new(chrono::Utc::now());
    for path in [ITEMS.to_owned(), monthly("x")] {
        eventually("As-Of passes the event", async || {
            let answer = world.get(&path).await;
            let (asked, said) = (Timestamp::new(chrono::Utc::now()), as_of(&answer)?);
            assert!(said <= asked, "{said} lies in the future of {asked}");
            if path == ITEMS {
                assert_eq!(answer.json()["asOf"], said.to_string());
            }
            if said < published {
                return Err(said.to_string());
            }
            // Once it says so, the event is there.
            assert!(!answer.text.contains("[]"), "{answer:?}");
            Ok(())
        })
        .await;
    }
    let first = as_of(&world.get(ITEMS).await).unwrap();
    eventually("As-Of goes on while nothing happens", async || {
        let said = as_of(&world.get(ITEMS).await)?;
        if said > first { Ok(()) } else { Err(said.to_string()) }
    })
    .await;
}
