//! The process that the tests' servers belong to.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};

use super::{addresses_file, keeper_file, lease_file, runs};
use crate::process::lock;
use crate::servers::{OwnServers, Servers};

/// How long the servers stay when nobody uses them: longer than Cargo takes from one test binary to the next.
pub const IDLE: Duration = Duration::from_secs(4);

const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// What the hidden subcommand `keeper` is told.
#[derive(Debug, clap::Args)]
pub struct KeeperArgs {
    /// The folder for its locks and the servers' addresses
    folder: PathBuf,
    /// Milliseconds without a user after which it ends
    #[arg(long)]
    idle_ms: u64,
}

/// Starts the servers, tells their addresses as one line of JSON, and stops them when nobody has used them for a
/// while.
///
/// # Errors
/// When the servers cannot be had or one of them ends by itself.
pub async fn run(args: KeeperArgs) -> anyhow::Result<()> {
    let folder = args.folder.as_path();
    // Waits for a keeper that is just stopping its servers.
    let _alive = lock::exclusive(&keeper_file(folder))?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let servers = OwnServers::start().await?;
    publish(folder, servers.servers())?;

    let mut crashed = None;
    let _nobody_comes_in = tokio::select! {
        lease = nobody_left(folder, Duration::from_millis(args.idle_ms)) => Some(lease?),
        _ = terminate.recv() => None,
        _ = interrupt.recv() => None,
        last_words = servers.broken() => { crashed = Some(last_words); None }
    };
    std::fs::remove_file(addresses_file(folder))?;
    servers.stop().await;
    match crashed {
        Some(last_words) => Err(anyhow::Error::msg(last_words)),
        None => Ok(()),
    }
}

fn publish(folder: &Path, servers: &Servers) -> anyhow::Result<()> {
    let mut line = serde_json::to_string(servers)?;
    line.push('\n');
    let partial = folder.join("servers.json.partial");
    std::fs::write(&partial, &line)?;
    std::fs::rename(&partial, addresses_file(folder))?;
    // Who started the keeper may be gone by now; that is no reason to end.
    let _nobody_reads = std::io::stdout().write_all(line.as_bytes());
    Ok(())
}

/// Resolves, with the lease, when nobody has used the servers for `idle`.
async fn nobody_left(folder: &Path, idle: Duration) -> anyhow::Result<lock::Lock> {
    let mut last_used = Instant::now();
    loop {
        let lease = lock::try_exclusive(&lease_file(folder))?;
        match lease {
            Some(lease) if last_used.elapsed() >= idle && !runs::any_going(folder) => {
                return Ok(lease);
            }
            Some(lease) => {
                drop(lease);
                if runs::any_going(folder) {
                    last_used = Instant::now();
                }
            }
            None => last_used = Instant::now(),
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
