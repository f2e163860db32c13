//! Problem documents (RFC 9457, <https://www.rfc-editor.org/rfc/rfc9457>): the only shape in which either service says no.
//!
//! A [`Problem`] is made where the refusal is decided and travels as an error; it becomes a response at the edge, which
//! adds the request it belongs to. One constructor per reason, so that a status, its title and the headers it owes
//! (`Allow`, `ETag`, `Retry-After`) cannot part. The reasons are listed for users in `docs/problems.md`.
//!
//! Must not: carry internals. What a person needs to find the cause is in the log under the request's id.

mod document;
mod kind;
mod storage;

use std::fmt;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};

pub use document::{Fault, MEDIA_TYPE, ParameterFault, Part, ProblemDocument};
pub use kind::Kind;

use super::percent;
use super::precondition::ETag;

/// So many faults are told at once; a client that made more will meet the rest after mending these.
pub const MAX_FAULTS: usize = 100;

/// A refusal: what kind, why in this case, and the headers that go with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<Fault>,
    parameters: Vec<ParameterFault>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// The request that a problem document belongs to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Occurrence<'a> {
    /// The path as it was asked for, without the query.
    pub path: Option<&'a str>,
    /// What the log knows the request by.
    pub request_id: Option<&'a str>,
}

impl Problem {
    /// A problem of this kind with one sentence about this case.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), parameters: Vec::new(), headers: Vec::new() }
    }

    /// 400: not JSON at all.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(Kind::Malformed, detail)
    }

    /// 400: parameters of the query or the path, or headers, that cannot be read; all of them at once.
    pub fn malformed_parameters(mut parameters: Vec<ParameterFault>) -> Self {
        parameters.truncate(MAX_FAULTS);
        let names: Vec<_> = parameters.iter().map(ParameterFault::to_string).collect();
        Self { parameters, ..Self::new(Kind::Malformed, names.join("; ")) }
    }

    /// 400: one header that cannot be read.
    pub fn malformed_header(name: &str, detail: impl Into<String>) -> Self {
        Self::malformed_parameters(vec![ParameterFault::new(Part::Header, name, detail)])
    }

    /// 400: one part of the path that cannot be read.
    pub fn malformed_path(name: &str, detail: impl Into<String>) -> Self {
        Self::malformed_parameters(vec![ParameterFault::new(Part::Path, name, detail)])
    }

    /// 401: no or unknown credentials (the operations port's `/admin/*`).
    pub fn unauthenticated() -> Self {
        Self::new(Kind::Unauthenticated, "a bearer token is required").with_header(header::WWW_AUTHENTICATE, "Bearer")
    }

    /// 403: known, and not allowed.
    pub fn forbidden() -> Self {
        Self::new(Kind::Forbidden, "these credentials do not allow this")
    }

    /// 404: nothing by this name.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, detail)
    }

    /// 405 with `Allow`, which RFC 9110 (section 15.5.6) demands.
    pub fn method_not_allowed(method: &str, allow: &str) -> Self {
        Self::new(Kind::MethodNotAllowed, format!("{method} is not one of: {allow}")).with_header(header::ALLOW, allow)
    }

    /// 408: the body did not arrive in time.
    pub fn request_timeout() -> Self {
        Self::new(Kind::RequestTimeout, "the body did not arrive in time").with_header(header::CONNECTION, "close")
    }

    /// 409: the request is right, the state is not: a name that is taken, a status that forbids it.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, detail)
    }

    /// 410: it existed and was deleted.
    pub fn gone(detail: impl Into<String>) -> Self {
        Self::new(Kind::Gone, detail)
    }

    /// 412: the client saw another state than the current one, whose tag comes with the answer.
    pub fn precondition_failed(current: &ETag) -> Self {
        Self::new(Kind::PreconditionFailed, "the state has changed since it was read; read it again")
            .with_header(header::ETAG, &current.to_string())
    }

    /// 413: the body has more bytes than this.
    pub fn content_too_large(limit: usize) -> Self {
        Self::new(Kind::ContentTooLarge, format!("a body may have at most {limit} bytes"))
    }

    /// 415: a content type or coding that this operation does not read.
    pub fn unsupported_media_type(accepted: &[&str]) -> Self {
        let accepted = accepted.join(", ");
        Self::new(Kind::UnsupportedMediaType, format!("the body must be {accepted}, not encoded"))
            .with_header(header::ACCEPT, &accepted)
            .with_header(header::ACCEPT_ENCODING, "identity")
    }

    /// 422: JSON whose content is wrong, with every fault (the first [`MAX_FAULTS`]).
    pub fn invalid(mut errors: Vec<Fault>) -> Self {
        errors.truncate(MAX_FAULTS);
        let detail = match errors.len() {
            1 => "1 fault, see errors".to_owned(),
            count => format!("{count} faults, see errors"),
        };
        Self { errors, ..Self::new(Kind::Invalid, detail) }
    }

    /// 422: the `Idempotency-Key` was used before, with another body.
    pub fn idempotency_key_reused() -> Self {
        Self::new(Kind::KeyReused, "this Idempotency-Key was used before with another body")
    }

    /// 428: an `If-Match` is required.
    pub fn precondition_required() -> Self {
        Self::new(Kind::PreconditionRequired, "send If-Match with the ETag that was read, or * for any state")
    }

    /// 429: too many of the same at once.
    pub fn too_many_requests(detail: impl Into<String>, retry_after: Duration) -> Self {
        Self::new(Kind::TooManyRequests, detail).retry_after(retry_after)
    }

    /// 503: nothing happened; the same request may work later.
    pub fn unavailable(detail: impl Into<String>, retry_after: Duration) -> Self {
        Self::new(Kind::Unavailable, detail).retry_after(retry_after)
    }

    /// 503: the command may or may not have happened; the client must look, or repeat it idempotently.
    pub fn outcome_unknown(retry_after: Duration) -> Self {
        Self::new(Kind::OutcomeUnknown, "the change may or may not have been made; read the state before repeating it")
            .retry_after(retry_after)
    }

    /// 503: the state that the `Consistency-Token` asks for has not arrived within the wait.
    pub fn not_yet_consistent(retry_after: Duration) -> Self {
        Self::new(Kind::NotYetConsistent, "the state that the Consistency-Token names has not arrived here yet")
            .retry_after(retry_after)
    }

    /// 500: a defect. Its cause is logged here, and only logged.
    pub fn internal(cause: impl fmt::Display) -> Self {
        tracing::error!(%cause, "a request met a defect");
        Self::new(Kind::Internal, "the service has a defect; it was logged with the request's id")
    }

    /// The kind, for those who decide on it.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The faults of the body.
    pub fn errors(&self) -> &[Fault] {
        &self.errors
    }

    /// The response for a request; what [`ResponseError`] does without knowing the request.
    pub fn respond(&self, to: Occurrence<'_>) -> HttpResponse {
        let mut response = HttpResponse::build(self.kind.status());
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        response.content_type(MEDIA_TYPE).json(self.document(to))
    }

    fn document(&self, to: Occurrence<'_>) -> ProblemDocument {
        ProblemDocument {
            type_: self.kind.type_reference(),
            title: self.kind.title().to_owned(),
            status: self.kind.status().as_u16(),
            detail: self.detail.clone(),
            instance: to.path.map(percent::as_path),
            request_id: to.request_id.map(str::to_owned),
            errors: self.errors.clone(),
            parameters: self.parameters.clone(),
        }
    }

    fn retry_after(self, wait: Duration) -> Self {
        self.with_header(header::RETRY_AFTER, &whole_seconds(wait).to_string())
    }

    /// With one more header: what is known of the entity that the refusal is about, for example. A value that no header
    /// can hold is left out: it would be a defect of ours, and the status matters more.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }
}

