//! Everything about a request except its body, for a handler to read in the order that the API promises: nothing here
//! fails before it is asked, so a malformed `If-Match` (400) cannot be told before a wrong content type (415).

use std::convert::Infallible;
use std::fmt::Display;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::accept;
use super::consistency::Consistency;
use super::idempotency::IdempotencyKey;
use super::percent;
use super::precondition::Precondition;
use super::problem::Problem;
use super::query::Query;
use super::trace::TraceContext;

/// A request without its body. An extractor that never fails.
#[derive(Clone, Debug)]
pub struct Call(HttpRequest);

impl Call {
    /// A part of the path, decoded and parsed; the error's text continues the sentence "`name` …".
    ///
    /// # Errors
    /// 400 when `parse` refuses it.
    pub fn parameter<T, E: Display>(&self, name: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<T, Problem> {
        // The router has decoded everything but %2F, %25 and %2B.
        let text = self.0.match_info().get(name).and_then(percent::decode);
        let text = text.ok_or_else(|| Problem::malformed_path(name, "is not percent-encoded UTF-8"))?;
        parse(&text).map_err(|error| Problem::malformed_path(name, error.to_string()))
    }

    /// The query string, to be read parameter by parameter.
    pub fn query(&self) -> Query {
        Query::new(self.0.path(), self.0.query_string())
    }

    /// For operations that have no query parameter.
    ///
    /// # Errors
    /// 400 when there is one.
    pub fn without_query(&self) -> Result<(), Problem> {
        self.query().finish()
    }

    /// `If-Match` and `If-None-Match`.
    ///
    /// # Errors
    /// 400 when one is malformed.
    pub fn precondition(&self) -> Result<Precondition, Problem> {
        Precondition::from_headers(self.0.headers())
    }

    /// `Idempotency-Key`.
    ///
    /// # Errors
    /// 400 when it is malformed.
    pub fn idempotency_key(&self) -> Result<Option<IdempotencyKey>, Problem> {
        IdempotencyKey::from_headers(self.0.headers())
    }

    /// `Consistency-Token` and `Prefer`; `known` names the aggregates that this service owns or projects.
    ///
    /// # Errors
    /// 400 when a token is malformed or of something else.
    pub fn consistency(&self, known: &[&str]) -> Result<Consistency, Problem> {
        Consistency::from_headers(self.0.headers(), known)
    }

    /// Which of the offered media types the client likes best.
    pub fn preferred<'a>(&self, offered: &[&'a str]) -> &'a str {
        accept::preferred(self.0.headers(), offered)
    }

    /// The place in the trace that the request's effects belong to.
    pub fn trace(&self) -> TraceContext {
        let noted = self.0.extensions().get::<TraceContext>().copied();
        noted.unwrap_or_else(TraceContext::begin)
    }

    /// The path as it was asked for.
    pub fn path(&self) -> &str {
        self.0.path()
    }
}

impl FromRequest for Call {
    type Error = Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.clone())))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::super::problem::Kind;
    use super::*;

    #[test]
    fn a_part_of_the_path_is_decoded_once_and_in_full() {
        let parse = |text: &str| if text == "a/b%41" { Ok(()) } else { Err(text.to_owned()) };
        let call = Call(TestRequest::get().param("id", "a%2Fb%2541").to_http_request());
        assert_eq!(call.parameter("id", parse), Ok(()));
    }

    #[test]
    fn what_is_wrong_with_the_path_is_told_by_name() {
        let call = Call(TestRequest::get().param("id", "x").to_http_request());
        let refused = call.parameter("id", |_| Err::<(), _>("must be better")).unwrap_err();
        assert_eq!(refused.kind(), Kind::Malformed);
        assert_eq!(refused.to_string(), "Malformed request: path parameter id must be better");
    }

    #[test]
    fn an_operation_without_parameters_refuses_them() {
        let call = Call(TestRequest::with_uri("/things?verbose").to_http_request());
        assert_eq!(call.without_query().unwrap_err().kind(), Kind::Malformed);
    }
}
