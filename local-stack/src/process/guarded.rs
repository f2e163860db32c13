//! The owner's side of a guarded program.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, ExitStatus};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio::sync::{oneshot, watch};

use super::last_lines;

/// How long a killed program may take to be gone.
const LONGEST_DYING: Duration = Duration::from_secs(2);

/// A program that runs under a guard. Dropping it, like the death of this process, stops the program.
#[derive(Debug)]
pub struct Guarded {
    name: String,
    log: PathBuf,
    group: Pid,
    /// Open for as long as the program is to run.
    stdin: Mutex<Option<ChildStdin>>,
    first_line: Mutex<Option<oneshot::Receiver<String>>>,
    ended: watch::Receiver<Option<ExitStatus>>,
}

impl Guarded {
    pub(super) fn watch(name: String, log: PathBuf, mut guard: Child, output: File) -> anyhow::Result<Self> {
        let group = Pid::from_raw(i32::try_from(guard.id()).context("a process id is an i32")?);
        let stdin = guard.stdin.take();
        let first_line = guard.stdout.take().map(|stdout| read_first_line(stdout, output));
        let (tell, ended) = watch::channel(None);
        // A thread rather than a task: the program is shared by tests that each have a runtime of their own.
        std::thread::spawn(move || {
            if let Ok(status) = guard.wait() {
                if std::os::unix::process::ExitStatusExt::signal(&status).is_some() {
                    // The guard was killed and could not take the program with it.
                    let _empty_group = killpg(group, Signal::SIGKILL);
                    until_gone(group);
                }
                tell.send_replace(Some(status));
            }
        });
        Ok(Self { name, log, group, stdin: Mutex::new(stdin), first_line: Mutex::new(first_line), ended })
    }

    /// What messages call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file with all that it wrote.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The process id of the guard, which is also the process group of guard and program.
    #[must_use]
    pub fn group(&self) -> i32 {
        self.group.as_raw()
    }

    /// Kills program and guard with SIGKILL, as a crash would.
    pub fn kill9(&self) {
        if !self.has_ended() {
            let _gone_already = killpg(self.group, Signal::SIGKILL);
        }
    }

    /// Asks the program to end (SIGTERM); it is killed when it does not within its grace.
    pub fn terminate(&self) {
        if !self.has_ended() {
            // To the guard, which passes it on once. To the group, the program would get it twice.
            let _gone_already = kill(self.group, Signal::SIGTERM);
        }
    }

    /// True once the program has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended.borrow().is_some()
    }

    /// Resolves when the program has ended, with its exit status (128 + n for signal n, as in a shell).
    pub async fn ended(&self) -> ExitStatus {
        let mut ended = self.ended.clone();
        match ended.wait_for(Option::is_some).await.map(|status| *status) {
            Ok(Some(status)) => status,
            // The watching thread ends only after it has told; it cannot be asked about a child that is not ours.
            Ok(None) | Err(_) => ExitStatus::default(),
        }
    }

    /// Waits for `answer`, but no longer than the program runs, and no longer than `longest`.
    ///
    /// # Errors
    /// Those of `answer`; the last words of a program that ended; that it does not answer.
    pub async fn until<T>(
        &self,
        longest: Duration,
        answer: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        tokio::select! {
            answer = answer => answer,
            _ = self.ended() => bail!(self.last_words()),
            () = tokio::time::sleep(longest) => {
                let log = self.log.display();
                bail!("{} does not answer after {} s; its log is {log}", self.name, longest.as_secs())
            }
        }
    }

    /// Stops the program and waits until it has ended.
    pub async fn stop(&self) -> ExitStatus {
        self.let_go();
        self.ended().await
    }

    /// Lets go of the pipe: the guard stops the program, removes its folder, and ends.
    fn let_go(&self) {
        self.stdin.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    }

    /// The first line of the program's standard output, which a service uses to tell its ports. Once only.
    ///
    /// # Errors
    /// When the program ends without one: with the last lines of its log.
    pub async fn first_line(&self) -> anyhow::Result<String> {
        let receiver = self.first_line.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        let line = receiver.with_context(|| format!("the first line of {} was not asked for", self.name))?;
        match line.await {
            Ok(line) => Ok(line),
            Err(_ended) => {
                self.ended().await;
                bail!(self.last_words())
            }
        }
    }

    /// One sentence and the last lines of the log, for when it ended and should not have.
    #[must_use]
    pub fn last_words(&self) -> String {
        format!("{} has ended; the end of {}:\n{}", self.name, self.log.display(), last_lines(&self.log, 15))
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.let_go();
    }
}

/// A program that is killed gives its ports and files back a moment later, and until then it has not ended: whoever
/// starts it again would find them taken. Bounded, because a dead process counts until somebody has asked how it ended.
fn until_gone(group: Pid) {
    let deadline = Instant::now() + LONGEST_DYING;
    while killpg(group, None).is_ok() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Hands over the first line and copies everything, that line too, to the log.
fn read_first_line(stdout: ChildStdout, mut log: File) -> oneshot::Receiver<String> {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        let mut lines = BufReader::new(stdout);
        let mut first = String::new();
        if lines.read_line(&mut first).is_ok_and(|bytes| bytes > 0) {
            let _full_disk = std::io::Write::write_all(&mut log, first.as_bytes());
            let _nobody_waits = tell.send(first.trim_end().to_owned());
        } else {
            drop(tell);
        }
        let _full_disk = std::io::copy(&mut lines, &mut log);
    });
    told
}
