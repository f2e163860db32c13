//! When several faults apply, the first of 415, 413, 400, 404/410, 428, 412, 422, 409 is told.

use serde_json::json;

use crate::bodies::{small, with, without};
use crate::harness::{Accounts, Ask};

const A: &str = "/accounts/customers/a";

#[tokio::test]
async fn the_first_fault_in_the_promised_order_is_told() {
    let accounts = Accounts::start().await;
    accounts.create(&small("a")).await;
    accounts.create(&small("taken")).await;
    accounts.create(&small("gone")).await;
    accounts.delete("/accounts/customers/gone").if_match("*").send().await;
    let before = accounts.stored().await;

    let too_large = || format!("{{\"x\": \"{}\"}}", "x".repeat(256 * 1024));
    let invalid = || without(small("a"), "/name").to_string();
    let taken = || with(small("a"), "/contact/email", json!("taken@example.com")).to_string();
    let cases: Vec<(u16, Ask<'_>)> = vec![
        (415, accounts.put("/accounts/customers/unknown").header("Content-Type", "text/plain").text(&too_large())),
        (415, accounts.post("/accounts/customers").header("Content-Type", "application/xml").text("{")),
        (415, accounts.patch("/accounts/customers/..%2F").header("Content-Type", "text/plain").text("{")),
        (413, accounts.put("/accounts/customers/unknown").if_match("x").text(&too_large())),
        (413, accounts.post("/accounts/customers?x=1").text(&too_large())),
        (400, accounts.put("/accounts/customers/unknown").text("{")),
        (400, accounts.put("/accounts/customers/a%20b").text(&invalid())),
        (400, accounts.put("/accounts/customers/unknown").if_match("1").text(&invalid())),
        (400, accounts.put(A).header("Consistency-Token", "x").text(&invalid())),
        (400, accounts.post("/accounts/customers?x=1").text(&invalid())),
        (
            400,
            accounts
                .post("/accounts/customers")
                .header("Idempotency-Key", "k")
                .text(&with(small("a"), "/name", json!(1)).to_string()),
        ),
        (404, accounts.put("/accounts/customers/unknown").text(&invalid())),
        (410, accounts.put("/accounts/customers/gone").text(&invalid())),
        (404, accounts.delete("/accounts/customers/unknown").if_match("\"7\"")),
        (428, accounts.put(A).text(&invalid())),
        (428, accounts.patch(A).text("[]")),
        (412, accounts.put(A).if_match("\"7\"").text(&invalid())),
        (412, accounts.patch(A).if_match("\"7\"").text("[]")),
        (
            422,
            accounts
                .put(A)
                .if_match("*")
                .text(&with(serde_json::from_str(&taken()).unwrap(), "/version", json!(9)).to_string()),
        ),
        (422, accounts.post("/accounts/customers").text(&without(small("taken"), "/name").to_string())),
        (409, accounts.put(A).if_match("*").text(&taken())),
        (409, accounts.post("/accounts/customers").text(&small("a").to_string())),
    ];
    for (number, (status, ask)) in cases.into_iter().enumerate() {
        let answer = ask.send().await;
        assert_eq!(answer.status, status, "case {number}: {answer:?}");
        answer.problem();
    }
    assert_eq!(accounts.stored().await, before);
    accounts.stop().await;
}