/// `Retry-After` knows whole seconds; zero would invite a storm.
fn whole_seconds(wait: Duration) -> u64 {
    let rounded_up = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    rounded_up.max(1)
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.title(), self.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.respond(Occurrence::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(problem: &Problem, name: HeaderName) -> Option<String> {
        let response = problem.error_response();
        response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn each_status_brings_the_headers_it_owes() {
        let tag = ETag::of_version(7);
        let stale = Problem::precondition_failed(&tag);
        assert_eq!(header(&stale, header::ETAG).as_deref(), Some("\"7\""));
        let method = Problem::method_not_allowed("PUT", "GET, HEAD");
        assert_eq!(header(&method, header::ALLOW).as_deref(), Some("GET, HEAD"));
        let later = Problem::unavailable("no", Duration::from_millis(1200));
        assert_eq!(header(&later, header::RETRY_AFTER).as_deref(), Some("2"));
        let soon = Problem::outcome_unknown(Duration::ZERO);
        assert_eq!(header(&soon, header::RETRY_AFTER).as_deref(), Some("1"));
        assert_eq!(header(&soon, header::CONTENT_TYPE).as_deref(), Some(MEDIA_TYPE));
    }

    #[test]
    fn a_body_with_too_many_faults_is_told_the_first_hundred() {
        let faults = (0..500).map(|n| Fault::new(format!("/{n}"), "is wrong")).collect();
        assert_eq!(Problem::invalid(faults).errors().len(), MAX_FAULTS);
    }

    #[test]
    fn the_document_names_the_occurrence_and_leaves_out_what_is_empty() {
        let to = Occurrence { path: Some("/things/1"), request_id: Some("r-1") };
        let json = serde_json::to_value(Problem::gone("deleted").document(to)).unwrap();
        let expected = serde_json::json!({
            "type": "/problems/gone", "title": "Gone", "status": 410, "detail": "deleted",
            "instance": "/things/1", "requestId": "r-1",
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn parameters_are_named_in_the_document_and_in_its_sentence() {
        let problem = Problem::malformed_parameters(vec![
            ParameterFault::new(Part::Query, "limit", "must be 1 to 200"),
            ParameterFault::new(Part::Query, "colour", "is unknown"),
        ]);
        let json = serde_json::to_value(problem.document(Occurrence::default())).unwrap();
        assert_eq!(json["detail"], "query parameter limit must be 1 to 200; query parameter colour is unknown");
        assert_eq!(json["parameters"][0]["in"], "query");
        assert_eq!(json["parameters"][1]["name"], "colour");
    }
}
