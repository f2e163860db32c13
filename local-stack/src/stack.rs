//! The command `cargo stack`: servers and both services on one machine, with sample data, until it is told to stop.
//!
//! Protects two promises: nothing is left running, and nothing is deleted that the command did not make itself.

mod data_folder;
mod options;
mod samples;
mod servers;
mod services;
mod stopping;
mod words;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::bail;

use crate::Progress;
use crate::own_binary;
use data_folder::DataFolder;
use servers::StackServers;
use services::StackServices;
use stopping::StopSignal;

pub use options::{ServerOptions, StackOptions};

/// Starts everything, and stops it in order when a signal says so.
///
/// # Errors
/// When something is missing, taken or broken: one sentence with the remedy.
pub async fn up(options: StackOptions) -> anyhow::Result<ExitCode> {
    let begin = Instant::now();
    let progress = Progress::detect();
    let mut stop = StopSignal::listen()?;
    let data = DataFolder::open(&options.servers, progress).await?;
    options.ensure_ports_are_free()?;

    let (servers, services) = tokio::select! {
        started = start(&options, &data, progress) => started?,
        () = stop.received() => return stopped_early(&data).await,
    };
    words::ready(begin.elapsed(), &servers, &services, &data);

    let broken = tokio::select! {
        () = stop.received() => None,
        last_words = servers.broken() => Some(last_words),
        last_words = services.broken() => Some(last_words),
    };
    progress.say("Stopping, services first …");
    services.stop().await;
    servers.stop().await;
    finish(broken, progress)
}

async fn start(
    options: &StackOptions,
    data: &DataFolder,
    progress: Progress,
) -> anyhow::Result<(StackServers, StackServices)> {
    // What takes longest on a fresh machine comes first, and what needs no server.
    let found = servers::find(&options.servers, progress).await?;
    let binaries = services::build(options.release, progress).await?;
    let servers = StackServers::start(found, data, progress).await?;
    let services = StackServices::start(options, &binaries, servers.addresses(), data, progress).await?;
    if !options.no_samples {
        samples::load(services.accounts(), services.orders(), progress).await?;
    }
    Ok((servers, services))
}

/// Starts the servers alone, and stops them when a signal says so.
///
/// # Errors
/// When something is missing, taken or broken: one sentence with the remedy.
pub async fn servers(options: ServerOptions) -> anyhow::Result<ExitCode> {
    let progress = Progress::detect();
    let mut stop = StopSignal::listen()?;
    let data = DataFolder::open(&options, progress).await?;
    options.ensure_ports_are_free()?;

    let start = async { StackServers::start(servers::find(&options, progress).await?, &data, progress).await };
    let servers = tokio::select! {
        started = start => started?,
        () = stop.received() => return stopped_early(&data).await,
    };
    words::servers(&servers, &data);

    let broken = tokio::select! {
        () = stop.received() => None,
        last_words = servers.broken() => Some(last_words),
    };
    progress.say("Stopping …");
    servers.stop().await;
    finish(broken, progress)
}

/// What had been started was dropped with the future that started it, and is ending.
async fn stopped_early(data: &DataFolder) -> anyhow::Result<ExitCode> {
    data.until_unused().await;
    Ok(ExitCode::SUCCESS)
}

fn finish(broken: Option<String>, progress: Progress) -> anyhow::Result<ExitCode> {
    if let Some(last_words) = broken {
        bail!(last_words);
    }
    progress.say("Everything is stopped.");
    Ok(ExitCode::SUCCESS)
}

/// `target/<profile>` of what is to be built.
fn profile_folder(release: bool) -> anyhow::Result<std::path::PathBuf> {
    let running = own_binary::running_profile_folder()?;
    Ok(if release { running.with_file_name("release") } else { running })
}
