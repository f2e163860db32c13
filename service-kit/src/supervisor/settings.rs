//! The section `stop` of a service's settings.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::http::settings::HttpSettings;
use crate::settings::Fault;

/// How long a stop may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopSettings {
    /// Milliseconds for the whole ordered stop; what has not ended then is cut off. Too low: publications are left to
    /// another instance's sweep; too high: longer than the platform waits before it kills (Kubernetes: 30 s).
    pub deadline_ms: u64,
    /// Milliseconds of it that Kafka may take to acknowledge the last publications. Too low: they are left to a sweep;
    /// too high: a stop without Kafka takes so long.
    pub publications_ms: u64,
}

impl StopSettings {
    /// What the types cannot say: the parts of a stop fit into the whole.
    ///
    /// # Errors
    /// The sentence that names the keys.
    pub fn validate(&self, http: &HttpSettings) -> Result<(), Fault> {
        let parts = http.drain_delay_ms.saturating_add(http.drain_timeout_ms).saturating_add(self.publications_ms);
        if parts < self.deadline_ms {
            return Ok(());
        }
        Err(Fault::from(format!(
            "stop.deadline_ms must be greater than http.drain_delay_ms, http.drain_timeout_ms and stop.publications_ms \
             together ({parts}): raise it or lower one of them"
        )))
    }

    /// For the whole stop.
    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_ms)
    }

    /// For the last publications.
    pub fn publications(&self) -> Duration {
        Duration::from_millis(self.publications_ms)
    }
}
