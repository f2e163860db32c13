//! The process of orders: settings, log, build, run, exit code.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    service_kit::application::main(env!("CARGO_PKG_VERSION"), orders::startup::build).await
}
