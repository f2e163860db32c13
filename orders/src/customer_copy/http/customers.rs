//! What the handlers share: the copy, and the waiting for a state that a token names (D7).

use std::time::Duration;

use service_kit::http::call::Call;
use service_kit::http::consistency::{Consistency, Freshness, Waiters};
use service_kit::http::problem::Problem;
use service_kit::projection::{CopyReader, Lookup, Projection, ReadError};
use shared_events::token::ConsistencyToken;

use crate::customer_copy::projection::CustomerCopies;
use crate::customer_copy::view::{CopiedCustomer, Copies, Position};

const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The copied customers, for handlers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Customers {
    copies: Copies,
    waiters: Waiters,
}

impl Customers {
    /// Over this copy; requests that carry a consistency token wait here.
    pub fn new(copies: CopyReader<CustomerCopies>, waiters: Waiters) -> Self {
        Self { copies: Copies::new(copies), waiters }
    }

    /// Waits until the copy has the customers that the request's tokens name.
    pub(super) async fn reach(&self, call: &Call) -> Result<(Consistency, Freshness), Problem> {
        let consistency = call.consistency(&[CustomerCopies::AGGREGATE])?;
        let version = async |token: &ConsistencyToken| self.copies.version(&token.id).await.map_err(unreadable);
        let freshness = self.waiters.reach(&consistency, version).await?;
        Ok((consistency, freshness))
    }

    /// A customer of the copy, a deleted one too; `None` when there is none in all of the log.
    pub(super) async fn find(&self, id: &str) -> Result<Option<CopiedCustomer>, Problem> {
        match self.copies.find(id).await.map_err(unreadable)? {
            Lookup::Found(customer) => Ok(Some(customer)),
            Lookup::Missing => Ok(None),
            Lookup::NotYet => Err(not_yet()),
        }
    }

    /// Living customers in the order of their creation.
    pub(super) async fn living(&self, after: Option<&Position>, limit: usize) -> Result<Vec<CopiedCustomer>, Problem> {
        if !self.copies.is_complete() {
            return Err(not_yet());
        }
        self.copies.living(after, limit).await.map_err(unreadable)
    }
}

/// D6: what is not there may only be late, so nobody is told that it does not exist.
fn not_yet() -> Problem {
    Problem::unavailable("the copy of the customers has not yet reached the end of its log", RETRY_AFTER)
}

fn unreadable(error: ReadError) -> Problem {
    match error {
        ReadError::Unavailable(_) => Problem::unavailable("the database cannot be reached", RETRY_AFTER),
        // The source may quote the document.
        unreadable @ ReadError::Unreadable { .. } => Problem::internal(unreadable),
    }
}
