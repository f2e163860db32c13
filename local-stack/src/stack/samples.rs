//! The sample customers, loaded as any client would: through the public API of accounts.
//!
//! Loading them again changes nothing. The last thing that is waited for is that orders has them.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

use crate::Progress;
use crate::service::Service;

/// One that everybody knows, one for each operation that destroys something (`sample-put` …), and others.
const CUSTOMERS: &str = include_str!("../../samples/customers.json");
const TOKEN: &str = "Consistency-Token";
/// What is still away after this has a defect; on a fresh stack it takes a second or two.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(100);

/// Creates what is not there, and waits until orders has all that is.
pub(super) async fn load(accounts: &Service, orders: &Service, progress: Progress) -> anyhow::Result<()> {
    let customers: Vec<Value> = serde_json::from_str(CUSTOMERS)?;
    let client = Client::builder().timeout(Duration::from_secs(30)).build()?;
    let step = progress.counted(format!("Loading {} sample customers", customers.len()), 2 * customers.len() as u64);
    let mut done = 0;
    let mut tokens = Vec::new();
    for customer in &customers {
        if let Some(token) = create(&client, accounts, customer).await? {
            tokens.push((id(customer), token));
        }
        done += 1;
        step.reached(done);
    }
    for (id, token) in &tokens {
        until_copied(&client, orders, id, token).await?;
        done += 1;
        step.reached(done);
    }
    step.done();
    Ok(())
}

/// The token of the customer as it is now; none for one that the user has deleted since.
async fn create(client: &Client, accounts: &Service, customer: &Value) -> anyhow::Result<Option<String>> {
    let answer = until_writes_are_taken(client, accounts, customer).await?;
    match answer.status() {
        StatusCode::CREATED => token(&answer).map(Some),
        StatusCode::CONFLICT => existing(client, accounts, &id(customer)).await,
        _ => bail!("accounts refused the sample customer {}: {}", id(customer), words(answer).await),
    }
}

/// A service that is ready may still be comparing its database with its log, and answers writes with 503 until then.
async fn until_writes_are_taken(client: &Client, accounts: &Service, customer: &Value) -> anyhow::Result<Response> {
    let url = format!("{}/accounts/customers", accounts.base_url());
    let begin = Instant::now();
    loop {
        let answer = client.post(&url).json(customer).send().await?;
        if answer.status() != StatusCode::SERVICE_UNAVAILABLE || begin.elapsed() > LONGEST_WAIT {
            return Ok(answer);
        }
        tokio::time::sleep(BETWEEN_ATTEMPTS).await;
    }
}

async fn existing(client: &Client, accounts: &Service, id: &str) -> anyhow::Result<Option<String>> {
    let answer = client.get(format!("{}/accounts/customers/{id}", accounts.base_url())).send().await?;
    match answer.status() {
        StatusCode::OK => token(&answer).map(Some),
        // Deleted, or its e-mail address belongs to a customer of the user's own.
        StatusCode::GONE | StatusCode::NOT_FOUND => Ok(None),
        _ => bail!("accounts does not tell the sample customer {id}: {}", words(answer).await),
    }
}

async fn until_copied(client: &Client, orders: &Service, id: &str, token: &str) -> anyhow::Result<()> {
    let url = format!("{}/orders/customers/{id}", orders.base_url());
    let begin = Instant::now();
    loop {
        let answer = client.get(&url).header(TOKEN, token).header("Prefer", "wait=10").send().await?;
        if answer.status().is_success() {
            return Ok(());
        }
        if begin.elapsed() > LONGEST_WAIT {
            bail!("orders does not show the sample customer {id}: {}", words(answer).await);
        }
        tokio::time::sleep(BETWEEN_ATTEMPTS).await;
    }
}

fn token(answer: &Response) -> anyhow::Result<String> {
    let token = answer.headers().get(TOKEN).and_then(|value| value.to_str().ok());
    Ok(token.context("accounts answered without a Consistency-Token")?.to_owned())
}

/// Ids are text, or, as in the well-known sample, a number.
fn id(customer: &Value) -> String {
    customer["id"].as_str().map_or_else(|| customer["id"].to_string(), str::to_owned)
}

async fn words(answer: Response) -> String {
    let status = answer.status();
    format!("{status} {}", answer.text().await.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn customers() -> Vec<Value> {
        serde_json::from_str(CUSTOMERS).unwrap()
    }

    #[test]
    fn no_two_samples_share_an_id_or_an_email() {
        let customers = customers();
        let ids: HashSet<String> = customers.iter().map(id).collect();
        let emails: HashSet<String> =
            customers.iter().map(|c| c["contact"]["email"].as_str().unwrap().to_lowercase()).collect();
        assert_eq!((ids.len(), emails.len()), (customers.len(), customers.len()));
    }

    #[test]
    fn there_is_one_for_each_operation_that_destroys_something() {
        let ids: HashSet<String> = customers().iter().map(id).collect();
        for needed in ["12345", "sample-put", "sample-patch", "sample-delete"] {
            assert!(ids.contains(needed), "{needed}");
        }
    }
}
