//! What every service of this system stands on: its settings, its log, its two ports, its database, and the supervisor
//! that runs the rest. A service's own `startup.rs` puts its parts between [`Foundation::lay`] and [`Foundation::serve`].
//!
//! Must not: know what a service is for.

mod common;
mod foundation;

use std::future::Future;
use std::process::ExitCode;

pub use self::common::{Common, CommonSettings};
pub use self::foundation::{Application, Foundation};

use crate::settings::{SettingsError, Started, from_process};
use crate::supervisor::{Outcome, Stop};
use crate::telemetry;

/// The whole of a service's `main`: settings, log, build, run, exit code. The first line on stdout says where it can be
/// reached.
pub async fn main<S, Built>(version: &'static str, build: impl FnOnce(S) -> Built) -> ExitCode
where
    S: CommonSettings,
    Built: Future<Output = anyhow::Result<Application>>,
{
    match from_process(version) {
        Ok(Started::Run(settings)) => run(settings, build).await.exit(),
        Ok(Started::Print(text)) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(SettingsError::EXIT_CODE)
        }
    }
}

async fn run<S, Built>(settings: S, build: impl FnOnce(S) -> Built) -> Outcome
where
    S: CommonSettings,
    Built: Future<Output = anyhow::Result<Application>>,
{
    telemetry::start(settings.common().telemetry);
    let stop = match Stop::on_signals() {
        Ok(stop) => stop,
        Err(error) => return Outcome::not_started(error),
    };
    match build(settings).await {
        Ok(application) => {
            println!("{}", application.addresses().announcement());
            application.run_until_stopped(stop).await
        }
        Err(error) => Outcome::not_started(error),
    }
}
