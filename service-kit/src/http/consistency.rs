//! Read your writes across services (D7, G7): a client carries a `Consistency-Token` from the service that wrote to the
//! one that reads, and is never shown an older state of *that entity*. Here the request is read and the answer marked;
//! the waiting is in [`Waiters`], and [`Sources`] says where to look.
//!
//! Must not: compare positions in a log. A highest position says nothing about the changes below it.

mod prefer;
mod sources;
mod waiters;

use std::time::Duration;

use actix_web::HttpResponseBuilder;
use actix_web::http::header::{HeaderMap, HeaderName};
use shared_events::token::ConsistencyToken;

use super::header::combined;
use super::problem::Problem;
pub use prefer::{DEFAULT_WAIT, MAX_WAIT};
pub use sources::{Sources, Version, Versions};
pub(super) use waiters::WAITING;
pub use waiters::Waiters;

/// The header that carries tokens, in requests and answers.
pub const TOKEN_HEADER: HeaderName = HeaderName::from_static("consistency-token");

/// The answer's header that says `stale` when an older state than the asked one was accepted.
pub const STALE_HEADER: HeaderName = HeaderName::from_static("consistency");

/// So many tokens a request may carry: each is a read, again and again while it is waited for.
const MAX_TOKENS: usize = 20;

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// Whether an answer has all that the tokens ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a stale answer has to be marked with Consistency::mark"]
pub enum Freshness {
    /// It has.
    Current,
    /// It has not, and the client said that this is fine (`Prefer: handling=lenient`).
    Stale,
}

/// What a request asks of the state it is answered from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consistency {
    tokens: Vec<ConsistencyToken>,
    wait: Duration,
    wait_was_asked: bool,
    lenient: bool,
}

impl Consistency {
    /// Reads `Consistency-Token` and `Prefer`; `known` names the aggregates that this service owns or projects.
    ///
    /// # Errors
    /// 400 for a malformed token, for one of an aggregate this service does not know, and for more than 20. A malformed `Prefer` is
    /// ignored (RFC 7240, section 2).
    pub fn from_headers(headers: &HeaderMap, known: &[&str]) -> Result<Self, Problem> {
        let tokens = match combined(headers, &TOKEN_HEADER)? {
            Some(text) => ConsistencyToken::decode_list(&text).map_err(|error| refuse(&error.to_string()))?,
            None => Vec::new(),
        };
        if tokens.len() > MAX_TOKENS {
            return Err(refuse("may hold at most 20 tokens"));
        }
        if tokens.iter().any(|token| !known.contains(&token.aggregate.as_str())) {
            return Err(refuse("is of something this service does not know"));
        }
        let preferences = prefer::read(headers);
        Ok(Self {
            tokens,
            wait: preferences.wait.unwrap_or(DEFAULT_WAIT),
            wait_was_asked: preferences.wait.is_some(),
            lenient: preferences.lenient,
        })
    }

    /// Whether the request asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The tokens, in the order they were given.
    pub fn tokens(&self) -> &[ConsistencyToken] {
        &self.tokens
    }

    /// How long the request wants to wait, at most [`MAX_WAIT`].
    pub fn wait(&self) -> Duration {
        self.wait
    }

    /// Says in the answer what came of the request: `Consistency: stale`, and `Preference-Applied` (RFC 7240) for the
    /// preferences that made a difference.
    pub fn mark(&self, freshness: Freshness, response: &mut HttpResponseBuilder) {
        let mut applied = Vec::new();
        if self.wait_was_asked && !self.is_empty() {
            applied.push(format!("wait={}", self.wait.as_secs()));
        }
        match freshness {
            Freshness::Current => {}
            Freshness::Stale => {
                applied.push("handling=lenient".to_owned());
                response.insert_header((STALE_HEADER, "stale"));
            }
        }
        if !applied.is_empty() {
            response.insert_header((PREFERENCE_APPLIED, applied.join(", ")));
        }
    }
}

fn refuse(detail: &str) -> Problem {
    Problem::malformed_header(shared_events::token::HEADER, detail)
}

#[cfg(test)]
mod tests {
    use actix_web::HttpResponse;
    use actix_web::http::header::HeaderValue;

    use super::super::problem::Kind;
    use super::*;

    fn read(lines: &[(&'static str, &str)]) -> Result<Consistency, Kind> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        Consistency::from_headers(&headers, &["customer"]).map_err(|problem| problem.kind())
    }

    #[test]
    fn several_tokens_may_stand_in_one_line_or_in_several() {
        let [one, two] = [1, 2].map(|version| ConsistencyToken::new("customer", "a", version));
        let both = vec![one.clone(), two.clone()];
        let line = format!("{}, {}", one.encode(), two.encode());
        assert_eq!(read(&[("consistency-token", &line)]).unwrap().tokens, both);
        let lines = [("consistency-token", &*one.encode()), ("consistency-token", &*two.encode())];
        assert_eq!(read(&lines).unwrap().tokens, both);
    }

    #[test]
    fn what_is_no_token_of_this_service_is_refused() {
        let foreign = ConsistencyToken::new("wallet", "a", 1).encode();
        let many = vec![ConsistencyToken::new("customer", "a", 1).encode(); 21].join(",");
        for bad in ["", "x", "AAAA", foreign.as_str(), many.as_str()] {
            assert_eq!(read(&[("consistency-token", bad)]), Err(Kind::Malformed), "{bad}");
        }
    }

    #[test]
    fn the_answer_says_which_preferences_made_a_difference() {
        let token = ConsistencyToken::new("customer", "a", 1).encode();
        let asked = read(&[("consistency-token", &token), ("prefer", "wait=99, handling=lenient")]).unwrap();
        assert_eq!(asked.wait(), MAX_WAIT);
        let mut response = HttpResponse::Ok();
        asked.mark(Freshness::Stale, &mut response);
        let response = response.finish();
        assert_eq!(response.headers().get("consistency").unwrap(), "stale");
        assert_eq!(response.headers().get("preference-applied").unwrap(), "wait=30, handling=lenient");

        let mut response = HttpResponse::Ok();
        read(&[("prefer", "wait=5")]).unwrap().mark(Freshness::Current, &mut response);
        assert!(response.finish().headers().is_empty(), "nothing was waited for");
    }
}
