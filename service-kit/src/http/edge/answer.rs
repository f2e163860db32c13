//! What every answer has: a problem document where it refuses, whoever refused it, the headers that keep a browser from
//! doing more with it than showing it, and, while the service drains, `Connection: close`.

use std::fmt;

use actix_web::body::{self, BodySize, BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::{Error, HttpResponse, ResponseError};

use super::super::problem::{Kind, Occurrence, Problem};
use super::{Asked, request_id};

const API_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// Gives an answer what every answer has.
pub(super) fn complete(response: ServiceResponse<BoxBody>, asked: &Asked) -> ServiceResponse<BoxBody> {
    let (request, response) = response.into_parts();
    let mut response = match refusal_in(&response) {
        Some(problem) => problem.respond(asked.occurrence()),
        None => response,
    };
    decorate(&mut response, asked);
    ServiceResponse::new(request, without_content_for_head(response, asked))
}

/// The connection leaves the content out by itself, except when the client has sent its next request already: then that
/// one's method decides, and what was left in would be read as the next answer.
fn without_content_for_head(response: HttpResponse<BoxBody>, asked: &Asked) -> HttpResponse<BoxBody> {
    if asked.method == Method::HEAD { response.set_body(BoxBody::new(body::None::new())) } else { response }
}

/// A refusal that has to be written anew: one of ours, which does not know its request yet, or one of the framework's,
/// which is no problem document. An answer with a body of its own stays as it is.
fn refusal_in(response: &HttpResponse<BoxBody>) -> Option<Problem> {
    if let Some(error) = response.error() {
        return Some(problem_of(error));
    }
    let status = response.status();
    let bare = matches!(response.body().size(), BodySize::None | BodySize::Sized(0));
    let refused = status.is_client_error() || status.is_server_error();
    (refused && bare).then(|| framework_problem(status))
}

/// The problem behind an error. The framework's own words are not told: they name types of this program.
pub(super) fn problem_of(error: &Error) -> Problem {
    match error.as_error::<Problem>() {
        Some(problem) => problem.clone(),
        None => {
            tracing::debug!(%error, "the framework refused a request");
            framework_problem(error.as_response_error().status_code())
        }
    }
}

fn framework_problem(status: StatusCode) -> Problem {
    let kind = Kind::of_status(status);
    if kind == Kind::Internal {
        return Problem::internal(format!("the framework answered {status}"));
    }
    Problem::new(kind, "the request cannot be handled")
}

/// An answer that is given instead of the one that was being made; the request itself is gone with that one.
#[derive(Debug)]
pub(super) struct Cut {
    problem: Problem,
    asked: Asked,
}

impl Cut {
    pub(super) fn new(problem: Problem, asked: &Asked) -> Self {
        Self { problem, asked: asked.clone() }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.problem.kind().status()
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl ResponseError for Cut {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = self.problem.respond(self.asked.occurrence());
        decorate(&mut response, &self.asked);
        without_content_for_head(response, &self.asked)
    }
}

impl Asked {
    fn occurrence(&self) -> Occurrence<'_> {
        Occurrence { path: Some(&self.path), request_id: Some(self.id.as_str()) }
    }
}

/// Headers that an answer set itself stay.
fn decorate(response: &mut HttpResponse<BoxBody>, asked: &Asked) {
    if asked.draining.is_cancelled() {
        // A client that keeps its connection must hear of the end with an answer (RFC 9112, section 9.6): what it sends
        // into a connection that is just being closed is lost.
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    let headers = response.headers_mut();
    if let Some(id) = asked.id.value() {
        headers.insert(request_id::HEADER, id);
    }
    // What has a tag may be kept and asked about (304); it is one person's data, so no shared cache keeps it.
    let caching = if headers.contains_key(header::ETAG) { "private, no-cache" } else { "no-store" };
    set_absent(headers, header::CACHE_CONTROL, HeaderValue::from_static(caching));
    set_absent(headers, header::CONTENT_SECURITY_POLICY, API_POLICY);
    set_absent(headers, header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    set_absent(headers, header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

fn set_absent(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    if !headers.contains_key(&name) {
        headers.insert(name, value);
    }
}
