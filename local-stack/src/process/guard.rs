//! The guard process: runs one program for as long as its own standard input stays open.
//!
//! Protects the promise that nothing is left running. It must not know what it guards, and it must not write to
//! standard output: that belongs to the program, which inherits it.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::lock;

/// How long a guard whose owner is gone waits for those who still use its program.
const LONGEST_WAIT_FOR_USERS: Duration = Duration::from_secs(15);

/// What the hidden subcommand `guard` is told by [`Launch`](super::Launch).
#[derive(Debug, clap::Args)]
pub struct GuardArgs {
    /// Milliseconds between SIGTERM and SIGKILL
    #[arg(long, default_value_t = 10_000)]
    grace_ms: u64,
    /// A folder to delete once the owner has let go and the program has ended; its parent too, if that is empty then
    #[arg(long)]
    remove: Option<PathBuf>,
    /// A file on which a shared lock is held until everything is done
    #[arg(long)]
    hold: Option<PathBuf>,
    /// When the owner is gone: stop the program only after nobody holds a lock on this file (at most 15 s)
    #[arg(long)]
    after: Option<PathBuf>,
    /// The program and its arguments
    #[arg(required = true, last = true)]
    program: Vec<OsString>,
}

/// Runs the program, and returns the exit code that stands for how it ended.
///
/// # Errors
/// When the program cannot be started.
pub fn run(args: GuardArgs) -> anyhow::Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _held = args.hold.as_deref().map(lock::shared).transpose()?;
    allow_many_open_files();
    let end = runtime.block_on(guard(&args))?;
    // A program that ended by itself keeps its folder: the owner is there, and wants to know why.
    if let (true, Some(folder)) = (end.owner_is_gone, &args.remove) {
        remove_with_empty_parent(folder);
    }
    Ok(exit_code(end.status))
}

/// A server keeps each collection, index and log segment open, and the usual limit of 1,024 is for programs that do
/// not. Where it cannot be raised, it stays.
fn allow_many_open_files() {
    const ENOUGH: u64 = 65_536;
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _not_allowed = setrlimit(Resource::RLIMIT_NOFILE, soft.max(hard.min(ENOUGH)), hard);
    }
}

struct End {
    status: ExitStatus,
    owner_is_gone: bool,
}

async fn guard(args: &GuardArgs) -> anyhow::Result<End> {
    // Taken over before the program exists: whoever ends the guard must end the program first.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let owner_is_gone = end_of_stdin();

    let mut child = start(&args.program)?;
    let with_owner = |status| Ok(End { status, owner_is_gone: false });
    tokio::select! {
        status = child.wait() => return with_owner(status?),
        _ = terminate.recv() => return with_owner(stop(&mut child, args.grace_ms).await?),
        _ = interrupt.recv() => return with_owner(stop(&mut child, args.grace_ms).await?),
        _ = hang_up.recv() => return with_owner(stop(&mut child, args.grace_ms).await?),
        _ = owner_is_gone => {}
    }
    if let Some(file) = &args.after {
        tokio::select! {
            _ = child.wait() => {}
            () = lock::free(file, LONGEST_WAIT_FOR_USERS) => {}
        }
    }
    let status = stop(&mut child, args.grace_ms).await?;
    Ok(End { status, owner_is_gone: true })
}

fn start(program: &[OsString]) -> anyhow::Result<Child> {
    let (name, arguments) = program.split_first().context("no program was named")?;
    Command::new(name)
        .args(arguments)
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {}", name.to_string_lossy()))
}

/// SIGTERM, and SIGKILL when that was not enough.
async fn stop(child: &mut Child, grace_ms: u64) -> anyhow::Result<ExitStatus> {
    // `id` is none once the child was waited for, so the number cannot belong to somebody else.
    if let Some(pid) = child.id().and_then(|id| i32::try_from(id).ok()) {
        let _gone_already = kill(Pid::from_raw(pid), Signal::SIGTERM);
    }
    let grace = Duration::from_millis(grace_ms);
    if let Ok(status) = tokio::time::timeout(grace, child.wait()).await {
        return Ok(status?);
    }
    child.kill().await?;
    Ok(child.wait().await?)
}

/// Resolves when standard input ends. A thread of its own, because a blocked read cannot be cancelled: it ends with
/// the process.
fn end_of_stdin() -> oneshot::Receiver<()> {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        let mut buffer = [0_u8; 64];
        let mut input = std::io::stdin().lock();
        while input.read(&mut buffer).is_ok_and(|bytes| bytes > 0) {}
        let _nobody_waits = tell.send(());
    });
    told
}

fn remove_with_empty_parent(folder: &Path) {
    if let Err(error) = std::fs::remove_dir_all(folder) {
        eprintln!("cannot remove {}: {error}", folder.display());
    }
    // Several guards share the parent; the last one finds it empty.
    if let Some(parent) = folder.parent() {
        let _not_empty_yet = std::fs::remove_dir(parent);
    }
}

fn exit_code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
