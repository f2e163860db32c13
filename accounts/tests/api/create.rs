//! Creating, reading and deleting.

use serde_json::json;

use crate::bodies::{full, sample, small, with, without};
use crate::harness::Accounts;

#[tokio::test]
async fn the_well_known_sample_is_created_unchanged_and_read_back() {
    let accounts = Accounts::start().await;
    let created = accounts.create(&sample()).await;
    assert_eq!(created.header("location"), "/accounts/customers/12345");
    assert_eq!(created.header("etag"), "\"1\"");
    let customer = created.json();
    assert_eq!(
        (&customer["id"], &customer["version"], &customer["status"]),
        (&json!("12345"), &json!(1), &json!("ACTIVE"))
    );
    assert_eq!(customer["createdAt"], customer["updatedAt"]);
    assert_eq!(customer["addresses"][0].get("address2"), None, "null and absent are the same");
    assert_eq!(
        customer["creditCards"][1],
        json!({"type": "ALTERNATE", "description": "Corporate American Express", "brand": "UNKNOWN", "lastFour": "6666",
               "expiration": "2020-03", "nameOnCard": "John Doe"})
    );

    let read = accounts.get("/accounts/customers/12345").send().await;
    assert_eq!((read.status, read.json()), (200, customer));
    assert_eq!(read.header("etag"), "\"1\"");
    assert_eq!(read.header("consistency-token"), created.header("consistency-token"));
    accounts.stop().await;
}

#[tokio::test]
async fn an_id_is_made_when_none_is_given_and_everything_is_kept_as_typed() {
    let accounts = Accounts::start().await;
    let body = without(full("x"), "/id");
    let created = accounts.create(&body).await.json();
    let id = created["id"].as_str().unwrap();
    assert_eq!((id.len(), id.as_bytes()[14]), (36, b'7'), "a UUID of version 7: {id}");
    assert_eq!((&created["name"], &created["contact"]), (&body["name"], &body["contact"]));
    assert_eq!(created["addresses"], body["addresses"]);
    assert_eq!(created["creditCards"][0]["brand"], "VISA");
    accounts.stop().await;
}

#[tokio::test]
async fn a_deleted_customer_is_gone_its_id_spent_and_its_email_free() {
    let accounts = Accounts::start().await;
    accounts.create(&small("a")).await;
    let deleted = accounts.delete("/accounts/customers/a").if_match("\"1\"").send().await;
    assert_eq!((deleted.status, deleted.text.as_str(), deleted.header("etag")), (204, "", ""));
    let read = accounts.get("/accounts/customers/a").send().await;
    assert_eq!((read.status, read.problem()), (410, "gone".to_owned()));
    assert_eq!(read.header("consistency-token"), deleted.header("consistency-token"));
    assert_eq!(accounts.delete("/accounts/customers/a").if_match("*").send().await.status, 410);
    assert_eq!(accounts.put("/accounts/customers/a").if_match("*").json(&small("a")).send().await.status, 410);
    let again = accounts.post("/accounts/customers").json(&with(small("b"), "/id", json!("a"))).send().await;
    assert_eq!((again.status, again.problem()), (409, "conflict".to_owned()));
    accounts.create(&with(small("a"), "/id", json!("c"))).await;
    accounts.stop().await;
}

#[tokio::test]
async fn an_email_belongs_to_one_living_customer_whatever_its_case() {
    let accounts = Accounts::start().await;
    accounts.create(&small("a")).await;
    let same = with(small("b"), "/contact/email", json!("  A@EXAMPLE.com "));
    let refused = accounts.post("/accounts/customers").json(&same).send().await;
    assert_eq!((refused.status, refused.problem()), (409, "conflict".to_owned()));
    accounts.create(&small("b")).await;
    let refused = accounts.put("/accounts/customers/b").if_match("*").json(&same).send().await;
    assert_eq!(refused.status, 409);
    let refused = accounts.post("/accounts/customer/create").json(&with(same, "/id", json!("d"))).send().await;
    assert_eq!(refused.status, 409);
    assert_eq!(accounts.stored().await.len(), 2);
    accounts.stop().await;
}

#[tokio::test]
async fn a_read_says_whether_anything_changed() {
    let accounts = Accounts::start().await;
    let created = accounts.create(&small("a")).await;
    let path = "/accounts/customers/a";
    for tag in ["\"1\"", "W/\"1\"", "\"0\", \"1\"", "*"] {
        let read = accounts.get(path).header("If-None-Match", tag).send().await;
        assert_eq!((read.status, read.text.as_str(), read.header("etag")), (304, "", "\"1\""), "{tag}");
        assert_eq!(read.header("consistency-token"), created.header("consistency-token"));
    }
    assert_eq!(accounts.get(path).header("If-None-Match", "\"2\"").send().await.status, 200);
    assert_eq!(accounts.get(path).if_match("\"2\"").send().await.status, 412);
    accounts.stop().await;
}

#[tokio::test]
async fn a_token_is_read_and_a_state_that_is_not_there_is_not_invented() {
    let accounts = Accounts::start().await;
    let created = accounts.create(&small("a")).await;
    let token = created.header("consistency-token");
    let read = accounts.get("/accounts/customers/a").header("Consistency-Token", token).send().await;
    assert_eq!(read.status, 200);
    let listed = accounts.get("/accounts/customers").header("Consistency-Token", token).send().await;
    assert_eq!((listed.status, listed.header("consistency-token")), (200, ""), "lists carry none");
    let future = shared_events::token::ConsistencyToken::new("customer", "a", 7).encode();
    let ask = || accounts.get("/accounts/customers/a").header("Consistency-Token", &future);
    let waited = ask().header("Prefer", "wait=0").send().await;
    assert_eq!((waited.status, waited.problem()), (503, "not-yet-consistent".to_owned()));
    assert!(waited.headers.contains_key("retry-after"));
    let stale = ask().header("Prefer", "wait=0, handling=lenient").send().await;
    assert_eq!((stale.status, stale.header("consistency")), (200, "stale"));
    accounts.stop().await;
}
