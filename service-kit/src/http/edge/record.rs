//! One log line and the figures of each request. A label has few values: the pattern of a route, never a path.

use std::time::Instant;

use actix_web::http::{Method, StatusCode};

use super::Asked;

/// How long requests took, by method, route and status.
pub(in super::super) const DURATION: &str = "http_server_request_duration_seconds";

/// Requests that are being handled.
pub(in super::super) const IN_FLIGHT: &str = "http_server_requests_in_flight";

/// A request from its arrival to its answer. Dropping it early (the client went away) still ends its part of the gauge.
#[derive(Debug)]
pub(super) struct Record {
    began: Instant,
}

impl Record {
    pub(super) fn begin() -> Self {
        metrics::gauge!(IN_FLIGHT).increment(1.0);
        Self { began: Instant::now() }
    }

    pub(super) fn end(self, asked: &Asked, route: Option<&str>, status: StatusCode) {
        let elapsed = self.began.elapsed();
        let route = route.unwrap_or("none");
        let labels = [
            ("method", method_label(&asked.method).to_owned()),
            ("route", route.to_owned()),
            ("status", status.as_u16().to_string()),
        ];
        metrics::histogram!(DURATION, &labels).record(elapsed.as_secs_f64());
        let elapsed_ms = elapsed.as_secs_f64() * 1000.0;
        let status = status.as_u16();
        if is_probe(route) {
            tracing::debug!(route, status, elapsed_ms, "answered");
        } else {
            tracing::info!(route, status, elapsed_ms, "answered");
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        metrics::gauge!(IN_FLIGHT).decrement(1.0);
    }
}

/// Anybody may invent methods; a label may not grow with them.
fn method_label(method: &Method) -> &str {
    let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    if known.contains(method) { method.as_str() } else { "other" }
}

/// Probes come every few seconds, for ever.
fn is_probe(route: &str) -> bool {
    ["/livez", "/readyz", "/metrics"].contains(&route)
}
