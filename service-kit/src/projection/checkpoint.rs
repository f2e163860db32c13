//! How far a generation of a view has come in each partition of the log, stored beside the view (D5). Correctness rests
//! on these and never on the consumer group's offsets.
//!
//! A checkpoint says "everything before `next` is in this generation, on a majority". That stays true whoever says it,
//! so it only ever rises. One that is missing, or lower than this process knows it to be, means that the database was
//! dropped, restored or reset underneath: the process ends, and the next start goes on from what is there.

use std::collections::BTreeMap;

use bson::{Bson, Document, doc};
use futures_util::TryStreamExt;
use mongodb::{Collection, Database};
use serde::{Deserialize, Serialize};
use shared_events::time::Timestamp;
use uuid::Uuid;

use super::bulk;
use super::generation::Generation;
use super::log::Place;
use super::retry::Trouble;

/// Where the checkpoints are.
pub(super) const COLLECTION: &str = "checkpoints";

/// The document of one partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Checkpoint {
    /// `customers.g1/3`
    #[serde(rename = "_id")]
    pub(super) id: String,
    pub(super) projection: String,
    pub(super) generation: Generation,
    pub(super) topic: String,
    pub(super) partition: i32,
    /// How many partitions the topic had when this was made: so many checkpoints there have to be.
    pub(super) partitions: usize,
    /// Made anew with the document, so that a document made anew is told from the one that was known.
    pub(super) incarnation: String,
    /// The first offset that is not yet in the view.
    pub(super) next: i64,
    /// Whether the end of the partition has been reached once.
    pub(super) complete: bool,
    /// The cluster of the log, where it says so.
    pub(super) cluster: Option<String>,
    /// The first record of the partition, once one was seen.
    pub(super) first: Option<Place>,
    /// The last record that was applied or parked.
    pub(super) last: Option<Place>,
    pub(super) at: Option<Timestamp>,
}

/// The document's id.
pub(super) fn id(view: &str, partition: i32) -> String {
    format!("{view}/{partition}")
}

impl Checkpoint {
    /// Nothing applied yet, from `next` on.
    pub(super) fn new(
        view: &str,
        projection: &str,
        generation: Generation,
        topic: &str,
        partition: i32,
        next: i64,
    ) -> Self {
        Self {
            id: id(view, partition),
            projection: projection.to_owned(),
            generation,
            topic: topic.to_owned(),
            partition,
            partitions: 0,
            incarnation: Uuid::new_v4().to_string(),
            next,
            complete: false,
            cluster: None,
            first: None,
            last: None,
            at: None,
        }
    }

    /// The record at this place is applied or parked; one that was passed before changes nothing.
    pub(super) fn reached(&mut self, place: Place) {
        if place.offset >= self.next {
            self.next = place.offset + 1;
            self.first.get_or_insert_with(|| place.clone());
            self.last = Some(place);
        }
    }
}

/// The checkpoint is not what it was: see the module's text.
#[derive(Debug, thiserror::Error)]
#[error(
    "the checkpoints of {0} are gone or have moved back: the database was dropped, restored or reset while this process \
     ran; the next start goes on from what is there"
)]
pub(super) struct MovedBack(String);

/// The checkpoints of one generation.
#[derive(Clone, Debug)]
pub(super) struct Checkpoints {
    database: Database,
    view: String,
}

impl Checkpoints {
    pub(super) fn new(database: &Database, view: &str) -> Self {
        Self { database: database.clone(), view: view.to_owned() }
    }

    /// What to say when they are not what they were.
    pub(super) fn moved_back(&self) -> MovedBack {
        MovedBack(self.view.clone())
    }

    fn documents(&self) -> Collection<Checkpoint> {
        self.database.collection(COLLECTION)
    }

    /// All that are there, by partition.
    pub(super) async fn load(&self) -> Result<BTreeMap<i32, Checkpoint>, Trouble> {
        // An `_id` is the view's name, a slash and a number; `0` is what follows the slash in ASCII.
        let range = doc! { "$gte": format!("{}/", self.view), "$lt": format!("{}0", self.view) };
        let found = self.documents().find(doc! { "_id": range }).await?;
        Ok(found.map_ok(|checkpoint| (checkpoint.partition, checkpoint)).try_collect().await?)
    }

    /// Makes those that are not there yet. Another instance may do the same: the first one stays.
    pub(super) async fn make(&self, missing: &[Checkpoint]) -> Result<(), Trouble> {
        for checkpoint in missing {
            let mut fields = bson::serialize_to_document(checkpoint).map_err(Trouble::new)?;
            fields.remove("_id");
            let only_new = doc! { "$setOnInsert": fields };
            self.documents().update_one(doc! { "_id": &checkpoint.id }, only_new).upsert(true).await?;
        }
        Ok(())
    }

    /// Moves checkpoints forward, from what this process knows to what it has applied.
    pub(super) async fn advance(&self, moves: &[Advance]) -> Result<Result<(), MovedBack>, Trouble> {
        let statements: Vec<_> =
            moves.iter().map(Advance::statement).collect::<Result<_, _>>().map_err(Trouble::new)?;
        let reply = bulk::update(&self.database, COLLECTION, &statements).await?.without_errors()?;
        let all_there = reply.n == moves.len() as u64;
        Ok(if all_there { Ok(()) } else { Err(self.moved_back()) })
    }
}

/// One checkpoint's way forward.
#[derive(Clone, Debug)]
pub(super) struct Advance {
    /// As it was last loaded or stored by this process.
    pub(super) known: Checkpoint,
    /// As it shall be.
    pub(super) wanted: Checkpoint,
}

impl Advance {
    pub(super) fn statement(&self) -> bson::error::Result<bson::RawDocumentBuf> {
        let Self { known, wanted } = self;
        // Somebody who took the partition over may be ahead already: then only what is further moves.
        let further = doc! { "$gt": [wanted.next, "$next"] };
        let literal = |place: &Option<Place>| match place {
            Some(place) => doc! { "$literal": { "offset": place.offset, "eventId": place.event_id.clone() } }.into(),
            None => Bson::Null,
        };
        let set = doc! { "$set": {
            "last": { "$cond": [further, literal(&wanted.last), "$last"] },
            "next": { "$max": ["$next", wanted.next] },
            "first": { "$ifNull": ["$first", literal(&wanted.first)] },
            "complete": { "$or": ["$complete", wanted.complete] },
            "at": "$$NOW",
        } };
        let filter = doc! { "_id": &known.id, "incarnation": &known.incarnation, "next": { "$gte": known.next } };
        let statement: Document = doc! { "q": filter, "u": [set] };
        bson::RawDocumentBuf::try_from(&statement)
    }
}
