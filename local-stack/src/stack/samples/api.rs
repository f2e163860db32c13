//! A service's public API, as a patient client uses it.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::Value;

use crate::service::Service;

const TOKEN: &str = "Consistency-Token";
/// What is still away after this has a defect; on a fresh stack it takes a second or two.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(100);

/// One of the two services.
#[derive(Debug)]
pub(super) struct Api {
    client: Client,
    base_url: String,
}

impl Api {
    pub(super) fn of(service: &Service) -> anyhow::Result<Self> {
        let client = Client::builder().timeout(Duration::from_secs(30)).build()?;
        Ok(Self { client, base_url: service.base_url() })
    }

    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Response> {
        Ok(self.client.get(self.url(path)).send().await?)
    }

    /// With a body, or without one.
    pub(super) async fn post(&self, path: &str, body: Option<&Value>) -> anyhow::Result<Response> {
        let request = || {
            let request = self.client.post(self.url(path));
            if let Some(body) = body { request.json(body) } else { request }
        };
        until_writes_are_taken(request).await
    }

    /// Reads until the answer is from a state that has what the tokens name; `what` is for the error's words.
    pub(super) async fn until_seen(&self, path: &str, tokens: &[String], what: &str) -> anyhow::Result<()> {
        let begin = Instant::now();
        loop {
            let request = self.client.get(self.url(path)).header(TOKEN, tokens.join(",")).header("Prefer", "wait=10");
            let answer = request.send().await?;
            if answer.status().is_success() {
                return Ok(());
            }
            if begin.elapsed() > LONGEST_WAIT {
                bail!("orders does not show {what}: {}", words(answer).await);
            }
            tokio::time::sleep(BETWEEN_ATTEMPTS).await;
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }
}

/// A service that is ready may still be comparing its database with its log, and answers writes with 503 until then.
async fn until_writes_are_taken(request: impl Fn() -> RequestBuilder) -> anyhow::Result<Response> {
    let begin = Instant::now();
    loop {
        let answer = request().send().await?;
        if answer.status() != StatusCode::SERVICE_UNAVAILABLE || begin.elapsed() > LONGEST_WAIT {
            return Ok(answer);
        }
        tokio::time::sleep(BETWEEN_ATTEMPTS).await;
    }
}

pub(super) fn token(answer: &Response) -> anyhow::Result<String> {
    let token = answer.headers().get(TOKEN).and_then(|value| value.to_str().ok());
    Ok(token.with_context(|| format!("{} answered without a Consistency-Token", answer.url()))?.to_owned())
}

pub(super) async fn words(answer: Response) -> String {
    let status = answer.status();
    format!("{status} {}", answer.text().await.unwrap_or_default())
}
