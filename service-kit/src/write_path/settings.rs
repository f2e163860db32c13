//! Settings of the write path. The defaults are the constants that were measured (`docs/benchmarks.md`).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::kafka::EVENT_LIMIT_BYTES;

/// Three beats of a writer that has nothing to publish: one that lives may miss two.
const LEAST_SUSPECT_AFTER_MS: u64 = 3_000;

/// How commits are grouped, published and swept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WritePathSettings {
    /// Commits that may wait for the writer. Default 4,096. More: memory under load; fewer: 503 in bursts.
    pub queue: usize,
    /// Commits in one bulk write. Default 500. More: longer single writes; fewer: more round trips.
    pub batch: usize,
    /// Bulk writes in flight. Default 2. More: no gain was measured; 1: the journal's flush is waited for in turn.
    pub batches_in_flight: usize,
    /// Milliseconds after which a caller is told that its outcome is not known. Default 10,000. Lower: 503 during a
    /// fail-over; higher: callers hang longer.
    pub commit_timeout_ms: u64,
    /// Chains that may wait for the Kafka client. Default 8,192. When it is full, a chain is left to the sweep.
    pub hand_off_queue: usize,
    /// Largest record in bytes, key and headers included. Default 900,000; must stay below the topic's
    /// `max.message.bytes`.
    pub max_record_bytes: usize,
    /// Older events a document may carry before commits to it are refused. Default 100.
    pub max_carried: usize,
    /// Bytes of older events a document may carry before commits to it are refused. Default 1,000,000.
    pub max_carried_bytes: usize,
    /// Age in milliseconds of the oldest unpublished change at which writes are refused with 503. Default 60,000.
    /// Lower: writes stop in short broker outages; higher: more is lost with a lost database.
    pub max_unpublished_age_ms: u64,
    /// Milliseconds between two looks at the watermark. Default 100. Lower: more small writes to MongoDB; higher:
    /// other instances carry events for longer.
    pub watermark_interval_ms: u64,
    /// Milliseconds of silence, by the database's clock, after which a writer is swept. Default 5,000, at least 3,000.
    /// Lower: more repeats in the topic; higher: a dead instance's last events come later.
    pub suspect_after_ms: u64,
    /// Milliseconds between two sweeps. Default 5,000.
    pub sweep_interval_ms: u64,
}

impl Default for WritePathSettings {
    fn default() -> Self {
        Self {
            queue: 4_096,
            batch: 500,
            batches_in_flight: 2,
            commit_timeout_ms: 10_000,
            hand_off_queue: 8_192,
            max_record_bytes: 900_000,
            max_carried: 100,
            max_carried_bytes: 1_000_000,
            max_unpublished_age_ms: 60_000,
            watermark_interval_ms: 100,
            suspect_after_ms: 5_000,
            sweep_interval_ms: 5_000,
        }
    }
}

impl WritePathSettings {
    /// Relations between the settings.
    ///
    /// # Errors
    /// One sentence that names the setting and the remedy.
    pub fn validate(&self) -> Result<(), String> {
        if self.queue == 0 || self.batch == 0 || self.batches_in_flight == 0 || self.hand_off_queue == 0 {
            return Err("write_path: queue, batch, batches_in_flight and hand_off_queue must be at least 1".to_owned());
        }
        if self.batch > 1_000 {
            return Err(
                "write_path.batch must be at most 1000: a larger bulk write may pass MongoDB's limits".to_owned()
            );
        }
        if self.suspect_after_ms < LEAST_SUSPECT_AFTER_MS.max(self.watermark_interval_ms.saturating_mul(10)) {
            return Err(format!(
                "write_path.suspect_after_ms must be at least {LEAST_SUSPECT_AFTER_MS} and at least ten times \
                 watermark_interval_ms: a living writer would be swept"
            ));
        }
        if self.watermark_interval_ms == 0 || self.sweep_interval_ms == 0 || self.commit_timeout_ms == 0 {
            return Err("write_path: intervals and timeouts must be at least 1 ms".to_owned());
        }
        if self.max_record_bytes > EVENT_LIMIT_BYTES {
            return Err("write_path.max_record_bytes must be at most 1000000, which is what the topics take".to_owned());
        }
        Ok(())
    }

    pub(crate) fn commit_timeout(&self) -> Duration {
        Duration::from_millis(self.commit_timeout_ms)
    }

    pub(crate) fn max_unpublished_age(&self) -> Duration {
        Duration::from_millis(self.max_unpublished_age_ms)
    }

    pub(crate) fn watermark_interval(&self) -> Duration {
        Duration::from_millis(self.watermark_interval_ms)
    }

    pub(crate) fn suspect_after(&self) -> Duration {
        Duration::from_millis(self.suspect_after_ms)
    }

    pub(crate) fn sweep_interval(&self) -> Duration {
        Duration::from_millis(self.sweep_interval_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write_path::watermarks::IDLE_INTERVAL;

    fn refused(settings: &WritePathSettings) -> bool {
        settings.validate().is_err_and(|why| why.contains("write_path.suspect_after_ms"))
    }

    #[test]
    fn a_living_idle_writer_is_never_suspected() {
        assert_eq!(Duration::from_millis(LEAST_SUSPECT_AFTER_MS), 3 * IDLE_INTERVAL);
        assert_eq!(WritePathSettings::default().validate(), Ok(()));
        let with = |suspect_after_ms| WritePathSettings { suspect_after_ms, ..WritePathSettings::default() };
        assert!(refused(&with(2_999)));
        assert_eq!(with(3_000).validate(), Ok(()));
    }

    #[test]
    fn a_writer_that_tells_its_watermark_rarely_is_waited_for_longer() {
        let with = |watermark_interval_ms| WritePathSettings { watermark_interval_ms, ..WritePathSettings::default() };
        assert_eq!(with(500).validate(), Ok(()));
        assert!(refused(&with(501)) && refused(&with(u64::MAX)));
    }
}
