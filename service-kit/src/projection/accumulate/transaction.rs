//! One transaction of a view: a snapshot to read from, and writes that a majority has, all or none.
//!
//! Cut off before its commit, it leaves nothing: the next one of the session ends it. Every fault is [`Trouble`]: the whole
//! attempt is made again, on what is stored by then; so a commit whose answer was lost needs no special care.

use bson::{Document, RawDocumentBuf};
use futures_util::TryStreamExt;
use mongodb::options::{ReadConcern, SelectionCriteria, WriteConcern};
use mongodb::{ClientSession, Database};
use serde::de::DeserializeOwned;
use tokio::sync::MappedMutexGuard;

use super::super::bulk;
use super::super::retry::Trouble;

pub(super) struct Transaction<'s> {
    database: Database,
    session: MappedMutexGuard<'s, ClientSession>,
}

impl<'s> Transaction<'s> {
    pub(super) async fn begin(
        database: &Database,
        mut session: MappedMutexGuard<'s, ClientSession>,
    ) -> Result<Self, Trouble> {
        // What was cut off is ended first. Mostly there is nothing, which is an error of its own kind.
        drop(session.abort_transaction().await);
        session
            .start_transaction()
            .read_concern(ReadConcern::snapshot())
            .write_concern(WriteConcern::majority())
            .selection_criteria(SelectionCriteria::ReadPreference(mongodb::options::ReadPreference::Primary))
            .await?;
        Ok(Self { database: database.clone(), session })
    }

    pub(super) async fn find<T: DeserializeOwned + Send + Sync>(
        &mut self,
        collection: &str,
        filter: Document,
    ) -> Result<Vec<T>, Trouble> {
        let collection = self.database.collection::<T>(collection);
        let mut found = collection.find(filter).session(&mut *self.session).await?;
        Ok(found.stream(&mut self.session).try_collect().await?)
    }

    /// Every statement has to find its document, or to make it.
    pub(super) async fn update(&mut self, collection: &str, statements: &[RawDocumentBuf]) -> Result<(), Trouble> {
        for part in bulk::parts(statements) {
            let command = bulk::command(collection, part);
            let reply = self.database.run_raw_command(command).session(&mut *self.session).await?;
            let found = bulk::Reply::read(reply)?.without_errors()?.n;
            if found != part.len() as u64 {
                return Err(Trouble::new(format_args!("{found} of {} documents were there to be written", part.len())));
            }
        }
        Ok(())
    }

    pub(super) async fn delete(&mut self, collection: &str, filter: Option<Document>) -> Result<(), Trouble> {
        if let Some(filter) = filter {
            self.database.collection::<Document>(collection).delete_many(filter).session(&mut *self.session).await?;
        }
        Ok(())
    }

    pub(super) async fn commit(mut self) -> Result<(), Trouble> {
        Ok(self.session.commit_transaction().await?)
    }
}
