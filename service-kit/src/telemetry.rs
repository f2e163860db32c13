//! Logs: structured lines on stderr (stdout is for what a caller of the program reads), as JSON or for people.
//!
//! Protects G8: a panic is logged by where it happened, without its payload, which may quote the data it tripped over.
//! It must not be called by tests that start a service in process: a process has one log.

mod chatter;

use std::io;
use std::panic;
use std::thread;

use serde::{Deserialize, Serialize};
use tracing::error;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use self::chatter::Chatter;
pub use self::chatter::KAFKA_CLIENT;
use crate::settings::{Fault, require};

/// The section `telemetry`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetrySettings {
    /// Which lines are written: a level (`info`), or directives per target (`info,service_kit=debug`). Too low: faults
    /// have no trace; too high (`debug`, `trace`): gigabytes, and every commit waits for stderr.
    pub level: String,
    /// How a line is written.
    pub format: Format,
}

/// How a line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object per line, for machines.
    Json,
    /// Text, in colour on a terminal, for people.
    Pretty,
}

impl TelemetrySettings {
    /// What the types cannot say.
    ///
    /// # Errors
    /// The first rule that is broken, with its key.
    pub fn validate(&self) -> Result<(), Fault> {
        let usable = !self.level.is_empty() && EnvFilter::try_new(&self.level).is_ok();
        require(
            usable,
            "telemetry.level",
            "must be error, warn, info, debug, trace, off, or such levels per target as in info,mongodb=warn",
        )
    }
}

/// Starts the log of this process. Called once, first thing after the settings are known.
pub fn start(settings: &TelemetrySettings) {
    let filter = EnvFilter::try_new(&settings.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let already_there = tracing_subscriber::registry()
        .with(lines(settings.format))
        .with(filter)
        .with(Chatter::new())
        .try_init()
        .is_err();
    if !already_there {
        panic::set_hook(Box::new(log_panic));
    }
}

fn lines(format: Format) -> Box<dyn Layer<Registry> + Send + Sync> {
    match format {
        // Fields at the top level, and the fields of the spans around (trace id, request id) on every line.
        Format::Json => fmt::layer().json().flatten_event(true).with_span_list(false).with_writer(io::stderr).boxed(),
        Format::Pretty => {
            fmt::layer().with_ansi(io::IsTerminal::is_terminal(&io::stderr())).with_writer(io::stderr).boxed()
        }
    }
}

fn log_panic(panic: &panic::PanicHookInfo<'_>) {
    let at = panic.location().map(ToString::to_string).unwrap_or_default();
    error!(at, thread = thread::current().name().unwrap_or_default(), "a thread panicked");
}

#[cfg(test)]
mod tests {
    use super::{Format, TelemetrySettings};

    #[test]
    fn a_level_that_is_none_is_refused() {
        for (level, valid) in
            [("info", true), ("warn,mongodb=debug", true), ("off", true), ("", false), ("info,=", false)]
        {
            let settings = TelemetrySettings { level: level.to_owned(), format: Format::Json };
            assert_eq!(settings.validate().is_ok(), valid, "{level:?}");
        }
    }
}
