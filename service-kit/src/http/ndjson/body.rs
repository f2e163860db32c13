//! Taking lines in, and beginning to answer them.

use std::future::{Ready, ready};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use tokio_util::sync::CancellationToken;

use super::super::health::Health;
use super::super::payload::has_type;
use super::super::problem::Problem;
use super::super::settings::Limits;
use super::exchange::Exchange;
use super::input::Input;
use super::places::Places;
use super::stall::Stall;
use super::work::LineWork;

/// The media type of newline-delimited JSON, in common use and not registered.
pub const NDJSON: &str = "application/x-ndjson";

/// The other name of the same.
pub const JSON_LINES: &str = "application/jsonl";

/// Lines sent as `application/x-ndjson` or `application/jsonl`; none of them is read yet.
///
/// Take it as the handler's only extractor that can fail, so that 415 comes before everything else.
#[derive(Debug)]
pub struct NdjsonBody {
    input: Input,
    limits: Limits,
    places: Places,
    draining: CancellationToken,
}

impl NdjsonBody {
    /// How long nothing may move: what the work on a line may wait for at most.
    pub fn patience(&self) -> Duration {
        self.limits.stall_wait
    }

    /// Answers line by line. Everything that the request could be refused for must have been asked before.
    ///
    /// # Errors
    /// 503 when as many streams are open as there may be.
    pub fn answer<W: LineWork>(self, work: W) -> Result<HttpResponse, Problem> {
        let place = self.places.take()?;
        let exchange = Exchange::new(work, self.input, Stall::new(self.limits.stall_wait), self.draining, place);
        Ok(HttpResponse::Ok().content_type(NDJSON).body(exchange))
    }
}

impl FromRequest for NdjsonBody {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !has_type(request, &[NDJSON, JSON_LINES]) {
            return ready(Err(Problem::unsupported_media_type(&[NDJSON, JSON_LINES])));
        }
        let limits = request.app_data::<Limits>().copied().unwrap_or_default();
        let places = request.app_data::<Places>().cloned().unwrap_or_else(|| Places::new(1));
        let draining = request.app_data::<web::Data<Health>>().map(|health| health.draining()).unwrap_or_default();
        let input = Input::new(payload.take(), limits.body_bytes);
        ready(Ok(Self { input, limits, places, draining }))
    }
}
