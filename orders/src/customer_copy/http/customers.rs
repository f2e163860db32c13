//! What the handlers share: the copy, and what to say about what it does not have.

use service_kit::http::problem::Problem;
use service_kit::projection::{CopyReader, Lookup, Projection};

use crate::customer_copy::projection::CustomerCopies;
use crate::customer_copy::view::{CopiedCustomer, Copies, Position};

/// The copied customers, for handlers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Customers {
    copies: Copies,
}

impl Customers {
    /// Over this copy.
    pub fn new(copies: CopyReader<CustomerCopies>) -> Self {
        Self { copies: Copies::new(copies) }
    }

    /// A customer of the copy, a deleted one too; `None` when there is none in all of the log. D6: what is not there may
    /// only be late, so until the copy is complete nobody is told that it does not exist.
    pub(crate) async fn find(&self, id: &str) -> Result<Option<CopiedCustomer>, Problem> {
        match self.copies.find(id).await? {
            Lookup::Found(customer) => Ok(Some(customer)),
            Lookup::Missing => Ok(None),
            Lookup::NotYet => Err(not_yet()),
        }
    }

    /// Those of these customers that the copy has.
    pub(crate) async fn find_many(&self, ids: &[&str]) -> Result<Vec<CopiedCustomer>, Problem> {
        Ok(self.copies.find_many(ids).await?)
    }

    /// Living customers in the order of their creation.
    pub(super) async fn living(&self, after: Option<&Position>, limit: usize) -> Result<Vec<CopiedCustomer>, Problem> {
        if !self.copies.is_complete() {
            return Err(not_yet());
        }
        Ok(self.copies.living(after, limit).await?)
    }
}

fn not_yet() -> Problem {
    Problem::not_yet_complete(CustomerCopies::NAME)
}
