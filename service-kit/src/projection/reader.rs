//! Reading a copy: by id, in lists, and whether what is not there may still come.

use std::marker::PhantomData;
use std::sync::Arc;

use bson::raw::RawDocument;
use bson::{Document, RawDocumentBuf, doc};
use futures_util::TryStreamExt;
use mongodb::options::{CollectionOptions, ReadConcern, ReadPreference, SelectionCriteria};
use mongodb::{Collection, Database};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::generation::ActiveGeneration;
use super::progress::{Progress, Standing};
use super::{CopyProjection, Projection};

/// A state as the view has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Viewed<V> {
    /// The aggregate's id.
    pub id: String,
    /// The version that the view has.
    pub version: u64,
    /// What the projection made of that version.
    pub view: V,
}

/// The answer to a question for one id.
#[derive(Clone, Debug, PartialEq)]
pub enum Lookup<V> {
    /// The view has it; a deleted one too.
    Found(Viewed<V>),
    /// There is no such aggregate in the log.
    Missing,
    /// The view has not yet reached the end of its log once: it may only be late (D6). Never answered with 404 or 422.
    NotYet,
}

/// Why a view could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// MongoDB does not answer; try again.
    #[error("the view cannot be read now")]
    Unavailable(#[from] mongodb::error::Error),
    /// The stored document is not what this projection writes. A rebuild heals it.
    #[error("the document {id} of the view {view} cannot be understood")]
    Unreadable {
        /// The view's name.
        view: &'static str,
        /// The document's id.
        id: String,
        /// The driver's words, which may quote the document.
        #[source]
        source: Box<bson::error::Error>,
    },
}

/// The reading side of a copy. Cheap to clone.
#[derive(Debug)]
pub struct CopyReader<C> {
    database: Database,
    active: ActiveGeneration,
    progress: Arc<Progress>,
    copy: PhantomData<fn() -> C>,
}

impl<C> Clone for CopyReader<C> {
    fn clone(&self) -> Self {
        let Self { database, active, progress, copy } = self;
        Self { database: database.clone(), active: active.clone(), progress: Arc::clone(progress), copy: *copy }
    }
}

impl<C: CopyProjection> CopyReader<C> {
    pub(super) fn new(database: Database, active: ActiveGeneration, progress: Arc<Progress>) -> Self {
        Self { database, active, progress, copy: PhantomData }
    }

    /// One state.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn find(&self, id: &str) -> Result<Lookup<C::View>, ReadError> {
        let complete = self.is_complete();
        match self.view().await?.find_one(doc! { "_id": id }).await? {
            Some(document) => viewed::<C>(&document).map(Lookup::Found),
            None if complete => Ok(Lookup::Missing),
            None => Ok(Lookup::NotYet),
        }
    }

    /// The version that [`find`](Self::find) would show now: what a consistency token is compared with (D7).
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn version(&self, id: &str) -> Result<Option<u64>, ReadError> {
        #[derive(Deserialize)]
        struct Version {
            version: u64,
        }
        let found = self.view().await?.find_one(doc! { "_id": id }).projection(doc! { "version": 1 }).await?;
        found.map(|document| read::<C, Version>(&document).map(|found| found.version)).transpose()
    }

    /// Several states by their ids, in one question and in the order of the ids; those that are not there are left out.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn find_many(&self, ids: &[&str]) -> Result<Vec<Viewed<C::View>>, ReadError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.list(doc! { "_id": { "$in": ids } }, doc! { "_id": 1 }, ids.len()).await
    }

    /// The states that match, in this order, at most `limit` of them. The fields of the documents are those of the
    /// projection's view, beside `_id` and `version`.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn list(
        &self,
        filter: Document,
        order: Document,
        limit: usize,
    ) -> Result<Vec<Viewed<C::View>>, ReadError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found = self.view().await?.find(filter).sort(order).limit(limit).await?;
        let documents: Vec<RawDocumentBuf> = found.try_collect().await?;
        documents.iter().map(|document| viewed::<C>(document)).collect()
    }

    /// Whether the view has once reached the end of its log. Ask before reading: what becomes complete in between must not
    /// turn "not yet" into "missing".
    pub fn is_complete(&self) -> bool {
        self.progress.is_complete()
    }

    /// How far the copy has come.
    pub fn standing(&self) -> Standing {
        self.progress.report()
    }

    /// The active generation.
    async fn view(&self) -> mongodb::error::Result<Collection<RawDocumentBuf>> {
        let name = self.active.get().await?.collection(C::NAME);
        Ok(self.database.collection_with_options(&name, durable()))
    }
}

/// On the primary and on a majority, whatever the client's defaults are.
fn durable() -> CollectionOptions {
    CollectionOptions::builder()
        .read_concern(ReadConcern::majority())
        .selection_criteria(SelectionCriteria::ReadPreference(ReadPreference::Primary))
        .build()
}

fn viewed<C: CopyProjection>(document: &RawDocument) -> Result<Viewed<C::View>, ReadError> {
    #[derive(Deserialize)]
    struct Meta {
        #[serde(rename = "_id")]
        id: String,
        version: u64,
    }
    // Read twice, because a flattened view would lose BSON's types on the way.
    let Meta { id, version } = read::<C, _>(document)?;
    Ok(Viewed { id, version, view: read::<C, _>(document)? })
}

pub(super) fn read<C: Projection, T: DeserializeOwned>(document: &RawDocument) -> Result<T, ReadError> {
    let unreadable = |source| {
        let id = document.get_str("_id").unwrap_or_default().to_owned();
        ReadError::Unreadable { view: C::NAME, id, source: Box::new(source) }
    };
    bson::deserialize_from_slice(document.as_bytes()).map_err(unreadable)
}
