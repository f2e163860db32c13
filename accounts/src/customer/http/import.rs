//! `POST /accounts/customers:import`: many customers in one request, one JSON object per line.
//!
//! Each line is an ordinary create: the rules of `POST /accounts/customers`, its ids and its uniqueness, and one commit
//! of its own, so that a bad line harms no other and a card number exists only while its line is worked on (G8). Many
//! lines are on their way at once, which is what fills the group commit; which of two lines that want the same id or
//! e-mail address gets it is not promised, only that one does.
//!
//! What stands in the way of all lines, and may pass, is waited for. A line that got no outcome has no answer: the
//! stream ends without its summary instead. Repeating an import is safe: what it made before is `unchanged` by its id, or
//! a `conflict` by its e-mail address.

mod answer;
mod create;
mod document;
mod line;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use service_kit::http::call::Call;
use service_kit::http::ndjson::{GivenUp, Line, LineWork, NdjsonBody};
use service_kit::http::openapi::StreamProblems;
use service_kit::http::problem::Problem;
use service_kit::http::trace::TraceContext;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use self::answer::{ImportCounts, ImportResult, ImportSummary};
use self::create::Creation;
use super::customers::Customers;
use super::refusal::commit_refused;

/// What all imports share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Importer {
    customers: Customers,
    room: Arc<Semaphore>,
    draining: CancellationToken,
}

impl Importer {
    /// `room` is how many creates all imports together have under way: less than the write path's queue, so that other
    /// clients' changes find room in it. `draining` ends what only waits.
    pub fn new(customers: Customers, room: usize, draining: CancellationToken) -> Self {
        Self { customers, room: Arc::new(Semaphore::new(room.max(1))), draining }
    }
}

/// Import customers
///
/// Newline-delimited JSON, streamed both ways; creates only. Each line is a customer as `POST /accounts/customers` takes
/// it, at most 256 KiB; blank lines are skipped. Each is answered by a line of its own, in the same order; the last line
/// is the summary, and without it the import was cut off: repeat it, what is there already is `unchanged`. Read the
/// answers while you send. When nothing moves for a minute, the import is cut off.
#[utoipa::path(
    tag = "customers",
    request_body(
        content = document::CustomerLines,
        content_type = "application/x-ndjson",
        example = json!(super::document::examples::IMPORT),
    ),
    responses(
        (status = 200, description = "The answers, line by line.", body = document::ImportLines,
            content_type = "application/x-ndjson", example = json!(document::EXAMPLE)),
        StreamProblems,
    ),
)]
#[post("/accounts/customers:import")]
pub(super) async fn import_customers(
    body: NdjsonBody,
    call: Call,
    importer: Data<Importer>,
) -> Result<HttpResponse, Problem> {
    call.without_query()?;
    importer.customers.store().admit().map_err(commit_refused)?;
    let (patience, trace) = (body.patience(), call.trace());
    let importer = Importer::clone(&importer);
    body.answer(Import { importer, trace, patience, counts: ImportCounts::default() })
}

/// The lines of one request.
struct Import {
    importer: Importer,
    trace: TraceContext,
    patience: Duration,
    counts: ImportCounts,
}

impl LineWork for Import {
    const NAME: &'static str = "customers:import";
    type Answer = ImportResult;
    type Summary = ImportSummary;

    fn begin(&mut self, line: Line) -> impl Future<Output = Result<ImportResult, GivenUp>> + Send + 'static {
        let (importer, trace, patience) = (self.importer.clone(), self.trace, self.patience);
        async move {
            let number = line.number;
            match line::read(line) {
                Ok(new) => Creation::new(importer, new, trace)?.run(number, patience).await,
                Err(refused) => Ok(ImportResult::invalid(number, refused.id, refused.faults)),
            }
        }
    }

    fn note(&mut self, result: &ImportResult) {
        self.counts.add(result);
    }

    fn summary(&self) -> ImportSummary {
        ImportSummary { summary: self.counts }
    }
}
