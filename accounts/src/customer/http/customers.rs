//! What the handlers share: the store, and what the pure rules must not have, namely the clock, fresh ids and retries.

use std::time::Duration;

use chrono::Utc;
use service_kit::http::call::Call;
use service_kit::http::consistency::{Consistency, Freshness, Sources};
use service_kit::http::problem::Problem;
use service_kit::http::trace::TraceContext;
use service_kit::write_path::{Aggregate, Change, CommitError, Proposal, Store, Stored, next_instant};
use shared_events::customer::Customer;
use shared_events::time::Timestamp;
use uuid::Uuid;

use super::answer::with_token;
use super::refusal::{commit_refused, refused};
use crate::customer::command::Command;
use crate::customer::event::CustomerAggregate;
use crate::customer::state::{Decision, NextVersion, decide};

/// So often a change is decided anew because another one was first. Each time somebody else's change was made, so the
/// customer is not stuck, it is in demand.
const RETRIES: usize = 10;

/// A customer as it is stored.
pub type StoredCustomer = Stored<Customer>;

/// The customers, for handlers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Customers {
    store: Store<CustomerAggregate>,
    sources: Sources,
}

impl Customers {
    /// Over this store; requests that carry a consistency token wait for what is found in `sources`.
    pub fn new(store: Store<CustomerAggregate>, sources: Sources) -> Self {
        Self { store, sources }
    }

    /// The store, for what the rules have no part in: lists, and whether it takes writes.
    pub(super) fn store(&self) -> &Store<CustomerAggregate> {
        &self.store
    }

    /// What is stored under the id; a deleted customer, too. Read with majority.
    pub(super) async fn load(&self, id: &str) -> Result<Option<StoredCustomer>, Problem> {
        Ok(self.store.load(id).await?)
    }

    /// Waits until the customers that the request's tokens name have come (D7). Here they always have, unless the
    /// database was replaced by an older one.
    pub(super) async fn reach(&self, call: &Call) -> Result<(Consistency, Freshness), Problem> {
        self.sources.reach(call).await
    }

    /// Makes version 1. The one attempt there is: another id, or none, is the caller's decision.
    pub(super) async fn create(
        &self,
        command: impl FnOnce(Timestamp) -> Command,
        request: Option<String>,
        trace: TraceContext,
    ) -> Result<StoredCustomer, CommitError> {
        let next = first_version(command(now(None)))?;
        self.store.commit(propose(Uuid::now_v7(), None, next, request, trace)).await
    }

    /// The same as this very change, which tells afterwards whether it was this attempt that made the customer; with
    /// this patience.
    pub(super) async fn create_as(
        &self,
        change: Uuid,
        command: impl FnOnce(Timestamp) -> Command,
        trace: TraceContext,
        patience: Duration,
    ) -> Result<StoredCustomer, CommitError> {
        let next = first_version(command(now(None)))?;
        self.store.commit_within(patience, propose(change, None, next, None, trace)).await
    }

    /// Reads what is stored under the id, lets `plan` make a command of it, decides and commits; again, when another
    /// change was first. An answer that writes nothing rests on the majority read.
    pub(super) async fn change(
        &self,
        id: &str,
        trace: TraceContext,
        plan: impl Fn(Option<&StoredCustomer>, Timestamp) -> Result<Command, Problem>,
    ) -> Result<StoredCustomer, Problem> {
        for _ in 0..=RETRIES {
            let base = self.load(id).await?;
            let decision = plan(base.as_ref(), now(base.as_ref()))
                .and_then(|command| decide(base.as_ref().map(|base| &base.state), command).map_err(refused))
                .map_err(|problem| with_token(problem, base.as_ref()))?;
            let committed = match (decision, base) {
                (Decision::Unchanged, Some(base)) => return Ok(base),
                (Decision::Unchanged, None) => continue,
                (Decision::Changed(next), base) => {
                    self.store.commit(propose(Uuid::now_v7(), base, *next, None, trace)).await
                }
            };
            match committed {
                Err(CommitError::VersionConflict) => {}
                Ok(stored) => return Ok(stored),
                Err(error) => return Err(commit_refused(error)),
            }
        }
        Err(Problem::always_second(CustomerAggregate::NAME))
    }
}

fn first_version(create: Command) -> Result<NextVersion, CommitError> {
    match decide(None, create) {
        Ok(Decision::Changed(next)) => Ok(*next),
        // Given nothing, a create changes something and nothing can be in its way.
        Ok(Decision::Unchanged) | Err(_) => Err(CommitError::VersionConflict),
    }
}

fn propose(
    change: Uuid,
    base: Option<StoredCustomer>,
    next: NextVersion,
    request: Option<String>,
    trace: TraceContext,
) -> Proposal<Customer> {
    let change = Change {
        id: change,
        kind: next.kind.to_owned(),
        at: next.state.updated_at,
        traceparent: Some(trace.traceparent()),
        changed: next.changed,
    };
    // The fingerprint of the request that created the customer stays with it for ever (D4).
    let request = base.as_ref().map_or(request, |base| base.request.clone());
    Proposal { id: next.state.id.clone(), base, state: next.state, change, request }
}

fn now(base: Option<&StoredCustomer>) -> Timestamp {
    next_instant(base.map(|base| base.change.at), Timestamp::new(Utc::now()))
}
