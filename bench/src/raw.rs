//! The yardstick: one raw driver call per command, `w: majority`, the same documents and the same unique index, and no
//! event at all.

use std::sync::Arc;

use bson::{Document, RawDocumentBuf, doc};
use local_stack::Servers;
use mongodb::{Collection, Database, IndexModel, options::IndexOptions};
use tokio::sync::Mutex;

use crate::{
    customer::customer,
    load::{self, Load, Outcome},
    settings,
    write_path::DOCUMENTS_PER_CALLER,
};

/// A collection of its own.
pub(crate) struct Raw {
    database: Database,
    customers: Collection<RawDocumentBuf>,
}

impl Raw {
    pub(crate) async fn new(servers: &Servers, prefix: &str) -> anyhow::Result<Self> {
        let database = settings::database(servers, format!("{prefix}raw")).await?;
        let customers = database.collection::<RawDocumentBuf>("customers");
        let unique = IndexOptions::builder().unique(true).build();
        let index = IndexModel::builder().keys(doc! { "contact.email": 1 }).options(unique).build();
        customers.create_index(index).await?;
        Ok(Self { database, customers })
    }

    /// `insertOne` per command.
    pub(crate) async fn creates(&self, load: Load) -> anyhow::Result<Outcome> {
        let customers = self.customers.clone();
        load::run(load, move |caller, number| {
            let customers = customers.clone();
            async move {
                customers.insert_one(document(&format!("c{caller}-{number}"), 1)?).await?;
                Ok(())
            }
        })
        .await
    }

    /// `replaceOne`, guarded by version, per command.
    pub(crate) async fn updates(&self, load: Load) -> anyhow::Result<Outcome> {
        for caller in 0..load.callers {
            let documents = (0..DOCUMENTS_PER_CALLER).map(|i| document(&format!("u{caller}-{i}"), 1));
            self.customers.insert_many(documents.collect::<anyhow::Result<Vec<_>>>()?).await?;
        }
        let customers = self.customers.clone();
        let versions: Arc<Vec<Mutex<Vec<u64>>>> =
            Arc::new((0..load.callers).map(|_| Mutex::new(vec![1; DOCUMENTS_PER_CALLER])).collect());
        load::run(load, move |caller, number| {
            let (customers, versions) = (customers.clone(), Arc::clone(&versions));
            async move {
                let which = number % DOCUMENTS_PER_CALLER;
                let id = format!("u{caller}-{which}");
                let mut versions = versions[caller].lock().await;
                let version = versions[which];
                let guard = doc! { "_id": &id, "version": version as i64 };
                let result = customers.replace_one(guard, document(&id, version + 1)?).await?;
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

fn document(id: &str, version: u64) -> anyhow::Result<RawDocumentBuf> {
    let mut document: Document = bson::serialize_to_document(&customer(id, version))?;
    document.insert("_id", id);
    Ok(RawDocumentBuf::try_from(&document)?)
}
