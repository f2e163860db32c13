//! The session of this instance's transactions, and the end of what a killed one has left open.
//!
//! A process that dies in the middle of a transaction leaves it open on the server, with everything locked that it has
//! written, until the server gives it up: after a minute, unless `transactionLifetimeLimitSeconds` says otherwise. For so
//! long nobody could go on. So the session stands beside the checkpoint of every partition before it is used there, and
//! whoever takes a partition over ends that session first.
//!
//! Ending the session of somebody who is alive harms nothing: the transaction that it loses is made again, on what is
//! stored by then. No other operation of that process is in it, because the session is kept for its transactions alone.

use std::collections::BTreeSet;

use bson::{Bson, Document, doc};
use mongodb::error::ErrorKind;
use mongodb::{ClientSession, Collection, Database};
use tokio::sync::{Mutex, MutexGuard};
use tracing::{debug, warn};

use super::super::checkpoint;
use super::super::retry::Trouble;
use super::transaction::Transaction;

/// The member of a checkpoint's document.
const SESSION: &str = "session";

/// The transactions of one instance; there is one at a time.
pub(in super::super) struct Sessions {
    database: Database,
    view: String,
    own: Mutex<Own>,
}

#[derive(Default)]
struct Own {
    session: Option<ClientSession>,
    /// Partitions whose checkpoint has it.
    noted: BTreeSet<i32>,
}

impl Sessions {
    pub(in super::super) fn new(database: &Database, view: &str) -> Self {
        Self { database: database.clone(), view: view.to_owned(), own: Mutex::default() }
    }

    /// A transaction over these partitions.
    pub(super) async fn begin(&self, partitions: BTreeSet<i32>) -> Result<Transaction<'_>, Trouble> {
        let mut own = self.own.lock().await;
        if own.session.is_none() {
            own.session = Some(self.database.client().start_session().await?);
        }
        self.note(&mut own, partitions).await?;
        let session = MutexGuard::try_map(own, |own| own.session.as_mut());
        let session = session.map_err(|_| Trouble::new("there is no session"))?;
        Transaction::begin(&self.database, session).await
    }

    async fn note(&self, own: &mut Own, partitions: BTreeSet<i32>) -> Result<(), Trouble> {
        let Own { session: Some(session), noted } = own else { return Ok(()) };
        if !partitions.is_subset(noted) {
            let ids = self.ids(&partitions);
            let ours = doc! { "$set": { SESSION: session.id() } };
            self.checkpoints().update_many(doc! { "_id": { "$in": ids } }, ours).await?;
            noted.extend(partitions);
        }
        Ok(())
    }

    /// Ends the transactions of those who had these partitions before.
    pub(in super::super) async fn take_over(&self, partitions: &[i32]) -> Result<(), Trouble> {
        let mut own = self.own.lock().await;
        own.noted.clear();
        let ids = self.ids(&partitions.iter().copied().collect());
        let before = self.checkpoints().distinct(SESSION, doc! { "_id": { "$in": ids } }).await?;
        let ours = own.session.as_ref().map(|session| Bson::from(session.id().clone()));
        let others: Vec<Bson> = before.into_iter().filter(|session| Some(session) != ours.as_ref()).collect();
        if others.is_empty() {
            return Ok(());
        }
        debug!(view = self.view, sessions = others.len(), "ending the transactions of those before");
        let ended = self.database.client().database("admin").run_command(doc! { "killSessions": others }).await;
        match ended {
            Ok(_) => Ok(()),
            // Some managed servers do not take it. Then the server's own limit ends them.
            Err(error) if matches!(*error.kind, ErrorKind::Command(_)) => {
                let cause = &error.kind;
                warn!(view = self.view, %cause, "what a killed instance left open may hold the view up for a minute");
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn checkpoints(&self) -> Collection<Document> {
        self.database.collection(checkpoint::COLLECTION)
    }

    fn ids(&self, partitions: &BTreeSet<i32>) -> Vec<String> {
        partitions.iter().map(|partition| checkpoint::id(&self.view, *partition)).collect()
    }
}
