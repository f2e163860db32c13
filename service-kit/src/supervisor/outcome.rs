//! How a process ended, as one sentence and one exit code. The codes are documented in `docs/configuration.md` and never
//! change their meaning: people write alerts on them.

use std::process;

use tracing::{error, info, warn};

/// The start is refused: one sentence that says what is wrong and what to do about it.
///
/// A task or a start-up step returns it as its error; wherever it stands in the chain of causes, the process ends with
/// the exit code of a refused start and this sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(String);

impl Refused {
    /// `sentence`: what is wrong, and the remedy.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

/// What ended the process: the first task that failed.
#[derive(Debug)]
pub struct ExitCause {
    /// The task's name.
    pub task: String,
    /// What it ended with.
    pub error: anyhow::Error,
}

/// Why an ordered stop was cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The stop took longer than it may.
    Deadline,
    /// A second signal asked to stop at once.
    AskedAtOnce,
}

/// How the process ended.
#[derive(Debug)]
pub enum Outcome {
    /// Asked to stop, and everything was finished in order.
    Stopped,
    /// A task failed; the others were stopped.
    Failed(ExitCause),
    /// Something that must hold does not; the sentence names the remedy.
    Refused(Refused),
    /// Asked to stop, and not everything was finished. Nothing acknowledged is lost: another process, or the next start,
    /// sweeps up (rule 9 of the write path), and what was consumed is read again.
    Cut {
        /// What cut the stop short.
        by: Cut,
        /// The tasks that had not ended.
        unfinished: Vec<String>,
    },
}

impl Outcome {
    pub(super) fn new(cause: Option<ExitCause>, cut: Option<(Cut, Vec<String>)>) -> Self {
        match (cause, cut) {
            (None, None) => Self::Stopped,
            (None, Some((by, unfinished))) => Self::Cut { by, unfinished },
            // The first cause is what somebody has to look at; that the stop did not finish follows from it.
            (Some(cause), _) => Self::from(cause),
        }
    }

    /// The process could not even be put together.
    pub fn not_started(error: impl Into<anyhow::Error>) -> Self {
        Self::from(ExitCause { task: "start-up".to_owned(), error: error.into() })
    }

    /// 0 stopped in order, 1 a task failed, 3 the start was refused, 4 the stop was cut short. (2, wrong settings, is
    /// given before there is anything to run.)
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Stopped => 0,
            Self::Failed(_) => 1,
            Self::Refused(_) => 3,
            Self::Cut { .. } => 4,
        }
    }

    /// Writes the last log line.
    pub fn log(&self) {
        let exit_code = self.exit_code();
        match self {
            Self::Stopped => info!(exit_code, "stopped in order"),
            Self::Failed(ExitCause { task, error }) => {
                error!(exit_code, task, cause = format!("{error:#}"), "stopped because a task failed");
            }
            Self::Refused(refused) => error!(exit_code, cause = %refused, "the start was refused"),
            Self::Cut { by: Cut::Deadline, unfinished } => {
                warn!(exit_code, ?unfinished, "the stop took longer than its deadline and was cut short");
            }
            Self::Cut { by: Cut::AskedAtOnce, unfinished } => {
                warn!(exit_code, ?unfinished, "stopped at once, as a second signal asked");
            }
        }
    }

    /// Writes the last log line and ends the process. It does not return to a runtime that would wait for threads which
    /// are stuck in a call to a server that is gone: the ordered stop was the time to wait.
    pub fn exit(self) -> ! {
        self.log();
        process::exit(i32::from(self.exit_code()))
    }
}

impl From<ExitCause> for Outcome {
    fn from(cause: ExitCause) -> Self {
        match cause.error.chain().find_map(|link| link.downcast_ref::<Refused>()) {
            Some(refused) => Self::Refused(refused.clone()),
            None => Self::Failed(cause),
        }
    }
}
