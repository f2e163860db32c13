//! `X-Request-Id`: what a person quotes when something went wrong. A caller's is kept, so that a gateway's log and ours
//! say the same; one that could break a log line is replaced.

use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use uuid::Uuid;

pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

const MAX_BYTES: usize = 128;

/// The id of a request: at most 128 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(HEADER).and_then(|value| value.to_str().ok()).filter(|text| is_sane(text));
        Self(given.map_or_else(|| Uuid::now_v7().to_string(), str::to_owned))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `None` never happens to what [`is_sane`]; the type cannot say so.
    pub(super) fn value(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

fn is_sane(text: &str) -> bool {
    (1..=MAX_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of the request that is being handled.
impl FromRequest for RequestId {
    type Error = Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let noted = request.extensions().get::<Self>().cloned();
        ready(Ok(noted.unwrap_or_else(|| Self::of(request.headers()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callers_id_is_kept_unless_it_could_break_a_log_line() {
        let id_for = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_bytes(text.as_bytes()).unwrap());
            RequestId::of(&headers).to_string()
        };
        assert_eq!(id_for("gateway-7/a"), "gateway-7/a");
        for odd in ["", "a b", "é", &"x".repeat(129)] {
            assert_ne!(id_for(odd), odd);
            assert_eq!(id_for(odd).len(), 36);
        }
    }
}
