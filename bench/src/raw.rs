//! The yardstick: one raw driver call per command, `w: majority`, the same documents and the same unique index, and no
//! event at all.

use std::{marker::PhantomData, sync::Arc};

use bson::{Document, RawDocumentBuf, doc};
use local_stack::Servers;
use mongodb::{Collection, Database, IndexModel, options::IndexOptions};
use tokio::sync::Mutex;

use crate::{
    load::{self, Load, Outcome},
    settings,
    subject::Subject,
    write_path::DOCUMENTS_PER_CALLER,
};

/// A collection of its own.
pub(crate) struct Raw<A> {
    database: Database,
    documents: Collection<RawDocumentBuf>,
    subject: PhantomData<fn() -> A>,
}

impl<A: Subject> Raw<A> {
    pub(crate) async fn new(servers: &Servers, prefix: &str) -> anyhow::Result<Self> {
        let database = settings::database(servers, format!("{prefix}raw")).await?;
        let documents = database.collection::<RawDocumentBuf>("documents");
        if let Some(member) = A::UNIQUE {
            let unique = IndexOptions::builder().unique(true).build();
            documents.create_index(IndexModel::builder().keys(doc! { member: 1 }).options(unique).build()).await?;
        }
        Ok(Self { database, documents, subject: PhantomData })
    }

    /// `insertOne` per command.
    pub(crate) async fn creates(&self, load: Load) -> anyhow::Result<Outcome> {
        let documents = self.documents.clone();
        load::run(load, move |caller, number| {
            let documents = documents.clone();
            async move {
                documents.insert_one(document::<A>(&format!("c{caller}-{number}"), 1)?).await?;
                Ok(())
            }
        })
        .await
    }

    /// `replaceOne`, guarded by version, per command.
    pub(crate) async fn updates(&self, load: Load) -> anyhow::Result<Outcome> {
        for caller in 0..load.callers {
            let documents = (0..DOCUMENTS_PER_CALLER).map(|i| document::<A>(&format!("u{caller}-{i}"), 1));
            self.documents.insert_many(documents.collect::<anyhow::Result<Vec<_>>>()?).await?;
        }
        let documents = self.documents.clone();
        let versions: Arc<Vec<Mutex<Vec<u64>>>> =
            Arc::new((0..load.callers).map(|_| Mutex::new(vec![1; DOCUMENTS_PER_CALLER])).collect());
        load::run(load, move |caller, number| {
            let (documents, versions) = (documents.clone(), Arc::clone(&versions));
            async move {
                let which = number % DOCUMENTS_PER_CALLER;
                let id = format!("u{caller}-{which}");
                let mut versions = versions[caller].lock().await;
                let version = versions[which];
                let guard = doc! { "_id": &id, "version": version as i64 };
                let result = documents.replace_one(guard, document::<A>(&id, version + 1)?).await?;
                anyhow::ensure!(result.matched_count == 1, "a guard failed that nobody else could move");
                versions[which] += 1;
                Ok(())
            }
        })
        .await
    }

    pub(crate) async fn drop(&self) -> anyhow::Result<()> {
        Ok(self.database.drop().await?)
    }
}

fn document<A: Subject>(id: &str, version: u64) -> anyhow::Result<RawDocumentBuf> {
    let mut document: Document = bson::serialize_to_document(&A::state(id, version))?;
    document.insert("_id", id);
    Ok(RawDocumentBuf::try_from(&document)?)
}
