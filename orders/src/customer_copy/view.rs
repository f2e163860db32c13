//! The copy as it is stored in `customers.g<N>`, and the questions that are asked of it. Its version and the id are kept
//! beside these fields by the machinery.

use bson::{Document, doc};
use serde::{Deserialize, Serialize};
use service_kit::mongo::IndexSpec;
use service_kit::projection::{CopyReader, Lookup, ReadError, Viewed};
use shared_events::customer::{Address, Contact, Name, Status};
use shared_events::time::Timestamp;

use super::projection::CustomerCopies;

/// What orders keeps of a customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerCopy {
    /// The person.
    pub name: Name,
    /// How to reach them.
    pub contact: Contact,
    /// Where to ship; at most one per type.
    pub addresses: Vec<Address>,
    /// Deleted customers stay in the copy.
    pub status: Status,
    /// When version 1 was made.
    pub created_at: Timestamp,
    /// When this version was made.
    pub updated_at: Timestamp,
    /// When the customer was deleted.
    pub deleted_at: Option<Timestamp>,
}

/// A customer of the copy with id and version.
pub type CopiedCustomer = Viewed<CustomerCopy>;

/// Where a customer stands in the order of creation, which never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    created_at_ms: i64,
    id: String,
}

impl Position {
    /// The position of this customer.
    pub fn of(customer: &CopiedCustomer) -> Self {
        Self { created_at_ms: customer.view.created_at.millis(), id: customer.id.clone() }
    }
}

/// Questions to the copy. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Copies(CopyReader<CustomerCopies>);

impl Copies {
    /// Over this reader.
    pub fn new(reader: CopyReader<CustomerCopies>) -> Self {
        Self(reader)
    }

    /// One customer, a deleted one too.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn find(&self, id: &str) -> Result<Lookup<CustomerCopy>, ReadError> {
        self.0.find(id).await
    }

    /// Several customers by their ids, deleted ones too; those that are not there are left out.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn find_many(&self, ids: &[&str]) -> Result<Vec<CopiedCustomer>, ReadError> {
        self.0.find_many(ids).await
    }

    /// Whether the copy has once reached the end of its log; see [`CopyReader::is_complete`].
    pub fn is_complete(&self) -> bool {
        self.0.is_complete()
    }

    /// Living customers in the order of their creation, after a position.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn living(&self, after: Option<&Position>, limit: usize) -> Result<Vec<CopiedCustomer>, ReadError> {
        self.0.list(living_after(after), doc! { "createdAt": 1, "_id": 1 }, limit).await
    }
}

fn living_after(after: Option<&Position>) -> Document {
    let mut filter = doc! { "status": "ACTIVE" };
    if let Some(Position { created_at_ms, id }) = after {
        let at = bson::DateTime::from_millis(*created_at_ms);
        filter.insert("$or", [doc! { "createdAt": { "$gt": at } }, doc! { "createdAt": at, "_id": { "$gt": id } }]);
    }
    filter
}

/// The index that the list needs.
pub(super) fn indexes() -> Vec<IndexSpec> {
    vec![IndexSpec::new("list_by_creation", doc! { "status": 1, "createdAt": 1, "_id": 1 })]
}
