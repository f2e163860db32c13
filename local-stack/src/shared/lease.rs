//! The users' side of the shared servers.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};

use super::{addresses_file, keeper_file, lease_file, runs};
use crate::process::{last_lines, lock};
use crate::servers::Servers;
use crate::servers::programs::Programs;
use crate::{Progress, own_binary};

/// The right to use the shared servers, until it is dropped or the process ends.
#[derive(Debug)]
pub struct Lease {
    servers: Servers,
    _lock: lock::Lock,
}

impl Lease {
    /// Uses the servers of the keeper that works in `folder`; starts one if there is none, which ends when nobody has
    /// used them for `idle`. Blocks the thread.
    ///
    /// # Errors
    /// When servers cannot be had.
    pub fn take(folder: &Path, idle: Duration) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        // While a keeper is stopping its servers it holds this, and whoever comes then waits for it.
        let lock = lock::shared(&lease_file(folder))?;
        runs::note(folder)?;
        let _one_starts = lock::exclusive(&folder.join("start"))?;
        let servers = match running(folder)? {
            Some(servers) => servers,
            None => start_keeper(folder, idle)?,
        };
        Ok(Self { servers, _lock: lock })
    }

    /// Where they are.
    #[must_use]
    pub fn servers(&self) -> &Servers {
        &self.servers
    }
}

/// What the hidden subcommand `lease` is told: a process that is nothing but a user of the servers.
#[derive(Debug, clap::Args)]
pub struct LeaseArgs {
    /// The folder in which the keeper works
    folder: PathBuf,
    /// Milliseconds without a user after which the keeper ends
    #[arg(long)]
    idle_ms: u64,
}

/// Takes a lease, prints the servers' addresses as one line of JSON, and keeps it until standard input ends.
///
/// # Errors
/// When servers cannot be had.
pub fn run(args: &LeaseArgs) -> anyhow::Result<()> {
    let lease = Lease::take(&args.folder, Duration::from_millis(args.idle_ms))?;
    println!("{}", serde_json::to_string(lease.servers())?);
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// The servers of a keeper that lives.
fn running(folder: &Path) -> anyhow::Result<Option<Servers>> {
    if lock::try_exclusive(&keeper_file(folder))?.is_some() {
        return Ok(None);
    }
    let text = std::fs::read(addresses_file(folder)).unwrap_or_default();
    Ok(serde_json::from_slice(&text).ok())
}

/// Starts a keeper that does not end with this process, and waits until its servers answer.
fn start_keeper(folder: &Path, idle: Duration) -> anyhow::Result<Servers> {
    let found = fetch_where_it_is_seen()?;
    let log = folder.join("keeper.log");
    let errors = std::fs::File::create(&log).with_context(|| format!("cannot write to {}", log.display()))?;
    Progress::detect().say(&format!("Starting for the tests: {}; {}", found.mongod.why, found.kafka.why));
    let keeper = Command::new(own_binary::path()?)
        .arg("keeper")
        .arg(folder)
        .args(["--idle-ms", &idle.as_millis().to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(errors)
        // Not in the terminal's foreground group: Ctrl-C ends the tests, and the keeper sees that nobody is left.
        .process_group(0)
        .spawn()
        .context("cannot start the keeper of the servers")?;
    let mut line = String::new();
    if let Some(stdout) = keeper.stdout {
        BufReader::new(stdout).read_line(&mut line)?;
    }
    match serde_json::from_str(&line) {
        Ok(servers) => Ok(servers),
        Err(_) => bail!("{}", last_lines(&log, 15)),
    }
}

/// The keeper would fetch them too, but what it says goes to a file.
fn fetch_where_it_is_seen() -> anyhow::Result<Programs> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(Programs::find(Progress::detect()))
}
