//! A stream of lines as a business folder would have it: each line is answered with itself. `slow` waits at the gate,
//! `give up` gets no answer.

use std::future::Future;
use std::sync::Arc;

use actix_web::{HttpResponse, post, web};
use serde::Serialize;
use service_kit::http::call::Call;
use service_kit::http::ndjson::{GivenUp, Line, LineAnswer, LineWork, NdjsonBody};
use service_kit::http::openapi::StreamProblems;
use service_kit::http::problem::Problem;

use super::things::Things;

/// Echo lines
#[utoipa::path(tag = "things", request_body(content = String, content_type = "application/x-ndjson"), responses(
    (status = 200, description = "The same.", body = String, content_type = "application/x-ndjson"), StreamProblems,
))]
#[post("/toy/things:echo")]
pub(crate) async fn echo(body: NdjsonBody, call: Call, things: web::Data<Things>) -> Result<HttpResponse, Problem> {
    call.without_query()?;
    body.answer(Echo { things: things.into_inner(), lines: 0 })
}

struct Echo {
    things: Arc<Things>,
    lines: u64,
}

#[derive(Serialize)]
pub(crate) struct Echoed {
    line: u64,
    text: Result<String, String>,
}

impl LineAnswer for Echoed {
    fn outcome(&self) -> &'static str {
        "echoed"
    }
}

#[derive(Serialize)]
pub(crate) struct Lines {
    lines: u64,
}

impl LineWork for Echo {
    const NAME: &'static str = "things:echo";
    type Answer = Echoed;
    type Summary = Lines;

    fn begin(&mut self, line: Line) -> impl Future<Output = Result<Echoed, GivenUp>> + Send + 'static {
        let things = Arc::clone(&self.things);
        async move {
            let text = line.content.map(|content| String::from_utf8_lossy(&content).into_owned());
            match text.as_deref() {
                Ok("slow") => {
                    let _abandoned = Abandoned(&things);
                    // Before anybody can know that this has begun, or the gate could open unnoticed.
                    let opened = things.gate.notified();
                    things.begun.add_permits(1);
                    opened.await;
                }
                Ok("give up") => return Err(GivenUp),
                Ok(_) | Err(_) => {}
            }
            Ok(Echoed { line: line.number, text: text.map_err(|too_long| too_long.to_string()) })
        }
    }

    fn note(&mut self, _: &Echoed) {
        self.lines += 1;
    }

    fn summary(&self) -> Lines {
        Lines { lines: self.lines }
    }
}

/// Tells when the work on a slow line has ended, in whatever way.
struct Abandoned<'a>(&'a Things);

impl Drop for Abandoned<'_> {
    fn drop(&mut self) {
        self.0.ended.add_permits(1);
    }
}
