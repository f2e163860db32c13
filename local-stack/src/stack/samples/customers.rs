//! The sample customers.

use std::collections::HashSet;

use anyhow::bail;
use reqwest::StatusCode;
use serde_json::Value;

use super::api::{Api, token, words};
use crate::Progress;

/// One that everybody knows, one for each operation that destroys something (`sample-put` …), and others.
const CUSTOMERS: &str = include_str!("../../../samples/customers.json");

/// All of them, as they are sent.
pub(super) fn all() -> serde_json::Result<Vec<Value>> {
    serde_json::from_str(CUSTOMERS)
}

/// Creates what is not there, and waits until orders has all that is; returns the ids of those.
pub(super) async fn load(accounts: &Api, orders: &Api, progress: Progress) -> anyhow::Result<HashSet<String>> {
    let customers = all()?;
    let step = progress.counted(format!("Loading {} sample customers", customers.len()), 2 * customers.len() as u64);
    let mut done = 0;
    let mut tokens = Vec::new();
    for customer in &customers {
        if let Some(token) = create(accounts, customer).await? {
            tokens.push((id(customer), token));
        }
        done += 1;
        step.reached(done);
    }
    let mut there = HashSet::new();
    for (id, token) in tokens {
        let what = format!("the sample customer {id}");
        orders.until_seen(&format!("/orders/customers/{id}"), &[token], &what).await?;
        there.insert(id);
        done += 1;
        step.reached(done);
    }
    step.done();
    Ok(there)
}

/// The token of the customer as it is now; none for one that the user has deleted since.
async fn create(accounts: &Api, customer: &Value) -> anyhow::Result<Option<String>> {
    let answer = accounts.post("/accounts/customers", Some(customer)).await?;
    match answer.status() {
        StatusCode::CREATED => token(&answer).map(Some),
        StatusCode::CONFLICT => existing(accounts, &id(customer)).await,
        _ => bail!("accounts refused the sample customer {}: {}", id(customer), words(answer).await),
    }
}

async fn existing(accounts: &Api, id: &str) -> anyhow::Result<Option<String>> {
    let answer = accounts.get(&format!("/accounts/customers/{id}")).await?;
    match answer.status() {
        StatusCode::OK => token(&answer).map(Some),
        // Deleted, or its e-mail address belongs to a customer of the user's own.
        StatusCode::GONE | StatusCode::NOT_FOUND => Ok(None),
        _ => bail!("accounts does not tell the sample customer {id}: {}", words(answer).await),
    }
}

/// Ids are text, or, as in the well-known sample, a number.
pub(super) fn id(customer: &Value) -> String {
    customer["id"].as_str().map_or_else(|| customer["id"].to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_samples_share_an_id_or_an_email() {
        let customers = all().unwrap();
        let ids: HashSet<String> = customers.iter().map(id).collect();
        let emails: HashSet<String> =
            customers.iter().map(|c| c["contact"]["email"].as_str().unwrap().to_lowercase()).collect();
        assert_eq!((ids.len(), emails.len()), (customers.len(), customers.len()));
    }

    #[test]
    fn there_is_one_for_each_operation_that_destroys_something() {
        let ids: HashSet<String> = all().unwrap().iter().map(id).collect();
        for needed in ["12345", "sample-put", "sample-patch", "sample-delete"] {
            assert!(ids.contains(needed), "{needed}");
        }
    }
}
