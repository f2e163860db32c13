//! Reading an accumulation: questions to the totals, and whether an aggregate's state is already in them.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use bson::{Document, RawDocumentBuf, doc};
use futures_util::{Stream, StreamExt, TryStreamExt};
use mongodb::error::{Error, ErrorKind};
use mongodb::options::{CollectionOptions, ReadConcern, ReadPreference, SelectionCriteria};
use mongodb::{Collection, Database};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use shared_events::time::Timestamp;

use super::AccumulatingProjection;
use super::accumulate;
use super::generation::ActiveGeneration;
use super::progress::{Progress, Standing};
use super::reader::{self, ReadError};

/// A view whose collection or index was just made has no snapshot for a moment: the server says so, and to try again.
const SNAPSHOT_UNAVAILABLE: i32 = 246;
const PAUSE: Duration = Duration::from_millis(20);
/// So often; two seconds in all.
const PATIENCE: u32 = 100;

/// The reading side of an accumulation. Cheap to clone.
#[derive(Debug)]
pub struct TotalsReader<A> {
    database: Database,
    active: ActiveGeneration,
    progress: Arc<Progress>,
    accumulation: PhantomData<fn() -> A>,
}

impl<A> Clone for TotalsReader<A> {
    fn clone(&self) -> Self {
        let Self { database, active, progress, accumulation } = self;
        Self {
            database: database.clone(),
            active: active.clone(),
            progress: Arc::clone(progress),
            accumulation: *accumulation,
        }
    }
}

impl<A: AccumulatingProjection> TotalsReader<A> {
    pub(super) fn new(database: Database, active: ActiveGeneration, progress: Arc<Progress>) -> Self {
        Self { database, active, progress, accumulation: PhantomData }
    }

    /// What the pipeline makes of the totals, item by item. A document of the totals has the members of the projection's
    /// cell and amounts, and the partition that they come from: the same cell stands once per partition, so a pipeline
    /// groups first.
    ///
    /// # Errors
    /// See [`ReadError`]; each item may have its own.
    pub async fn stream<T: DeserializeOwned>(
        &self,
        pipeline: Vec<Document>,
    ) -> Result<impl Stream<Item = Result<T, ReadError>> + use<T, A>, ReadError> {
        // All of an event's amounts or none of them: a batch is one transaction, and a scan may take longer than that.
        let totals = self.collection(std::convert::identity, ReadConcern::snapshot()).await?;
        let mut patience = PATIENCE;
        let found = loop {
            match totals.aggregate(pipeline.clone()).allow_disk_use(true).with_type::<RawDocumentBuf>().await {
                Err(error) if has_no_snapshot_yet(&error) && patience > 0 => patience -= 1,
                found => break found?,
            }
            tokio::time::sleep(PAUSE).await;
        };
        Ok(found.map(|document| reader::read::<A, T>(&document?)))
    }

    /// The same, all at once: for pipelines that end with a limit.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn all<T: DeserializeOwned>(&self, pipeline: Vec<Document>) -> Result<Vec<T>, ReadError> {
        self.stream(pipeline).await?.try_collect().await
    }

    /// The version of an aggregate that is in the totals: what a consistency token is compared with (D7).
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn version(&self, id: &str) -> Result<Option<u64>, ReadError> {
        #[derive(Deserialize)]
        struct Version {
            version: u64,
        }
        let keys = self.collection(|view| accumulate::keys_of(&view), ReadConcern::majority()).await?;
        let found = keys.find_one(doc! { "_id": id }).projection(doc! { "version": 1 }).await?;
        found.map(|document| reader::read::<A, Version>(&document).map(|found| found.version)).transpose()
    }

    /// Up to when the totals are complete: every event that was in the log at that instant is added up, or parked. `None`
    /// until that has been seen once.
    pub fn as_of(&self) -> Option<Timestamp> {
        self.progress.as_of()
    }

    /// Whether the view has once reached the end of its log.
    pub fn is_complete(&self) -> bool {
        self.progress.is_complete()
    }

    /// How far the view has come.
    pub fn standing(&self) -> Standing {
        self.progress.report()
    }

    async fn collection(
        &self,
        of: fn(String) -> String,
        concern: ReadConcern,
    ) -> mongodb::error::Result<Collection<RawDocumentBuf>> {
        let name = of(self.active.get().await?.collection(A::NAME));
        let options = CollectionOptions::builder()
            .read_concern(concern)
            .selection_criteria(SelectionCriteria::ReadPreference(ReadPreference::Primary))
            .build();
        Ok(self.database.collection_with_options(&name, options))
    }
}

fn has_no_snapshot_yet(error: &Error) -> bool {
    matches!(&*error.kind, ErrorKind::Command(refusal) if refusal.code == SNAPSHOT_UNAVAILABLE)
}
