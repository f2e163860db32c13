//! Writes are taken only while the database is the one that belongs to the log (D6): not a dropped one, not an older
//! backup, and not one whose log was recreated. Reads never wait for this.
//!
//! An identity document says which incarnation of the database this is and how far the log has been seen to agree
//! with it. The heartbeat is an update that names the incarnation, without upsert: when it misses, somebody replaced
//! the database under the running process, and commits stop.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bson::{Document, doc};
use mongodb::Database;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{
    aggregate::{Aggregate, CommitError},
    log_check::{Finding, LogCheck, Positions},
};
use crate::backoff::Backoff;

/// The collection of identity documents, one per aggregate collection.
pub(crate) const IDENTITY: &str = "identity";
/// Pauses between two checks while writes wait: short at first, because a service that starts beside its broker, or
/// whose topic is just being made, waits for nothing else.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Whether writes are taken. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    collection: &'static str,
    state: Mutex<State>,
    positions: Arc<Positions>,
    look_again: Notify,
    opened: CancellationToken,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// Not checked yet, or the log cannot be asked.
    Checking(String),
    Open {
        incarnation: String,
    },
    /// The check failed; the sentence names the remedy.
    Closed(String),
    Stopping,
}

impl Gate {
    pub(crate) fn new(collection: &'static str, positions: Arc<Positions>) -> Self {
        let state = Mutex::new(State::Checking("the database has not been compared with its log yet".to_owned()));
        Self {
            inner: Arc::new(Inner {
                collection,
                state,
                positions,
                look_again: Notify::new(),
                opened: CancellationToken::new(),
            }),
        }
    }

    /// Whether a commit may start.
    pub(crate) fn admit(&self) -> Result<(), CommitError> {
        match &*self.lock() {
            State::Open { .. } => Ok(()),
            State::Checking(why) | State::Closed(why) => {
                Err(CommitError::unavailable(format!("no writes are taken: {why}")))
            }
            State::Stopping => Err(CommitError::unavailable("this instance is stopping")),
        }
    }

    /// Why no writes are taken, for people; `None` while they are.
    pub(crate) fn closed_because(&self) -> Option<String> {
        match &*self.lock() {
            State::Open { .. } => None,
            State::Checking(why) | State::Closed(why) => Some(why.clone()),
            State::Stopping => Some("this instance is stopping".to_owned()),
        }
    }

    /// Ends when writes were taken for the first time.
    pub(crate) async fn first_opened(&self) {
        self.inner.opened.cancelled().await;
    }

    /// Rule 11: no commit starts from here on.
    pub(crate) fn stop(&self) {
        *self.lock() = State::Stopping;
    }

    /// The heartbeat: names the incarnation and moves the stored positions up to what was published since.
    pub(crate) async fn beat(&self, database: &Database) {
        let State::Open { incarnation } = self.lock().clone() else { return };
        let mut update = doc! { "$currentDate": { "at": true }, "$set": { "stoppedCleanly": false } };
        let news = self.inner.positions.take_news();
        if !news.is_empty() {
            // Documents compare member by member: the higher offset wins.
            update.insert(
                "$max",
                news.iter().map(|(key, position)| (key.clone(), position.clone())).collect::<Document>(),
            );
        }
        let filter = doc! { "_id": self.inner.collection, "incarnation": &incarnation };
        match database.collection::<Document>(IDENTITY).update_one(filter, update).await {
            Ok(result) if result.matched_count == 0 => {
                tracing::error!(
                    collection = self.inner.collection,
                    "the database was replaced while this process ran; no writes are taken"
                );
                self.close_if_open(
                    "the database was replaced while this instance ran; it is being compared with its log",
                );
            }
            Ok(_) => {}
            Err(error) => {
                self.inner.positions.give_back(news);
                tracing::debug!(%error, "heartbeat missed");
            }
        }
    }

    /// After a clean stop the next start may take writes even when Kafka cannot be asked.
    pub(crate) async fn stopped_cleanly(&self, database: &Database) {
        let mut update = doc! { "$set": { "stoppedCleanly": true } };
        let news = self.inner.positions.take_news();
        if !news.is_empty() {
            update.insert("$max", news.into_iter().collect::<Document>());
        }
        let result =
            database.collection::<Document>(IDENTITY).update_one(doc! { "_id": self.inner.collection }, update).await;
        if let Err(error) = result {
            tracing::warn!(%error, "the clean stop could not be recorded");
        }
    }

    fn close_if_open(&self, why: &str) {
        let mut state = self.lock();
        if matches!(*state, State::Open { .. }) {
            *state = State::Closed(why.to_owned());
            self.inner.look_again.notify_one();
        }
    }

    fn set(&self, new: State) {
        if matches!(new, State::Open { .. }) {
            self.inner.opened.cancel();
        }
        let mut state = self.lock();
        if *state != State::Stopping {
            *state = new;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task: compares database and log until they agree, then waits until a heartbeat misses.
pub(crate) async fn run<A: Aggregate>(gate: Gate, check: LogCheck<A>, stop: CancellationToken) {
    let mut said = String::new();
    let mut pauses = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
    loop {
        let finding = tokio::select! {
            () = stop.cancelled() => return,
            finding = check.run() => finding,
        };
        let fault = matches!(finding, Finding::DoesNotBelong(_));
        let (state, settled) = match finding {
            Finding::Belongs { incarnation } => (State::Open { incarnation }, true),
            // Unchanged since its own clean stop: what it acknowledged then is still in it (D6).
            Finding::LogAway { stopped_cleanly: Some(incarnation), .. } => (State::Open { incarnation }, false),
            Finding::LogAway { stopped_cleanly: None, why } => (State::Checking(why), false),
            Finding::DatabaseAway(why) => (State::Checking(why), false),
            Finding::DoesNotBelong(why) => (State::Closed(why), false),
        };
        gate.set(state);
        let says = gate.closed_because().unwrap_or_default();
        if says != said {
            log(gate.inner.collection, &says, fault);
            said = says;
        }
        if settled {
            pauses.reset();
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = gate.inner.look_again.notified() => {}
            () = tokio::time::sleep(pauses.next_wait()), if !settled => {}
        }
    }
}

fn log(collection: &'static str, closed_because: &str, fault: bool) {
    if closed_because.is_empty() {
        tracing::info!(collection, "the database belongs to its log; writes are taken");
    } else if fault {
        tracing::error!(collection, "no writes are taken: {closed_because}");
    } else {
        tracing::warn!(collection, "no writes are taken yet: {closed_because}");
    }
}
