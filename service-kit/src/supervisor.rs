//! Runs the long-lived tasks of a process, and ends it with a cause when one of them ends.
//!
//! Protects D9: a dead projection behind a healthy port is the worst failure this system can have, so the first task
//! that ends without being asked stops all the others, and its cause is the last log line and the exit code. A stop goes
//! stage by stage ([`Stage`]), each awaited before the next is told, so that what a request committed is still published
//! and what was consumed is still stored. It must not know what the tasks do, and it never restarts one: what an
//! installation's supervisor restarts is the whole process, from a known state.

mod outcome;
mod stop;

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use anyhow::anyhow;
use futures_util::future::BoxFuture;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

pub use self::outcome::{Cut, ExitCause, Outcome, Refused};
pub use self::stop::Stop;

/// The order in which tasks are stopped. Everything of one stage has ended before the next is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Servers: not ready any more, accept nothing new, finish the requests that are in.
    Http,
    /// Write paths: every outcome resolved, every publication acknowledged, the final watermark stored.
    Commits,
    /// Projections: the batch written, the checkpoint stored, the offsets committed.
    Projections,
    /// All that the others may need until their end.
    Background,
}

impl Stage {
    const IN_ORDER: [Self; 4] = [Self::Http, Self::Commits, Self::Projections, Self::Background];
}

type Body = Box<dyn FnOnce(CancellationToken) -> BoxFuture<'static, anyhow::Result<()>> + Send>;

struct Task {
    stage: Stage,
    name: String,
    body: Body,
}

/// The tasks of a process before they run.
pub struct Supervisor {
    stop_deadline: Duration,
    tasks: Vec<Task>,
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.tasks.iter().map(|task| task.name.as_str()).collect();
        f.debug_struct("Supervisor").field("stop_deadline", &self.stop_deadline).field("tasks", &names).finish()
    }
}

impl Supervisor {
    /// Nothing to run yet. `stop_deadline` bounds the whole ordered stop, all stages together.
    pub fn new(stop_deadline: Duration) -> Self {
        Self { stop_deadline, tasks: Vec::new() }
    }

    /// Adds a task; it starts with [`run_until_stopped`](Self::run_until_stopped).
    ///
    /// It is given the token of its stage and ends soon after that is cancelled. Ending before, also with `Ok`, is a
    /// failure that stops the process with its cause.
    pub fn add<F, Fut>(&mut self, stage: Stage, name: impl Into<String>, task: F)
    where
        F: FnOnce(CancellationToken) -> Fut + Send + 'static,
        Fut: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let body: Body = Box::new(move |token| Box::pin(task(token)));
        self.tasks.push(Task { stage, name: name.into(), body });
    }

    /// Runs all tasks until a stop is asked for or one of them ends, then stops them in order.
    pub async fn run_until_stopped(self, stop: Stop) -> Outcome {
        let mut running = Running::start(self.tasks);
        tokio::select! {
            () = running.until_one_ends() => {}
            () = stop.asked() => info!("a stop was asked for: stopping in order"),
        }
        let deadline = Instant::now() + self.stop_deadline;
        let cut = tokio::select! {
            () = running.stop_in_order() => None,
            () = tokio::time::sleep_until(deadline) => Some(Cut::Deadline),
            () = stop.asked_at_once() => Some(Cut::AskedAtOnce),
        };
        running.into_outcome(cut)
    }
}

/// The tasks while they run, and the first thing that went wrong.
struct Running {
    set: JoinSet<anyhow::Result<()>>,
    names: HashMap<Id, (Stage, String)>,
    tokens: [CancellationToken; Stage::IN_ORDER.len()],
    cause: Option<ExitCause>,
}

impl Running {
    fn start(tasks: Vec<Task>) -> Self {
        let tokens = Stage::IN_ORDER.map(|_| CancellationToken::new());
        let mut running = Self { set: JoinSet::new(), names: HashMap::new(), tokens, cause: None };
        for task in tasks {
            let handle = running.set.spawn((task.body)(running.token(task.stage)));
            running.names.insert(handle.id(), (task.stage, task.name));
        }
        running
    }

    fn token(&self, stage: Stage) -> CancellationToken {
        self.tokens[stage as usize].clone()
    }

    /// Waits for one task to end and notes what it ended with. With nothing left to wait for it never returns.
    async fn until_one_ends(&mut self) {
        match self.set.join_next_with_id().await {
            Some(Ok((id, result))) => self.note(id, result),
            Some(Err(lost)) => self.note(lost.id(), Err(without_payload(&lost))),
            None => std::future::pending().await,
        }
    }

    async fn stop_in_order(&mut self) {
        for stage in Stage::IN_ORDER {
            self.token(stage).cancel();
            while self.names.values().any(|(of, _)| *of == stage) {
                self.until_one_ends().await;
            }
        }
    }

    fn note(&mut self, id: Id, result: anyhow::Result<()>) {
        let Some((stage, task)) = self.names.remove(&id) else { return };
        let asked = self.token(stage).is_cancelled();
        let error = match result {
            Ok(()) if asked => {
                info!(task, "task stopped");
                return;
            }
            Ok(()) => anyhow!("it ended without being asked to"),
            Err(error) => error,
        };
        error!(task, error = format!("{error:#}"), "task failed");
        self.cause.get_or_insert(ExitCause { task, error });
    }

    /// Dropping the set aborts what is left of the tasks.
    fn into_outcome(self, cut: Option<Cut>) -> Outcome {
        let mut unfinished: Vec<String> = self.names.into_values().map(|(_, name)| name).collect();
        unfinished.sort();
        Outcome::new(self.cause, cut.map(|cut| (cut, unfinished)))
    }
}

/// A panic's payload may quote the data it tripped over; where it happened is logged by the panic hook.
fn without_payload(lost: &JoinError) -> anyhow::Error {
    if lost.is_panic() { anyhow!("it panicked") } else { anyhow!("it was cancelled from outside") }
}

#[cfg(test)]
mod tests;
