//! Making the customer of one line. The rules are those of any create; what is added is patience: what may pass is tried
//! again, and an outcome that is not known is looked for, until the line has an answer that is true.

use std::time::Duration;

use service_kit::backoff::Backoff;
use service_kit::http::body::Fault;
use service_kit::http::ndjson::GivenUp;
use service_kit::http::trace::TraceContext;
use service_kit::write_path::CommitError;
use uuid::Uuid;

use super::Importer;
use super::answer::ImportResult;
use crate::customer::body::NewCustomer;
use crate::customer::command::Command;
use crate::customer::http::create::fresh_id;
use crate::customer::http::customers::StoredCustomer;
use crate::customer::id::CustomerId;
use crate::customer::profile::Profile;
use crate::customer::state::living;

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// One customer that is to be made.
pub(super) struct Creation {
    importer: Importer,
    /// The same in every attempt: so no two of them can both succeed.
    id: CustomerId,
    /// The line names the id.
    named: bool,
    profile: Profile,
    trace: TraceContext,
    /// The changes of attempts whose outcome was not known. Any of them may still have made the customer.
    unknown: Vec<Uuid>,
}

/// What became of it.
enum Outcome {
    Created { version: u64 },
    Unchanged { version: u64 },
    IdTaken,
    EmailTaken,
    TooLarge,
}

impl Creation {
    pub(super) fn new(importer: Importer, new: NewCustomer, trace: TraceContext) -> Result<Self, GivenUp> {
        let named = new.id.is_some();
        // The error was logged where it was made: no id of ours breaks the rules for ids.
        let id = new.id.map_or_else(fresh_id, Ok).map_err(|_| GivenUp)?;
        Ok(Self { importer, id, named, profile: new.profile, trace, unknown: Vec::new() })
    }

    /// # Errors
    /// [`GivenUp`] when no outcome could be had for so long, or the service drains.
    pub(super) async fn run(mut self, line: u64, patience: Duration) -> Result<ImportResult, GivenUp> {
        let outcome = tokio::time::timeout(patience, self.outcome(patience)).await;
        let outcome = outcome.map_err(|_elapsed| GivenUp)??;
        Ok(self.answer(line, outcome))
    }

    /// What is on its way to the database is waited for; what only waits ends with the service.
    async fn outcome(&mut self, patience: Duration) -> Result<Outcome, GivenUp> {
        let Importer { room, draining, .. } = self.importer.clone();
        let room = draining.run_until_cancelled(room.acquire_owned()).await;
        let _room = room.ok_or(GivenUp)?.map_err(|_closed| GivenUp)?;
        let mut pauses = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        loop {
            if let Some(outcome) = self.attempt(patience).await {
                return Ok(outcome);
            }
            draining.run_until_cancelled(tokio::time::sleep(pauses.next_wait())).await.ok_or(GivenUp)?;
        }
    }

    /// One attempt; `None` when another may come to something else.
    async fn attempt(&mut self, patience: Duration) -> Option<Outcome> {
        let customers = &self.importer.customers;
        if !customers.store().keeps_up() {
            return None;
        }
        let change = Uuid::now_v7();
        let command = |at| Command::Create { id: self.id.clone(), profile: self.profile.clone(), at };
        match customers.create_as(change, command, self.trace, patience).await {
            Ok(stored) => Some(Outcome::Created { version: stored.version }),
            Err(CommitError::VersionConflict) => self.whose().await,
            Err(CommitError::OutcomeUnknown { .. }) => {
                self.unknown.push(change);
                self.whose().await
            }
            // Not while an earlier attempt may still land: the address may be free by then.
            Err(CommitError::KeyTaken { .. }) => self.unknown.is_empty().then_some(Outcome::EmailTaken),
            Err(CommitError::TooLarge) => Some(Outcome::TooLarge),
            Err(CommitError::Unavailable { .. }) => None,
        }
    }

    /// Whose the id is; `None` when nobody's, or that cannot be told.
    async fn whose(&self) -> Option<Outcome> {
        let stored = self.importer.customers.load(self.id.as_str()).await.ok()??;
        Some(if self.unknown.iter().any(|change| stored.has_change(*change)) {
            Outcome::Created { version: stored.version }
        } else if self.is_content_of(&stored) {
            Outcome::Unchanged { version: stored.version }
        } else {
            Outcome::IdTaken
        })
    }

    fn is_content_of(&self, stored: &StoredCustomer) -> bool {
        living(Some(&stored.state)).is_ok_and(|living| self.profile.differences(Some(living)).is_empty())
    }

    fn answer(self, line: u64, outcome: Outcome) -> ImportResult {
        let named = if self.named { Some(self.id.clone()) } else { None };
        match outcome {
            Outcome::Created { version } => ImportResult::created(line, self.id, version),
            Outcome::Unchanged { version } => ImportResult::unchanged(line, self.id, version),
            Outcome::IdTaken => {
                let detail = "belongs to a customer with other content, or belonged to one that was deleted";
                ImportResult::conflict(line, named, Fault::new("/id", detail))
            }
            Outcome::EmailTaken => {
                ImportResult::conflict(line, named, Fault::new("/contact/email", "belongs to another customer"))
            }
            Outcome::TooLarge => {
                let detail = "would be a customer larger than its topic takes";
                ImportResult::invalid(line, named, vec![Fault::new("", detail)])
            }
        }
    }
}
