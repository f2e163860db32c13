//! Runs the long-lived tasks of a process, and ends it with a cause when one of them ends.
//!
//! Protects D9: a dead projection behind a healthy port is the worst failure this system can have, so the first task
//! that ends without being asked stops all the others, and its cause is the last log line and the exit code. A stop goes
//! stage by stage ([`Stage`]), each awaited before the next is told, so that what a request committed is still published
//! and what was consumed is still stored. It must not know what the tasks do, and it never restarts one: what an
//! installation's supervisor restarts is the whole process, from a known state.

mod outcome;
mod settings;
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
pub use self::settings::StopSettings;
pub use self::stop::Stop;

/// The order in which tasks are stopped. Everything of one stage has ended before the next is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The public port: not ready any more, accept nothing new, finish the requests that are in.
    Http,
    /// Write paths: every outcome resolved, every publication acknowledged, the final watermark stored.
    Commits,
    /// Projections: the batch written, the checkpoint stored, the offsets committed.
    Projections,
    /// What the others may need until their end.
    Background,
    /// The operations port: probes and metrics answer from the first moment to the last.
    Operations,
}

impl Stage {
    const IN_ORDER: [Self; 5] = [Self::Http, Self::Commits, Self::Projections, Self::Background, Self::Operations];

    /// Ports answer while a server is still waited for; everything else begins when the checks have passed.
    fn begins_at_once(self) -> bool {
        match self {
            Self::Http | Self::Operations => true,
            Self::Commits | Self::Projections | Self::Background => false,
        }
    }
}

type Body = Box<dyn FnOnce(CancellationToken) -> BoxFuture<'static, anyhow::Result<()>> + Send>;

/// What a running future is to the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Ends well, once; what stands on it begins then.
    Check,
    /// Ends when its stage is told to.
    Task(Stage),
}

struct Named {
    kind: Kind,
    name: String,
    body: Body,
}

/// The tasks of a process before they run.
pub struct Supervisor {
    stop_deadline: Duration,
    all: Vec<Named>,
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.all.iter().map(|one| one.name.as_str()).collect();
        f.debug_struct("Supervisor").field("stop_deadline", &self.stop_deadline).field("all", &names).finish()
    }
}

impl Supervisor {
    /// Nothing to run yet. `stop_deadline` bounds the whole ordered stop, all stages together.
    pub fn new(stop_deadline: Duration) -> Self {
        Self { stop_deadline, all: Vec::new() }
    }

    /// Adds a start-up check. Only the ports begin before all checks have passed, so that probes answer while a server is
    /// waited for; a check that fails stops the process with its cause.
    pub fn check<Fut>(&mut self, name: impl Into<String>, check: Fut)
    where
        Fut: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.all.push(Named { kind: Kind::Check, name: name.into(), body: Box::new(|_| Box::pin(check)) });
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
        self.all.push(Named { kind: Kind::Task(stage), name: name.into(), body });
    }

    /// Runs everything until a stop is asked for or something ends that should not, then stops it in order.
    pub async fn run_until_stopped(self, stop: Stop) -> Outcome {
        let mut running = Running::start(self.all);
        tokio::select! {
            () = running.until_something_fails() => {}
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

/// Everything while it runs, and the first thing that went wrong.
struct Running {
    set: JoinSet<anyhow::Result<()>>,
    names: HashMap<Id, (Kind, String)>,
    /// What begins when the checks have passed.
    waiting: Vec<Named>,
    tokens: [CancellationToken; Stage::IN_ORDER.len()],
    cause: Option<ExitCause>,
}

impl Running {
    fn start(all: Vec<Named>) -> Self {
        let tokens = Stage::IN_ORDER.map(|_| CancellationToken::new());
        let (set, names, cause) = (JoinSet::new(), HashMap::new(), None);
        let (at_once, waiting) = all.into_iter().partition(|one| match one.kind {
            Kind::Check => true,
            Kind::Task(stage) => stage.begins_at_once(),
        });
        let mut running = Self { set, names, waiting, tokens, cause };
        running.begin(at_once);
        running.begin_what_waits();
        running
    }

    fn begin(&mut self, these: Vec<Named>) {
        for Named { kind, name, body } in these {
            let token = match kind {
                Kind::Check => CancellationToken::new(),
                Kind::Task(stage) => self.token(stage),
            };
            let handle = self.set.spawn(body(token));
            self.names.insert(handle.id(), (kind, name));
        }
    }

    /// Begins what waits for the checks, if none is left to pass.
    fn begin_what_waits(&mut self) {
        if !self.is_any(Kind::Check) {
            let waiting = std::mem::take(&mut self.waiting);
            self.begin(waiting);
        }
    }

    fn is_any(&self, kind: Kind) -> bool {
        self.names.values().any(|(of, _)| *of == kind)
    }

    fn token(&self, stage: Stage) -> CancellationToken {
        self.tokens[stage as usize].clone()
    }

    async fn until_something_fails(&mut self) {
        while self.cause.is_none() {
            self.until_one_ends().await;
        }
    }

    /// Waits for one future to end and notes what it ended with. With nothing left to wait for it never returns.
    async fn until_one_ends(&mut self) {
        match self.set.join_next_with_id().await {
            Some(Ok((id, result))) => self.note(id, result),
            Some(Err(lost)) => self.note(lost.id(), Err(without_payload(&lost))),
            None => std::future::pending().await,
        }
    }

    /// What still waits for a check never begins; the checks themselves end with the set.
    async fn stop_in_order(&mut self) {
        self.waiting.clear();
        self.names.retain(|_, (kind, _)| *kind != Kind::Check);
        for stage in Stage::IN_ORDER {
            self.token(stage).cancel();
            while self.is_any(Kind::Task(stage)) {
                self.until_one_ends().await;
            }
        }
    }

    fn note(&mut self, id: Id, result: anyhow::Result<()>) {
        let Some((kind, task)) = self.names.remove(&id) else { return };
        let may_end = match kind {
            Kind::Check => true,
            Kind::Task(stage) => self.token(stage).is_cancelled(),
        };
        let error = match result {
            Ok(()) if may_end => return self.begin_what_waits(),
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
