//! Taking a body in: its type (415), its size (413), its arrival in time (408). The bytes are read strictly by
//! [`body`](super::body) after everything that comes before in the order that the API promises.
//!
//! Must not: hold more than the limit, whatever a client announces or sends.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;

use super::body::Json;
use super::problem::Problem;
use super::settings::Limits;

/// The media type of JSON (RFC 8259).
pub const JSON: &str = "application/json";

/// The media type of a merge patch (RFC 7396).
pub const MERGE_PATCH: &str = "application/merge-patch+json";

/// The bytes of a body sent as `application/json`.
///
/// Take it as the handler's only extractor that can fail, so that 415 and 413 come before everything else.
#[derive(Clone, Debug)]
pub struct JsonBody(pub Bytes);

/// The bytes of a body sent as `application/merge-patch+json` or `application/json`.
#[derive(Clone, Debug)]
pub struct MergePatchBody(pub Bytes);

impl JsonBody {
    /// The body as a tree.
    ///
    /// # Errors
    /// 400 when it is no JSON.
    pub fn parse(&self) -> Result<Json, Problem> {
        parse(&self.0)
    }
}

impl MergePatchBody {
    /// The patch as a tree.
    ///
    /// # Errors
    /// 400 when it is no JSON.
    pub fn parse(&self) -> Result<Json, Problem> {
        parse(&self.0)
    }
}

fn parse(bytes: &[u8]) -> Result<Json, Problem> {
    Json::parse(bytes).map_err(|error| Problem::malformed(error.to_string()))
}

type Taking<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

impl FromRequest for JsonBody {
    type Error = Problem;
    type Future = Taking<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let taking = take(request, payload.take(), &[JSON]);
        Box::pin(async { taking.await.map(Self) })
    }
}

impl FromRequest for MergePatchBody {
    type Error = Problem;
    type Future = Taking<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let taking = take(request, payload.take(), &[MERGE_PATCH, JSON]);
        Box::pin(async { taking.await.map(Self) })
    }
}

fn take(
    request: &HttpRequest,
    payload: Payload,
    accepted: &'static [&'static str],
) -> impl Future<Output = Result<Bytes, Problem>> + use<> {
    let limits = request.app_data::<Limits>().copied().unwrap_or_default();
    let announced = if has_type(request, accepted) {
        refuse_announced(request, limits.body_bytes)
    } else {
        Err(Problem::unsupported_media_type(accepted))
    };
    async move {
        announced?;
        tokio::time::timeout(limits.body_wait, collect(payload, limits.body_bytes))
            .await
            .map_err(|_| Problem::request_timeout())?
    }
}

/// JSON has no parameters; `charset=utf-8` is what many clients add and what JSON is.
pub(super) fn has_type(request: &HttpRequest, accepted: &[&str]) -> bool {
    let encoded = request.headers().get(header::CONTENT_ENCODING);
    if encoded.is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return false;
    }
    let mut types = request.headers().get_all(header::CONTENT_TYPE);
    let (Some(given), None) = (types.next(), types.next()) else { return false };
    let mut parts = given.to_str().unwrap_or_default().split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let known = accepted.iter().any(|accepted| accepted.eq_ignore_ascii_case(essence));
    known && parts.all(|parameter| !is_foreign_charset(parameter))
}

fn is_foreign_charset(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        let value = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("charset") && !value.eq_ignore_ascii_case("utf-8")
    })
}

/// A size that is announced is refused before anything of it is read.
fn refuse_announced(request: &HttpRequest, limit: usize) -> Result<(), Problem> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let announced = length.and_then(|text| text.parse::<u64>().ok());
    let fits = announced.is_none_or(|bytes| usize::try_from(bytes).is_ok_and(|bytes| bytes <= limit));
    if fits { Ok(()) } else { Err(Problem::content_too_large(limit)) }
}

async fn collect(mut payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        // The connection broke, or its framing is wrong; there may be nobody left to read the answer.
        let chunk = chunk.map_err(|_| Problem::malformed("the body ended before it was complete"))?;
        if body.len() + chunk.len() > limit {
            return Err(Problem::content_too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::super::problem::Kind;
    use super::*;

    async fn taken(request: TestRequest, size: usize) -> Result<usize, Kind> {
        let limits = Limits { body_bytes: 10, ..Limits::default() };
        let request = request.app_data(limits).set_payload(vec![b'1'; size]);
        let (request, mut payload) = request.to_http_parts();
        let body = JsonBody::from_request(&request, &mut payload).await;
        body.map(|body| body.0.len()).map_err(|problem| problem.kind())
    }

    fn typed(media_type: &str) -> TestRequest {
        TestRequest::post().insert_header((header::CONTENT_TYPE, media_type))
    }

    #[actix_web::test]
    async fn only_plain_json_is_taken() {
        for good in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""] {
            assert_eq!(taken(typed(good), 3).await, Ok(3), "{good}");
        }
        for bad in ["", "text/plain", "application/jsonp", "application/json; charset=latin1", MERGE_PATCH] {
            assert_eq!(taken(typed(bad), 3).await, Err(Kind::UnsupportedMediaType), "{bad}");
        }
        let compressed = typed(JSON).insert_header((header::CONTENT_ENCODING, "gzip"));
        assert_eq!(taken(compressed, 3).await, Err(Kind::UnsupportedMediaType));
        assert_eq!(taken(TestRequest::post(), 3).await, Err(Kind::UnsupportedMediaType));
    }

    #[actix_web::test]
    async fn no_more_than_the_limit_is_taken_whatever_is_announced() {
        assert_eq!(taken(typed(JSON), 10).await, Ok(10));
        assert_eq!(taken(typed(JSON), 11).await, Err(Kind::ContentTooLarge));
    }

    #[test]
    fn what_is_announced_too_large_is_refused_before_it_is_read() {
        let announced = |length: &str| {
            let request = TestRequest::post().insert_header((header::CONTENT_LENGTH, length)).to_http_request();
            refuse_announced(&request, 10).map_err(|problem| problem.kind())
        };
        assert_eq!(announced("10"), Ok(()));
        assert_eq!(announced("11"), Err(Kind::ContentTooLarge));
        assert_eq!(announced("18446744073709551615"), Err(Kind::ContentTooLarge));
    }

    #[actix_web::test]
    async fn a_wrong_type_is_told_before_a_wrong_size() {
        assert_eq!(taken(typed("text/plain"), 11).await, Err(Kind::UnsupportedMediaType));
    }
}
