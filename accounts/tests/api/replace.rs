//! Replacing and patching.

use serde_json::{Value, json};

use crate::bodies::{full, small, with, without};
use crate::harness::Accounts;

const A: &str = "/accounts/customers/a";

#[tokio::test]
async fn a_replacement_is_the_next_version_and_an_identical_one_is_nothing() {
    let accounts = Accounts::start().await;
    let created = accounts.create(&full("a")).await;
    let body = with(full("a"), "/name/firstName", json!("Josefa"));
    let replaced = accounts.put(A).if_match("\"1\"").json(&body).send().await;
    assert_eq!((replaced.status, replaced.header("etag")), (200, "\"2\""));
    assert_eq!(replaced.json()["name"]["firstName"], "Josefa");
    assert_eq!(replaced.json()["createdAt"], created.json()["createdAt"]);
    assert!(replaced.json()["updatedAt"].as_str() > created.json()["updatedAt"].as_str());
    assert_ne!(replaced.header("consistency-token"), created.header("consistency-token"));

    let before = accounts.stored().await;
    for same in [body.clone(), replaced.json()] {
        let again = accounts.put(A).if_match("*").json(&same).send().await;
        assert_eq!((again.status, again.header("etag"), again.json()), (200, "\"2\"", replaced.json()));
        assert_eq!(again.header("consistency-token"), replaced.header("consistency-token"));
    }
    assert_eq!(accounts.stored().await, before);
    accounts.create(&small("after")).await;
    assert_eq!(accounts.published(3).await.len(), 3, "created, replaced, and another one created; nothing else");
    accounts.stop().await;
}

#[tokio::test]
async fn a_card_without_a_number_keeps_the_stored_one() {
    let accounts = Accounts::start().await;
    accounts.create(&full("a")).await;
    let body = without(full("a"), "/creditCards/0/number");
    let replaced =
        accounts.put(A).if_match("*").json(&with(body, "/creditCards/0/expiration", json!("7/29"))).send().await;
    let card = json!({"type": "PRIMARY", "description": "Work", "brand": "VISA", "lastFour": "1111",
                      "expiration": "2029-07", "nameOnCard": "José O'Brien"});
    assert_eq!(replaced.json()["creditCards"], json!([card]));
    let cards = json!({"creditCards": [with(card, "/nameOnCard", json!("J O'Brien"))]});
    let patched = accounts.patch(A).if_match("*").json(&cards).send().await;
    assert_eq!((patched.status, patched.json()["creditCards"][0]["lastFour"].clone()), (200, json!("1111")));
    accounts.stop().await;
}

#[tokio::test]
async fn a_patch_removes_with_null_and_replaces_arrays_whole() {
    let accounts = Accounts::start().await;
    accounts.create(&full("a")).await;
    let patch = json!({
        "name": {"title": null, "lastName": "Smith"},
        "contact": {"secondaryPhone": null},
        "addresses": [{"type": "SHIPPING", "address1": "3 Way", "city": "C", "state": "S"}],
        "creditCards": null,
    });
    for media_type in ["application/merge-patch+json", "application/json"] {
        let patched = accounts.patch(A).header("Content-Type", media_type).if_match("*").json(&patch).send().await;
        assert_eq!((patched.status, patched.header("etag")), (200, "\"2\""), "{patched:?}");
        let customer = patched.json();
        assert_eq!(
            customer["name"],
            json!({"firstName": "José", "middleName": "M.", "lastName": "Smith", "suffix": "Jr."})
        );
        assert_eq!(customer["contact"], without(full("a")["contact"].clone(), "/secondaryPhone"));
        assert_eq!((&customer["addresses"], &customer["creditCards"]), (&patch["addresses"], &json!([])));
    }
    let nothing = accounts.patch(A).if_match("\"2\"").text("{}").send().await;
    assert_eq!((nothing.status, nothing.header("etag")), (200, "\"2\""));
    accounts.stop().await;
}

#[tokio::test]
async fn every_change_is_made_once_when_many_change_without_a_tag() {
    let accounts = Accounts::start().await;
    accounts.create(&small("a")).await;
    let change = |number: usize| {
        let patch = json!({"name": {"firstName": format!("Ann {number}")}});
        let ask = accounts.patch(A).if_match("*").json(&patch);
        async move { ask.send().await }
    };
    let answers = futures_util::future::join_all((0..8).map(change)).await;
    let made: Vec<Value> =
        answers.iter().filter(|answer| answer.status == 200).map(|a| a.json()["version"].clone()).collect();
    assert!(answers.iter().all(|answer| [200, 503].contains(&answer.status)), "{answers:?}");
    let last = accounts.get(A).send().await.json()["version"].as_u64().unwrap();
    assert_eq!(made.len() as u64, last - 1, "one version for each that was acknowledged: {made:?}");
    accounts.stop().await;
}
