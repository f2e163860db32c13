//! Which generation of a view is the active one (D6): a small document in `projections` says so, and reads go through a
//! cached copy of it. A rebuild fills the next generation beside the active one and flips this document.

use std::sync::Arc;
use std::time::Duration;

use bson::doc;
use mongodb::options::ReturnDocument;
use mongodb::{Collection, Database};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// Where the pointers are.
const COLLECTION: &str = "projections";
/// How old the cached pointer may become.
pub(super) const REFRESH: Duration = Duration::from_secs(1);

/// A generation's number: 1, 2, 3 …
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Generation(pub u32);

impl Generation {
    /// The collection of a view's generation: `customers.g3`.
    pub(super) fn collection(self, projection: &str) -> String {
        format!("{projection}.g{}", self.0)
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Pointer {
    #[serde(rename = "_id")]
    projection: String,
    active: Generation,
}

/// The cached pointer of one projection.
#[derive(Clone, Debug)]
pub(super) struct ActiveGeneration {
    projection: &'static str,
    pointers: Collection<Pointer>,
    cached: Arc<watch::Sender<Option<Generation>>>,
}

impl ActiveGeneration {
    pub(super) fn new(projection: &'static str, database: &Database) -> Self {
        Self { projection, pointers: database.collection(COLLECTION), cached: Arc::new(watch::Sender::new(None)) }
    }

    /// The active generation, from the cache when it has ever been read.
    pub(super) async fn get(&self) -> mongodb::error::Result<Generation> {
        let cached = *self.cached.borrow();
        match cached {
            Some(generation) => Ok(generation),
            None => self.refresh().await,
        }
    }

    /// Reads the pointer; the first reader of a fresh database makes it, at generation 1.
    pub(super) async fn refresh(&self) -> mongodb::error::Result<Generation> {
        let pointer = self
            .pointers
            .find_one_and_update(doc! { "_id": self.projection }, doc! { "$setOnInsert": { "active": 1 } })
            .upsert(true)
            .return_document(ReturnDocument::After)
            .await?;
        let active = pointer.map_or(Generation(1), |pointer| pointer.active);
        self.cached.send_replace(Some(active));
        Ok(active)
    }
}
