//! A client as strangers write them: HTTP and nothing else. What it must get right is what it knows after a failure:
//! a request that never left is not one whose answer was lost.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rand::seq::IndexedRandom;
use reqwest::header::{ETAG, HeaderMap};
use serde_json::Value;
use shared_events::token;

use super::eventually::eventually;

/// Past every time-out that the services have: who waits longer hangs.
const HANGS_AFTER: Duration = Duration::from_secs(45);

/// What became of a request.
#[derive(Debug)]
pub(crate) enum Reply {
    Answer(Answer),
    /// No connection could be made: nobody has seen the request.
    NotSent,
    /// The connection broke before the answer was complete: anything may have happened.
    Lost,
    /// Nobody answered: the one thing that no fault excuses.
    Hangs,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn etag(&self) -> Option<&str> {
        self.headers.get(ETAG).and_then(|value| value.to_str().ok())
    }

    /// The version that a customer's `ETag` names.
    pub(crate) fn version(&self) -> Option<u64> {
        self.etag()?.trim_matches('"').parse().ok()
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.header(token::HEADER)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {self}"))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Whether this is the problem document that admits not to know.
    pub(crate) fn outcome_is_unknown(&self) -> bool {
        let problem: Option<Value> = serde_json::from_slice(&self.body).ok();
        let kind = problem.as_ref().and_then(|problem| problem["type"].as_str()).unwrap_or_default();
        self.status == 503 && kind.contains("outcome-unknown")
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, self.text())
    }
}

/// One client for a test: its connections are reused, as a client's are.
pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder().timeout(HANGS_AFTER).no_proxy().build().unwrap()
}

pub(crate) async fn send(request: reqwest::RequestBuilder) -> Reply {
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) if error.is_connect() => return Reply::NotSent,
        Err(error) => return lost(&error),
    };
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    match response.bytes().await {
        Ok(body) => Reply::Answer(Answer { status, headers, body: body.to_vec() }),
        Err(error) => lost(&error),
    }
}

fn lost(error: &reqwest::Error) -> Reply {
    if error.is_timeout() { Reply::Hangs } else { Reply::Lost }
}

/// For requests to services that nobody harms: there is an answer.
pub(crate) async fn answer(request: reqwest::RequestBuilder) -> Answer {
    match send(request).await {
        Reply::Answer(answer) => answer,
        other @ (Reply::NotSent | Reply::Lost | Reply::Hangs) => panic!("no answer: {other:?}"),
    }
}

/// As a client does that is told `Retry-After`: until a service that has just started takes writes.
pub(crate) async fn accepted(request: reqwest::RequestBuilder) -> Answer {
    eventually("the request is accepted", || async {
        let answer = answer(request.try_clone().expect("its body is in memory")).await;
        if answer.status == 503 { Err(answer.to_string()) } else { Ok(answer) }
    })
    .await
}

/// The instances of a service that run at the moment, as a load balancer knows them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Instances {
    urls: Arc<RwLock<Vec<String>>>,
}

impl Instances {
    pub(crate) fn of<'a>(urls: impl IntoIterator<Item = &'a str>) -> Self {
        let instances = Self::default();
        instances.set(urls);
        instances
    }

    pub(crate) fn set<'a>(&self, urls: impl IntoIterator<Item = &'a str>) {
        *self.urls.write().unwrap_or_else(PoisonError::into_inner) = urls.into_iter().map(str::to_owned).collect();
    }

    /// One of them; `None` while none runs.
    pub(crate) fn any(&self, rng: &mut impl rand::Rng) -> Option<String> {
        self.urls.read().unwrap_or_else(PoisonError::into_inner).choose(rng).cloned()
    }
}
