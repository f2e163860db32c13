//! The sample orders: what is planned, given to the public API of orders.

use std::collections::HashSet;

use anyhow::bail;
use chrono::Utc;
use futures_util::{StreamExt, stream};
use reqwest::{Response, StatusCode};

use super::api::{Api, token, words};
use super::customers;
use super::plan::{self, End, SampleOrder};
use crate::Progress;

/// Requests at the same time; the service makes few writes of them.
const AT_ONCE: usize = 32;
/// Tokens in one request: as many as it may carry.
const TOKENS: usize = 20;

/// What became of one.
enum Outcome {
    /// It is there, at the version that the token names.
    There(String),
    /// It is there, as an earlier run or the user left it.
    AsItWas,
    /// It is not, and why.
    Refused(String),
}

/// Places what is not there, ends what has ended, and waits until the reports count all of it.
pub(super) async fn load(orders: &Api, customers: &HashSet<String>, progress: Progress) -> anyhow::Result<()> {
    let mut plan = plan::orders(Utc::now().date_naive(), &customers::all()?);
    plan.retain(|order| customers.contains(&order.customer));
    let step = progress.counted(format!("Loading {} sample orders", plan.len()), plan.len() as u64);
    let mut outcomes = stream::iter(&plan).map(|order| make(orders, order)).buffer_unordered(AT_ONCE);
    let (mut done, mut tokens, mut refused) = (0, Vec::new(), Vec::new());
    while let Some(outcome) = outcomes.next().await {
        match outcome? {
            Outcome::There(token) => tokens.push(token),
            Outcome::AsItWas => {}
            Outcome::Refused(why) => refused.push(why),
        }
        done += 1;
        step.reached(done);
    }
    for tokens in tokens.chunks(TOKENS) {
        orders.until_seen("/orders/reports/item-sales?limit=1", tokens, "the sample orders in its report").await?;
    }
    step.done();
    if let Some(first) = refused.first() {
        progress.say(&format!("{} sample orders are not there; {first}", refused.len()));
    }
    Ok(())
}

/// Places one and brings it to its end.
async fn make(orders: &Api, order: &SampleOrder) -> anyhow::Result<Outcome> {
    let answer = orders.post("/orders", Some(&order.body)).await?;
    let placed = match answer.status() {
        StatusCode::CREATED | StatusCode::OK => Outcome::There(token(&answer)?),
        // From another day's run: the days of the plan have moved since.
        StatusCode::CONFLICT => Outcome::AsItWas,
        _ => refused(order, answer).await?,
    };
    match (placed, order.end) {
        (Outcome::There(_) | Outcome::AsItWas, End::Fulfilled) => end(orders, order, "fulfil").await,
        (Outcome::There(_) | Outcome::AsItWas, End::Cancelled) => end(orders, order, "cancel").await,
        (placed, End::None | End::Fulfilled | End::Cancelled) => Ok(placed),
    }
}

/// Repeating it changes nothing.
async fn end(orders: &Api, order: &SampleOrder, call: &str) -> anyhow::Result<Outcome> {
    let answer = orders.post(&format!("/orders/{}/{call}", order.id), None).await?;
    match answer.status() {
        StatusCode::OK => Ok(Outcome::There(token(&answer)?)),
        // The user gave it the other end, or took its customer or address away.
        StatusCode::CONFLICT => Ok(Outcome::AsItWas),
        _ => refused(order, answer).await,
    }
}

/// What the user did to the sample customers may stand in the way of an order; a service in trouble is another matter.
async fn refused(order: &SampleOrder, answer: Response) -> anyhow::Result<Outcome> {
    let is_server_error = answer.status().is_server_error();
    let why = format!("orders refused the sample order {}: {}", order.id, words(answer).await);
    if is_server_error { bail!(why) } else { Ok(Outcome::Refused(why)) }
}
