//! The settings of the two HTTP servers, and what of them a handler needs.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Where and how a service answers over HTTP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
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
    /// Milliseconds for a request's head to arrive. Too low refuses slow networks (408), too high lets idle
    /// connections occupy places.
    pub head_timeout_ms: u64,
    /// Milliseconds for a request's body to arrive; as above.
    pub body_timeout_ms: u64,
    /// Milliseconds for an answer to be ready, after which the client gets 503. Below the longest wait for a
    /// consistency token (30 s) it cuts that short; too high keeps clients waiting for what hangs.
    pub request_timeout_ms: u64,
    /// Milliseconds an idle connection is kept. Behind a load balancer it should be longer than the balancer's own,
    /// or the balancer sends requests into connections that are just being closed.
    pub keep_alive_ms: u64,
    /// Requests that wait for a consistency token at once; more are refused (503). Each reads MongoDB up to forty times
    /// a second.
    pub max_waiting: usize,
    /// Milliseconds between "not ready" and closing the public port, for load balancers to notice. Too low loses
    /// requests during a roll-out, too high makes one slow. 0 where nothing balances.
    pub drain_delay_ms: u64,
    /// Milliseconds for requests to finish after the port was closed; what is not done then is cut off.
    pub drain_timeout_ms: u64,
}

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
            keep_alive_ms: 75_000,
            max_waiting: 256,
            drain_delay_ms: 0,
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
}

impl From<&HttpSettings> for Limits {
    fn from(settings: &HttpSettings) -> Self {
        Self {
            body_bytes: settings.body_limit_bytes,
            body_wait: Duration::from_millis(settings.body_timeout_ms),
            request_wait: Duration::from_millis(settings.request_timeout_ms),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::from(&HttpSettings::default())
    }
}
