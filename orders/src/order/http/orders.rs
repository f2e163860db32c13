//! What the handlers share: the store, the customers of the orders, and what the pure rules must not have, namely the
//! clock, fresh ids and retries.

use std::collections::BTreeMap;

use chrono::Utc;
use service_kit::http::page::{Page, Paging};
use service_kit::http::precondition::Precondition;
use service_kit::http::problem::Problem;
use service_kit::http::trace::TraceContext;
use service_kit::write_path::{Aggregate, Change, CommitError, Proposal, Store, next_instant};
use shared_events::order::OrderStatus;
use shared_events::time::Timestamp;
use uuid::Uuid;

use super::answer::{self, Shown, with_token};
use super::place::Identity;
use super::refusal::{customer_away, refused};
use crate::customer_copy::http::Customers;
use crate::customer_copy::view::CopiedCustomer;
use crate::order::command::Command;
use crate::order::customer::Customer;
use crate::order::draft::{Draft, PlacedAt};
use crate::order::event::OrderAggregate;
use crate::order::id::OrderId;
use crate::order::state::{Decision, NextVersion, Refusal, decide};
use crate::order::view::{CUSTOMER, Filter, Position, StoredOrder, newest_first};
use crate::settings::SampleSettings;

/// So often a change is decided anew because another one was first. Each time somebody else's change was made, so the
/// order is not stuck, it is in demand.
const RETRIES: usize = 10;

/// The orders, for handlers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Orders {
    store: Store<OrderAggregate>,
    customers: Customers,
    samples: SampleSettings,
}

/// What became of a request to place an order.
#[derive(Debug)]
pub(super) enum Placed {
    /// It is the first one.
    New(Shown),
    /// The order is there already; this is how it is now.
    Repeated(Shown),
}

impl Orders {
    /// Over this store, for these customers.
    pub fn new(store: Store<OrderAggregate>, customers: Customers, samples: SampleSettings) -> Self {
        Self { store, customers, samples }
    }

    /// What a body may say about when its order was placed.
    pub(super) fn placed_at(&self) -> PlacedAt {
        if self.samples.placed_at { PlacedAt::Until(Timestamp::new(Utc::now())) } else { PlacedAt::Unknown }
    }

    /// The order with what it says of its customer. Read with majority.
    pub(super) async fn find(&self, id: &OrderId) -> Result<Shown, Problem> {
        let stored = self.store.load(id.as_str()).await?;
        let stored = stored.ok_or_else(|| refused(Refusal::NotFound, ""))?;
        let (shown, _) = self.with_customer(stored).await?;
        Ok(shown)
    }

    /// A page of orders.
    pub(crate) async fn page(&self, filter: &Filter, paging: &Paging<Position>) -> Result<Page<StoredOrder>, Problem> {
        let limit = i64::try_from(paging.fetch()).map_err(Problem::internal)?;
        let found = self.store.find(filter.documents(paging.after.as_ref()), newest_first(), limit).await?;
        Ok(paging.cut(found, Position::of))
    }

    /// The same page with the customers: one question to the copy, whatever the page's length.
    pub(super) async fn show(&self, page: Page<StoredOrder>) -> Result<Page<answer::Order>, Problem> {
        let placed = page.items.iter().filter(|stored| stored.state.status == OrderStatus::Placed);
        let mut ids: Vec<&str> = placed.map(|stored| stored.state.customer_id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        let customers = self.customers.find_many(&ids).await?;
        let customers: BTreeMap<_, _> = customers.into_iter().map(|found| (found.id.clone(), found.into())).collect();
        page.try_map(|stored| {
            let customer: Option<&Customer> = customers.get(&stored.state.customer_id);
            Shown::new(stored, customer).map(answer::Order::from).ok_or_else(customer_away)
        })
    }

    /// The newest orders of each of these customers, at most so many each.
    pub(crate) async fn newest_of<'a>(
        &self,
        customers: impl IntoIterator<Item = &'a str>,
        at_most: i64,
    ) -> Result<BTreeMap<String, Vec<StoredOrder>>, Problem> {
        let mut newest: BTreeMap<String, Vec<StoredOrder>> = BTreeMap::new();
        for stored in self.store.find_each(CUSTOMER, customers, newest_first(), at_most).await? {
            newest.entry(stored.state.customer_id.clone()).or_default().push(stored);
        }
        Ok(newest)
    }

