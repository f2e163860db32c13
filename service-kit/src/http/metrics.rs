//! `/metrics` in Prometheus' text format, on the operations port. One recorder per process: whatever module counts
//! something with the `metrics` macros is found here.

mod process;

use std::sync::OnceLock;
use std::time::Duration;

use actix_web::{HttpResponse, get};
use metrics::Unit;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::call::Call;
use super::consistency::WAITING;
use super::edge::{DURATION, IN_FLIGHT};
use super::ndjson::{LINES, OPEN};
use super::openapi::{About, PlainProblems};
use super::problem::Problem;

/// From a fast read to the longest wait for a consistency token.
const SECONDS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Histograms collect samples until they are counted; this often also when nobody scrapes.
const COUNT_EVERY: Duration = Duration::from_secs(5);

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Makes the process record its figures. Several services in one process share one recorder.
pub fn install(about: &About) {
    RECORDER.get_or_init(|| {
        let handle = recorder();
        describe();
        handle
    });
    metrics::gauge!("build_info", "service" => about.service, "version" => about.version).set(1.0);
}

fn recorder() -> PrometheusHandle {
    let builder = PrometheusBuilder::new().set_buckets(&SECONDS).unwrap_or_else(|_| PrometheusBuilder::new());
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("another recorder of metrics is installed: /metrics stays empty");
    }
    handle
}

fn describe() {
    metrics::describe_gauge!("build_info", "1, with the version of the service that runs.");
    metrics::describe_histogram!(DURATION, Unit::Seconds, "Time from a request's head to its answer.");
    metrics::describe_gauge!(IN_FLIGHT, "Requests that are being handled.");
    metrics::describe_gauge!(OPEN, "Streams (imports) that are open.");
    metrics::describe_counter!(LINES, "Lines of streams, by what became of them.");
    metrics::describe_gauge!(WAITING, "Requests that wait for a state (Consistency-Token).");
    process::describe();
}

/// Keeps histograms small, for ever.
pub(super) async fn count_for_ever() {
    loop {
        tokio::time::sleep(COUNT_EVERY).await;
        if let Some(handle) = RECORDER.get() {
            handle.run_upkeep();
        }
    }
}

/// The figures of this process
#[utoipa::path(tag = "operations", responses(
    (status = 200, description = "Prometheus' text format.", body = String, content_type = "text/plain"),
    PlainProblems,
))]
#[get("/metrics")]
pub(super) async fn scrape(call: Call) -> Result<HttpResponse, Problem> {
    call.without_query()?;
    process::measure();
    let text = RECORDER.get().map(PrometheusHandle::render).unwrap_or_default();
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}
