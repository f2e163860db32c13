//! Trace context (<https://www.w3.org/TR/trace-context/>): one trace id follows a change from the HTTP request through
//! the commit and the event into the consumer, so that the logs of both services tell one story.
//!
//! Must not: be trusted for anything but finding log lines. A client may send what it likes.

use std::fmt;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use std::convert::Infallible;
use std::future::{Future, Ready, ready};

/// The header of requests, and (without a prefix) of Kafka records.
pub const HEADER: &str = "traceparent";

tokio::task_local! {
    static CURRENT: TraceContext;
}

/// A place in a trace: the trace, the span that what happens next belongs to, and whether it is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: u128,
    span_id: u64,
    flags: u8,
}

/// A trace id as it is written: 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceId(u128);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl TraceContext {
    /// A new trace, marked as sampled: a caller without tracing still gets log lines that belong together.
    pub fn begin() -> Self {
        Self { trace_id: rand::random::<u128>().max(1), span_id: new_span_id(), flags: 1 }
    }

    /// Reads a `traceparent`; `None` when it is malformed, which the specification says to treat as absent.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let version: u8 = hex(parts.next()?, 2)?.try_into().ok()?;
        let trace_id = hex(parts.next()?, 32)?;
        let span_id = hex(parts.next()?, 16)?.try_into().ok()?;
        let flags = hex(parts.next()?, 2)?.try_into().ok()?;
        // Version 0 ends here; a later one may go on, and what is known of it is read the same way.
        let complete = version != 0xff && (version > 0 || parts.next().is_none());
        (complete && trace_id != 0 && span_id != 0).then_some(Self { trace_id, span_id, flags })
    }

    /// The next place in the trace that a caller or a record belongs to, or the start of a new one.
    pub fn follow(traceparent: Option<&str>) -> Self {
        traceparent.and_then(Self::parse).map_or_else(Self::begin, Self::child)
    }

    /// The same trace, a new span.
    #[must_use]
    pub fn child(self) -> Self {
        Self { span_id: new_span_id(), ..self }
    }

    /// The trace's id, for logs.
    pub fn trace_id(self) -> TraceId {
        TraceId(self.trace_id)
    }

    /// The header for whatever is caused from here: the record of a change, a request to another service.
    pub fn traceparent(self) -> String {
        // Of the flags only "sampled" has a meaning in version 0.
        format!("00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, self.flags & 1)
    }

    /// Runs a future in this context, which is then [`current`](Self::current) in all that it awaits.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }

    /// The context of the request or record that is being handled; `None` outside of one.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(|context| *context).ok()
    }

    /// The [`traceparent`](Self::traceparent) of the [`current`](Self::current) context.
    pub fn current_traceparent() -> Option<String> {
        Self::current().map(Self::traceparent)
    }
}

/// The context of the request that is being handled.
impl FromRequest for TraceContext {
    type Error = Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let noted = request.extensions().get::<Self>().copied();
        ready(Ok(noted.unwrap_or_else(Self::begin)))
    }
}

fn new_span_id() -> u64 {
    rand::random::<u64>().max(1)
}

/// So many lower-case hexadecimal digits, and nothing else.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let lower = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if text.len() == digits && lower { u128::from_str_radix(text, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SAMPLE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_caller_is_followed_within_its_trace() {
        let followed = TraceContext::follow(Some(SAMPLE));
        assert_eq!(followed.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_ne!(followed.traceparent(), SAMPLE, "a span of its own");
        assert_eq!(TraceContext::parse(SAMPLE).unwrap().traceparent(), SAMPLE);
    }

    #[test]
    fn what_is_malformed_begins_a_new_trace() {
        let cases = [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ];
        for bad in cases {
            assert_eq!(TraceContext::parse(bad), None, "{bad}");
        }
        assert_ne!(TraceContext::follow(None).trace_id(), TraceContext::follow(None).trace_id());
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        let later = "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03-extra";
        assert_eq!(TraceContext::parse(later).unwrap().traceparent(), SAMPLE);
    }

    #[tokio::test]
    async fn what_a_context_runs_knows_it() {
        let context = TraceContext::begin();
        let seen = context.scope(async { TraceContext::current_traceparent() }).await;
        assert_eq!(seen, Some(context.traceparent()));
        assert_eq!(TraceContext::current(), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_ignored(text in "[0-9a-f-]{0,60}") {
            if let Some(context) = TraceContext::parse(&text) {
                prop_assert_eq!(TraceContext::parse(&context.traceparent()).unwrap().trace_id, context.trace_id);
            }
        }
    }
}
