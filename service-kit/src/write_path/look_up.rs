//! Reading what is stored: by id, in lists, and lists of several at once. With majority and on the primary, so that what is
//! seen cannot be rolled back and an answer that writes nothing rests on what is durable.

use std::time::Duration;

use bson::{Document, RawDocumentBuf, doc};
use futures_util::TryStreamExt;
use mongodb::options::{ReadConcern, ReadPreference, SelectionCriteria};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    aggregate::{Aggregate, Stored, Unavailable},
    document,
    store::Store,
};

/// Bounds a read; the driver has no socket timeout of its own.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// All that [`Store::version`] asks for.
#[derive(Deserialize)]
struct Version {
    version: u64,
}

impl<A: Aggregate> Store<A> {
    /// The current version, tombstones included.
    ///
    /// # Errors
    /// [`Unavailable`] when the database does not answer.
    pub async fn load(&self, id: &str) -> Result<Option<Stored<A::State>>, Unavailable> {
        let found = self.collection().documents::<RawDocumentBuf>();
        let found = found.find_one(doc! { "_id": id }).into_future();
        let raw = answered(found).await?;
        raw.map(|raw| read(&raw)).transpose()
    }

    /// The version that [`load`](Self::load) would show now: what a consistency token is compared with (D7).
    ///
    /// # Errors
    /// [`Unavailable`] when the database does not answer.
    pub async fn version(&self, id: &str) -> Result<Option<u64>, Unavailable> {
        let found = self.collection().documents::<Version>();
        let found = found.find_one(doc! { "_id": id }).projection(doc! { "version": 1 }).into_future();
        Ok(answered(found).await?.map(|found| found.version))
    }

    /// Documents of a filter, for the lists that a business folder offers; at most `limit`.
    ///
    /// # Errors
    /// [`Unavailable`] when the database does not answer.
    pub async fn find(
        &self,
        filter: Document,
        sort: Document,
        limit: i64,
    ) -> Result<Vec<Stored<A::State>>, Unavailable> {
        let collection = self.collection().documents::<RawDocumentBuf>();
        let page = async { collection.find(filter).sort(sort).limit(limit).await?.try_collect::<Vec<_>>().await };
        answered(page).await?.iter().map(read).collect()
    }

    /// For each of these values of a member the first documents in this order, at most so many each: one question,
    /// however many values there are. It needs an index over the member and the order.
    ///
    /// # Errors
    /// [`Unavailable`] when the database does not answer.
    pub async fn find_each<'a>(
        &self,
        member: &str,
        values: impl IntoIterator<Item = &'a str>,
        sort: Document,
        at_most: i64,
    ) -> Result<Vec<Stored<A::State>>, Unavailable> {
        let values: Vec<_> = values.into_iter().map(|value| doc! { "value": value }).collect();
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let question = self
            .collection()
            .database
            .aggregate(first_of_each::<A>(member, values, sort, at_most))
            .read_concern(ReadConcern::majority())
            .selection_criteria(SelectionCriteria::ReadPreference(ReadPreference::Primary))
            .with_type::<RawDocumentBuf>();
        let found = async { question.await?.try_collect::<Vec<_>>().await };
        answered(found).await?.iter().map(read).collect()
    }
}

fn first_of_each<A: Aggregate>(member: &str, values: Vec<Document>, sort: Document, at_most: i64) -> Vec<Document> {
    let first = vec![doc! { "$sort": sort }, doc! { "$limit": at_most }];
    let joined = doc! {
        "from": A::COLLECTION, "localField": "value", "foreignField": member, "pipeline": first, "as": "found",
    };
    vec![
        doc! { "$documents": values },
        doc! { "$lookup": joined },
        // Right behind it, so that the server never makes one document of all that was found for a value.
        doc! { "$unwind": "$found" },
        doc! { "$replaceRoot": { "newRoot": "$found" } },
    ]
}

fn read<S: DeserializeOwned>(raw: &RawDocumentBuf) -> Result<Stored<S>, Unavailable> {
    document::read(raw).map_err(|error| {
        tracing::error!(%error, "a stored document cannot be read");
        Unavailable
    })
}

async fn answered<T>(question: impl Future<Output = mongodb::error::Result<T>>) -> Result<T, Unavailable> {
    match tokio::time::timeout(READ_TIMEOUT, question).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => {
            tracing::warn!(%error, "a read failed");
            Err(Unavailable)
        }
        Err(_) => {
            tracing::warn!("a read was not answered in time");
            Err(Unavailable)
        }
    }
}
