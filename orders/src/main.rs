//! The process of orders: settings, log, build, run, exit code.

use std::process::ExitCode;

use orders::settings::Settings;
use orders::startup::Application;
use service_kit::settings::{SettingsError, Started, from_process};
use service_kit::supervisor::{Outcome, Stop};
use service_kit::telemetry;

#[tokio::main]
async fn main() -> ExitCode {
    match from_process(env!("CARGO_PKG_VERSION")) {
        Ok(Started::Run(settings)) => run(settings).await.exit(),
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

async fn run(settings: Settings) -> Outcome {
    telemetry::start(&settings.telemetry);
    let stop = match Stop::on_signals() {
        Ok(stop) => stop,
        Err(error) => return Outcome::not_started(error),
    };
    match Application::build(settings).await {
        Ok(application) => {
            println!("{}", application.addresses().announcement());
            application.run_until_stopped(stop).await
        }
        Err(error) => Outcome::not_started(error),
    }
}
