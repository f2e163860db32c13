//! The section `projection` of a service's settings. The defaults are what was measured to be best on two cores.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::settings::{Fault, require};

/// How projections batch and store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectionSettings {
    /// Most events in one write of the view. Too low: catching up is slow; too high: one slow write delays many events.
    pub batch: usize,
    /// Milliseconds between two stored checkpoints while events flow. Too low: MongoDB writes more checkpoints than
    /// states; too high: a restart reads so much more again (harmless, but time).
    pub checkpoint_interval_ms: u64,
    /// Milliseconds without anything from a partition that has grown, after which the process ends as stalled. Too low: a
    /// slow broker restarts the service; too high: the copy stays behind for so long.
    pub stalled_after_ms: u64,
}

impl Default for ProjectionSettings {
    fn default() -> Self {
        Self { batch: 500, checkpoint_interval_ms: 100, stalled_after_ms: 60_000 }
    }
}

impl ProjectionSettings {
    /// What the types cannot say.
    ///
    /// # Errors
    /// The first rule that is broken, with its key.
    pub fn validate(&self) -> Result<(), Fault> {
        require((1..=10_000).contains(&self.batch), "projection.batch", "must be 1 to 10000")?;
        let interval = self.checkpoint_interval_ms;
        require((1..=60_000).contains(&interval), "projection.checkpoint_interval_ms", "must be 1 to 60000")?;
        require(self.stalled_after_ms >= 10_000, "projection.stalled_after_ms", "must be at least 10000")
    }

    pub(super) fn checkpoint_interval(&self) -> Duration {
        Duration::from_millis(self.checkpoint_interval_ms)
    }

    pub(super) fn stalled_after(&self) -> Duration {
        Duration::from_millis(self.stalled_after_ms)
    }
}
