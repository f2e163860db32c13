//! The settings of the two HTTP servers, and what of them a handler needs.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::settings::{Fault, require};

/// Where and how a service answers over HTTP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSettings {
    /// Address both ports listen on: `127.0.0.1` for this machine only, `0.0.0.0` for every network it is on.
    pub host: String,
    /// Port of the public API; 0 takes a free one, which the first line of output names.
    pub port: u16,
    /// Port for metrics, administration and probes; 0 takes a free one. It must not be reachable from outside.
    pub operations_port: u16,
    /// Threads that serve the public port; 0 takes one per core. Requests mostly wait, so more than that gains nothing.
    pub workers: usize,
    /// Connections per thread. Too low refuses clients that keep connections open, too high lets them take the memory.
    pub max_connections: usize,
    /// Bytes of a request's body. Too low refuses large customers (413), too high lets a few requests take the memory.
    pub body_limit_bytes: usize,
    /// Milliseconds for the head of a connection's first request to arrive. Too low refuses slow networks (408), too high lets idle
    /// connections occupy places.
    pub head_timeout_ms: u64,
    /// Milliseconds for a request's body to arrive; as above.
    pub body_timeout_ms: u64,
    /// Milliseconds for an answer to be ready, after which the client gets 503. Below the longest wait for a
    /// consistency token (30 s) it cuts that short; too high keeps clients waiting for what hangs.
    pub request_timeout_ms: u64,
    /// Milliseconds in which a client that has something to do does nothing: takes nothing of its answer (on Linux), or
    /// neither sends nor reads while an import goes on. Then it is cut off. Too low does that to slow networks; too
    /// high lets clients that hang occupy connections and memory.
    pub stall_timeout_ms: u64,
    /// Streams (imports) at once; more are refused (503). Each may take some megabytes.
    pub max_streams: usize,
    /// Milliseconds an idle connection is kept. Behind a load balancer it should be longer than the balancer's own,
    /// or the balancer sends requests into connections that are just being closed.
    pub keep_alive_ms: u64,
    /// Requests that wait for a consistency token at once; more are refused (503). Each reads MongoDB up to forty times
    /// a second.
    pub max_waiting: usize,
    /// Milliseconds between "not ready" and closing the public port, for load balancers to notice and for connections in
    /// use to be closed with an answer that says so. Too low loses requests during a roll-out, too high makes one slow.
    pub drain_delay_ms: u64,
    /// Milliseconds for requests to finish after the port was closed, rounded up to whole seconds; what is not done
    /// then is cut off. It must leave room in the deadline of the whole stop.
    pub drain_timeout_ms: u64,
}

impl HttpSettings {
    /// What the types cannot say.
    ///
    /// # Errors
    /// The first rule that is broken, with its key.
    pub fn validate(&self) -> Result<(), Fault> {
        let apart = self.port == 0 || self.port != self.operations_port;
        require(!self.host.is_empty(), "http.host", "must be an address or a host name")?;
        require(apart, "http.operations_port", "must be another port than http.port")?;
        require(self.max_connections > 0, "http.max_connections", "must be at least 1")?;
        let body = (1024..=16 * 1024 * 1024).contains(&self.body_limit_bytes);
        require(body, "http.body_limit_bytes", "must be 1024 to 16777216")?;
        require(self.head_timeout_ms > 0, "http.head_timeout_ms", "must be at least 1")?;
        require(self.body_timeout_ms > 0, "http.body_timeout_ms", "must be at least 1")?;
        require(self.request_timeout_ms > 0, "http.request_timeout_ms", "must be at least 1")?;
        require(self.stall_timeout_ms > 0, "http.stall_timeout_ms", "must be at least 1")?;
        require(self.max_streams > 0, "http.max_streams", "must be at least 1")
    }
}

/// The values that services embed, with the ports of accounts.
impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 8080,
            operations_port: 8081,
            workers: 0,
            max_connections: 4096,
            body_limit_bytes: 256 * 1024,
            head_timeout_ms: 5_000,
            body_timeout_ms: 15_000,
            request_timeout_ms: 40_000,
            stall_timeout_ms: 60_000,
            max_streams: 32,
            keep_alive_ms: 75_000,
            max_waiting: 256,
            drain_delay_ms: 250,
            drain_timeout_ms: 10_000,
        }
    }
}

/// What a handler may take of a client's time and of the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body.
    pub body_bytes: usize,
    /// How long a body may take to arrive.
    pub body_wait: Duration,
    /// How long an answer may take to be ready.
    pub request_wait: Duration,
    /// How long nothing may move in a stream.
    pub stall_wait: Duration,
}

impl From<&HttpSettings> for Limits {
    fn from(settings: &HttpSettings) -> Self {
        Self {
            body_bytes: settings.body_limit_bytes,
            body_wait: Duration::from_millis(settings.body_timeout_ms),
            request_wait: Duration::from_millis(settings.request_timeout_ms),
            stall_wait: Duration::from_millis(settings.stall_timeout_ms),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::from(&HttpSettings::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_work_is_refused_by_its_key() {
        let broken = |change: fn(&mut HttpSettings)| {
            let mut settings = HttpSettings::default();
            change(&mut settings);
            settings.validate().is_err()
        };
        assert!(!broken(|_| {}));
        assert!(!broken(|settings| (settings.port, settings.operations_port) = (0, 0)));
        assert!(broken(|settings| settings.operations_port = settings.port));
        assert!(broken(|settings| settings.body_limit_bytes = 10));
        assert!(broken(|settings| settings.request_timeout_ms = 0));
        assert!(broken(|settings| settings.stall_timeout_ms = 0));
        assert!(broken(|settings| settings.max_streams = 0));
    }
}
