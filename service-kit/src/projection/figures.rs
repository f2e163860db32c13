//! What projections count, for `/metrics`. Alarms exist from the start with 0: an alert cannot be made on a series that
//! appears with the first disaster.

use metrics::Unit;

use super::cause::CauseKind;

/// Label `outcome`: applied, repeated, overtaken.
pub(super) const EVENTS: &str = "projection_events_total";
pub(super) const BATCHES: &str = "projection_batches_total";
pub(super) const FRESHNESS: &str = "projection_freshness_seconds";
/// An alarm.
pub(super) const GAPS: &str = "projection_version_gaps_total";
/// An alarm. Label `cause`.
pub(super) const PARKED: &str = "projection_parked_total";
/// Label `outcome`: sent, too-large.
pub(super) const DEAD_LETTERS: &str = "projection_dead_letters_total";
pub(super) const RETRIES: &str = "projection_retries_total";
pub(super) const COMPLETE: &str = "projection_complete";
/// Label `partition`.
pub(super) const POSITION: &str = "projection_position";
/// Label `partition`.
pub(super) const LAG: &str = "projection_lag";

/// Describes them all, and begins to count for this projection.
pub(super) fn begin(projection: &'static str) {
    metrics::describe_counter!(EVENTS, "Events that were read, by what came of them.");
    metrics::describe_counter!(BATCHES, "Batches that were written to the view.");
    metrics::describe_histogram!(
        FRESHNESS,
        Unit::Seconds,
        "From the change (its event's time) until the view shows it."
    );
    metrics::describe_counter!(GAPS, "Events before which versions are missing from the log: an alarm.");
    metrics::describe_counter!(PARKED, "Records that could not be applied, by cause: an alarm.");
    metrics::describe_counter!(DEAD_LETTERS, "Copies of parked records for the dead-letter topic.");
    metrics::describe_counter!(RETRIES, "Attempts that a server's fault made necessary again.");
    metrics::describe_gauge!(COMPLETE, "1 once the view has reached the end of its log.");
    metrics::describe_gauge!(POSITION, "The first offset that is not yet in the view.");
    metrics::describe_gauge!(LAG, "How many offsets the view is behind the end of the log.");
    metrics::counter!(GAPS, "projection" => projection).increment(0);
    metrics::counter!(RETRIES, "projection" => projection).increment(0);
    for cause in CauseKind::ALL {
        metrics::counter!(PARKED, "projection" => projection, "cause" => cause.as_str()).increment(0);
    }
}
