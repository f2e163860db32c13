//! What a batch says about itself: metrics for machines, one line per event or batch for people.
//!
//! A live event is logged at `info` with the trace id of the request that caused it, so that one trace id stands in the
//! logs of both services. While a copy catches up, or under load, a batch holds more events than anybody reads, and they
//! are logged at `debug`.

use chrono::Utc;
use tracing::{debug, error, info};

use super::batch::Folded;
use super::cause::Cause;
use super::figures;
use super::reading::{Incoming, Projected};
use crate::http::trace::TraceContext;

/// Up to so many new states in a batch are logged one by one at `info`.
const FEW: usize = 8;

/// A batch that is in the view.
pub(super) struct Observed<'a> {
    pub(super) projection: &'static str,
    pub(super) complete: bool,
    pub(super) records: &'a [Incoming],
    pub(super) folded: &'a Folded,
    /// States that were new in the view.
    pub(super) applied: u64,
    /// What was parked beside what the folding had parked.
    pub(super) parked: &'a [(usize, Cause)],
}

pub(super) fn batch(batch: &Observed<'_>) {
    let Observed { projection, complete, records, folded, applied, parked } = *batch;
    let repeated = (folded.writes.len() as u64).saturating_sub(applied + parked.len() as u64) + folded.repeats as u64;
    let outcomes = [("applied", applied), ("repeated", repeated), ("overtaken", folded.overtaken as u64)];
    for (outcome, count) in outcomes.into_iter().filter(|(_, count)| *count > 0) {
        metrics::counter!(figures::EVENTS, "projection" => projection, "outcome" => outcome).increment(count);
    }
    metrics::counter!(figures::BATCHES, "projection" => projection).increment(1);
    for gap in &folded.gaps {
        report_gap(projection, &records[gap.at], gap.after);
    }
    for (at, cause) in folded.parked.iter().chain(parked) {
        report_parked(projection, &records[*at], cause);
    }
    debug!(projection, records = records.len(), applied, "batch applied");
    let live = complete && folded.writes.len() <= FEW;
    let written = folded.writes.iter().filter(|at| parked.iter().all(|(parked, _)| parked != *at));
    for record in written.map(|at| &records[*at]) {
        if let Ok(state) = &record.reading {
            report_applied(projection, record, state, live);
        }
    }
}

fn report_applied(projection: &'static str, record: &Incoming, state: &Projected, live: bool) {
    let age_ms = (Utc::now().timestamp_millis() - state.at.millis()).max(0);
    metrics::histogram!(figures::FRESHNESS, "projection" => projection).record(age_ms as f64 / 1000.0);
    let trace_id = state
        .traceparent
        .as_deref()
        .and_then(TraceContext::parse)
        .map(|trace| tracing::field::display(trace.trace_id()));
    let Incoming { partition, offset, .. } = record;
    let Projected { key, version, event_id, kind, .. } = state;
    if live {
        info!(trace_id, projection, key, version, event_id, kind, partition, offset, age_ms, "event applied");
    } else {
        debug!(trace_id, projection, key, version, event_id, kind, partition, offset, age_ms, "event applied");
    }
}

/// First appearances are gapless (G2), so a gap means that the log or its writer is broken: an alarm, and applied all the
/// same, because the state is complete.
fn report_gap(projection: &'static str, record: &Incoming, after: u64) {
    metrics::counter!(figures::GAPS, "projection" => projection).increment(1);
    let Incoming { partition, offset, original, .. } = record;
    let (key, version) = (original.key_text(), original.version());
    error!(projection, key, version, after, partition, offset, "versions are missing from the log before this event");
}

fn report_parked(projection: &'static str, record: &Incoming, cause: &Cause) {
    metrics::counter!(figures::PARKED, "projection" => projection, "cause" => cause.kind.as_str()).increment(1);
    // Without its key: nobody knows yet what that is.
    error!(projection, partition = record.partition, offset = record.offset, %cause, "record parked");
}
