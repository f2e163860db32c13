//! What every request passes on its way in and out, on both ports: an id and a place in a trace, a limit on its time,
//! and on the way out a problem document for every refusal (whoever made it), the headers that every answer has, the
//! word that a draining service keeps no connection, one log line, and its figures.
//!
//! Must not: write query values, headers or bodies to the log. A path is fine: it holds ids, and those are ours.

mod answer;
mod record;
mod request_id;

use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

use self::answer::Cut;
use self::record::Record;
pub(super) use self::record::{DURATION, IN_FLIGHT};
pub use self::request_id::RequestId;
use super::health::Health;
use super::problem::Problem;
use super::routes::Routes;
use super::settings::Limits;
use super::trace::{self, TraceContext};

/// When a client may come back after its request took too long.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What is known of a request before it is routed.
#[derive(Clone, Debug)]
struct Asked {
    method: Method,
    path: String,
    id: RequestId,
    trace: TraceContext,
    /// Cancelled when the service drains, which may happen before the answer is there.
    draining: CancellationToken,
}

/// The outermost middleware of both servers.
pub(super) async fn pass(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let asked = Asked::of(&request);
    let limit = request.app_data::<Limits>().copied().unwrap_or_default().request_wait;
    let routes = request.app_data::<Routes>().cloned().unwrap_or_default();
    request.extensions_mut().insert(asked.trace);
    request.extensions_mut().insert(asked.id.clone());
    answer_head_like_get(&mut request);

    let record = Record::begin();
    let span = asked.span();
    let work = asked.trace.scope(tokio::time::timeout(limit, next.call(request)));
    let answered = work.instrument(span.clone()).await;
    let result = match answered {
        Ok(Ok(response)) => Ok(answer::complete(response.map_into_boxed_body(), &asked)),
        Ok(Err(error)) => Err(Cut::new(answer::problem_of(&error), &asked)),
        Err(_elapsed) => Err(Cut::new(asked.took_too_long(), &asked)),
    };
    let (status, route) = match &result {
        Ok(response) => (response.status(), response.request().match_pattern()),
        Err(cut) => (cut.status(), routes.pattern_of(&asked.path).map(str::to_owned)),
    };
    span.in_scope(|| record.end(&asked, route.as_deref(), status));
    result.map_err(Error::from)
}

impl Asked {
    fn of(request: &ServiceRequest) -> Self {
        Self {
            method: request.method().clone(),
            path: request.path().to_owned(),
            id: RequestId::of(request.headers()),
            trace: TraceContext::follow(single_traceparent(request.headers())),
            draining: request.app_data::<web::Data<Health>>().map(|health| health.draining()).unwrap_or_default(),
        }
    }

    fn span(&self) -> Span {
        tracing::info_span!(
            "request",
            method = %self.method,
            path = %self.path,
            request_id = %self.id,
            trace_id = %self.trace.trace_id(),
        )
    }

    /// A read that was cut off did nothing; of anything else nobody knows.
    fn took_too_long(&self) -> Problem {
        if self.method.is_safe() {
            Problem::unavailable("the answer was not ready in time", RETRY_AFTER)
        } else {
            Problem::outcome_unknown(RETRY_AFTER)
        }
    }
}

/// Several `traceparent` lines are as good as none.
fn single_traceparent(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all(trace::HEADER);
    let first = lines.next().and_then(|line| line.to_str().ok());
    first.filter(|_| lines.next().is_none())
}

/// RFC 9110, section 9.3.2: HEAD is GET without the content, which is left out on the way back.
fn answer_head_like_get(request: &mut ServiceRequest) {
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
}
