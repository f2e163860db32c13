//! Rule 11, the clean stop: stop commits, resolve every outcome, wait for all acknowledgements, store the final
//! watermark, then retire the writer. In this order, and retire only when every number is done; otherwise the id is
//! left as after a crash and will be swept.

use std::{sync::Arc, time::Duration};

use bson::{Document, doc};
use mongodb::options::WriteConcern;

use super::{gate::Gate, outcome::Collection, watermarks, writer::Writers};

/// Ends the writer's life. `patience` bounds the wait for Kafka; commits have been refused since before the call.
pub(crate) async fn retire(collection: &Collection, writers: &Arc<Writers>, gate: &Gate, patience: Duration) {
    let writer = writers.current();
    let all_done = tokio::time::timeout(patience, writer.tracker.all_done()).await.is_ok();
    let published = writer.tracker.watermark();
    if let Err(error) =
        watermarks::store(&collection.database, collection.name, &writer.id, published, WriteConcern::majority()).await
    {
        tracing::warn!(%error, "the final watermark could not be stored; the writer will be swept");
        return;
    }
    if !all_done {
        let (open, _) = writer.tracker.open();
        tracing::warn!(open, "stopped with unpublished changes; another instance, or the next start, publishes them");
        return;
    }
    let retired = collection
        .database
        .collection::<Document>(watermarks::WRITERS)
        .update_one(doc! { "_id": &*writer.id }, doc! { "$set": { "retired": true } })
        .await;
    if let Err(error) = retired {
        tracing::warn!(%error, "the writer could not be retired; it will be swept");
        return;
    }
    gate.stopped_cleanly(&collection.database).await;
    tracing::info!(writer = %writer.id, published, "write path stopped; everything is published");
}