    /// Places an order, or finds that it was placed by the same request before: that is asked first, because a repeat is
    /// answered whatever has become of the customer since.
    pub(super) async fn place(
        &self,
        identity: &Identity,
        draft: &Draft,
        request: &str,
        trace: TraceContext,
    ) -> Result<Placed, Problem> {
        let mut look = identity.may_exist();
        for _ in 0..=RETRIES {
            if look && let Some(stored) = self.store.load(identity.id.as_str()).await? {
                return self.repeated(identity, stored, request).await;
            }
            let customer = self.customer(draft.customer_id()).await?;
            let (id, at) = (identity.id.clone(), now(None));
            let command = Command::Place { id, draft: draft.clone(), customer: customer.clone(), at };
            let next = match decide(None, command).map_err(|refusal| refused(refusal, draft.customer_id()))? {
                Decision::Changed(next) => *next,
                Decision::Unchanged => break,
            };
            match self.commit(None, next, Some(request.to_owned()), trace).await {
                Ok(stored) => return Shown::new(stored, customer.as_ref()).map(Placed::New).ok_or_else(customer_away),
                // The same id was sent twice at once, and the other one won.
                Err(CommitError::VersionConflict) => look = true,
                Err(error) => return Err(Problem::of_commit(error, OrderAggregate::NAME)),
            }
        }
        Err(Problem::always_second(OrderAggregate::NAME))
    }

    async fn repeated(&self, identity: &Identity, stored: StoredOrder, request: &str) -> Result<Placed, Problem> {
        if stored.request.as_deref() != Some(request) {
            return Err(with_token(identity.taken(), &stored));
        }
        let (shown, _) = self.with_customer(stored).await?;
        Ok(Placed::Repeated(shown))
    }

    /// Takes the order to its last state, on what the client's condition was compared with: the order and its customer
    /// are read once for both.
    pub(super) async fn settle(
        &self,
        id: &OrderId,
        precondition: &Precondition,
        trace: TraceContext,
        command: impl Fn(Option<Customer>, Timestamp) -> Command,
    ) -> Result<Shown, Problem> {
        for _ in 0..=RETRIES {
            let stored = self.store.load(id.as_str()).await?;
            let stored = stored.ok_or_else(|| refused(Refusal::NotFound, ""))?;
            let (shown, customer) = self.with_customer(stored).await?;
            let decision = decide(Some(&shown.stored.state), command(customer.clone(), now(Some(&shown.stored))));
            let refuse = |problem| with_token(problem, &shown.stored);
            allow(precondition, &shown, matches!(decision, Ok(Decision::Unchanged))).map_err(refuse)?;
            let next = match decision.map_err(|refusal| refuse(refused(refusal, &shown.stored.state.customer_id)))? {
                Decision::Unchanged => return Ok(shown),
                Decision::Changed(next) => *next,
            };
            match self.commit(Some(shown.stored), next, None, trace).await {
                Ok(stored) => return Shown::new(stored, customer.as_ref()).ok_or_else(customer_away),
                Err(CommitError::VersionConflict) => {}
                Err(error) => return Err(Problem::of_commit(error, OrderAggregate::NAME)),
            }
        }
        Err(Problem::always_second(OrderAggregate::NAME))
    }

    /// The order as it is shown, and its customer while it waits.
    async fn with_customer(&self, stored: StoredOrder) -> Result<(Shown, Option<Customer>), Problem> {
        let customer = match stored.state.status {
            OrderStatus::Placed => self.customer(&stored.state.customer_id).await,
            OrderStatus::Fulfilled | OrderStatus::Cancelled => Ok(None),
        };
        let customer = customer.map_err(|problem| with_token(problem, &stored))?;
        let away = with_token(customer_away(), &stored);
        let shown = Shown::new(stored, customer.as_ref()).ok_or(away)?;
        Ok((shown, customer))
    }

    async fn customer(&self, id: &str) -> Result<Option<Customer>, Problem> {
        Ok(self.customers.find(id).await?.map(Customer::from))
    }

    async fn commit(
        &self,
        base: Option<StoredOrder>,
        next: NextVersion,
        request: Option<String>,
        trace: TraceContext,
    ) -> Result<StoredOrder, CommitError> {
        let change = Change {
            id: Uuid::now_v7(),
            kind: next.kind.to_owned(),
            at: next.state.updated_at,
            traceparent: Some(trace.traceparent()),
            changed: next.changed,
        };
        // The fingerprint of the request that placed the order stays with it for ever (D4).
        let request = base.as_ref().map_or(request, |base| base.request.clone());
        let proposal = Proposal { id: next.state.id.clone(), base, state: next.state, change, request };
        self.store.commit(proposal).await
    }
}

/// Judges `If-Match`. What repeats a change that was made to exactly the state that it names asks for nothing new (RFC 9110,
/// section 13.1.1), so it is answered although that state is gone: its first answer may have been lost.
fn allow(precondition: &Precondition, shown: &Shown, repeats: bool) -> Result<(), Problem> {
    let judged = precondition.allow_change(shown.entity().tag());
    if repeats && precondition.allow_change(&shown.last_placed_tag()).is_ok() { Ok(()) } else { judged }
}

fn now(base: Option<&StoredOrder>) -> Timestamp {
    next_instant(base.map(|base| base.change.at), Timestamp::new(Utc::now()))
}

impl From<CopiedCustomer> for Customer {
    fn from(CopiedCustomer { version, view, .. }: CopiedCustomer) -> Self {
        Self { version, status: view.status, name: view.name, addresses: view.addresses }
    }
}
