//! What writers tell each other: how far each has published, and that it is alive. One small document per writer id,
//! in the collection `writers`: `{ _id, collection, published, beat, retired? }`.
//!
//! All of it is lazy. A stale watermark is a low one, which only makes others carry an event for longer; a missed beat
//! only makes others publish what is published already. Times are the database's own, so no clock has to agree.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bson::{Document, doc};
use futures_util::TryStreamExt;
use mongodb::{
    Database,
    error::Result,
    options::{CollectionOptions, ReadConcern, WriteConcern},
};
use serde::Deserialize;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::{gate::Gate, outcome::Collection, writer::Writers};

/// The collection of the writers' records.
pub(crate) const WRITERS: &str = "writers";
/// An idle writer still says that it is alive; and the identity is looked at as often (D6).
pub(crate) const IDLE_INTERVAL: Duration = Duration::from_secs(1);
/// How often the watermarks of all writers are read, not only of those that live.
const FULL_POLL_INTERVAL: Duration = Duration::from_secs(10);

#[derive(Debug, Deserialize)]
pub(crate) struct WriterRecord {
    #[serde(rename = "_id")]
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) published: u64,
    #[serde(default)]
    pub(crate) retired: bool,
    /// By the database's clock, computed in the query.
    #[serde(default)]
    pub(crate) silent_ms: i64,
}

/// The task: stores this process's watermark while it moves and learns the others'.
pub(crate) async fn run(
    collection: Collection,
    writers: Arc<Writers>,
    gate: Gate,
    interval: Duration,
    stop: CancellationToken,
) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stored = (Arc::from(""), 0);
    let mut beat_at = Instant::now();
    let mut full_poll_at = Instant::now();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let now = Instant::now();
        let current = writers.current();
        let watermark = (Arc::clone(&current.id), current.tracker.watermark());
        report(&writers, collection.name);
        if watermark == stored && now < beat_at {
            continue;
        }
        let everyone = now >= full_poll_at;
        if let Err(error) = exchange(&collection, &watermark, &writers, everyone).await {
            tracing::debug!(%error, "watermark not stored; it will be");
            continue;
        }
        if now >= beat_at {
            gate.beat(&collection.database).await;
            beat_at = now + IDLE_INTERVAL;
        }
        if everyone {
            full_poll_at = now + FULL_POLL_INTERVAL;
        }
        stored = watermark;
    }
}

fn report(writers: &Writers, collection: &'static str) {
    let (open, oldest) = writers.open();
    metrics::gauge!("write_path_unpublished", "collection" => collection).set(open as f64);
    metrics::gauge!("write_path_unpublished_oldest_seconds", "collection" => collection).set(oldest.as_secs_f64());
}

async fn exchange(collection: &Collection, own: &(Arc<str>, u64), writers: &Writers, everyone: bool) -> Result<()> {
    store(&collection.database, collection.name, &own.0, own.1, WriteConcern::nodes(1)).await?;
    // Somebody's clock is never asked: silence is measured where the beat was written.
    let lately = doc! { "$gt": ["$beat", { "$subtract": ["$$NOW", 10_000] }] };
    let whose = if everyone {
        doc! {}
    } else {
        doc! { "$expr": lately }
    };
    let mut filter = doc! { "collection": collection.name, "_id": { "$ne": &*own.0 } };
    filter.extend(whose);
    let records = collection.database.collection::<WriterRecord>(WRITERS).find(filter).await?;
    let known: HashMap<Arc<str>, u64> =
        records.map_ok(|record| (record.id.into(), record.published)).try_collect().await?;
    writers.learn(known);
    Ok(())
}

/// Stores a watermark; it never falls.
pub(crate) async fn store(
    database: &Database,
    collection: &str,
    writer: &str,
    published: u64,
    concern: WriteConcern,
) -> Result<()> {
    let update = doc! {
        "$max": { "published": published as i64 },
        "$set": { "collection": collection },
        "$currentDate": { "beat": true },
    };
    let options = CollectionOptions::builder().write_concern(concern).build();
    database
        .collection_with_options::<Document>(WRITERS, options)
        .update_one(doc! { "_id": writer }, update)
        .upsert(true)
        .await?;
    Ok(())
}

/// All records of a collection's writers, with their silence by the database's clock.
pub(crate) async fn records(database: &Database, collection: &str) -> Result<Vec<WriterRecord>> {
    let pipeline = [
        doc! { "$match": { "collection": collection } },
        doc! { "$set": { "silent_ms": { "$toLong": { "$subtract": ["$$NOW", "$beat"] } } } },
    ];
    let options = CollectionOptions::builder().read_concern(ReadConcern::majority()).build();
    database
        .collection_with_options::<WriterRecord>(WRITERS, options)
        .aggregate(pipeline)
        .with_type::<WriterRecord>()
        .await?
        .try_collect()
        .await
}

/// A majority write: whatever was written on this primary before is on a majority when it returns, so that a majority
/// read that follows sees it (rules 6 and 9).
pub(crate) async fn majority_barrier(database: &Database) -> Result<()> {
    let options = CollectionOptions::builder().write_concern(WriteConcern::majority()).build();
    database
        .collection_with_options::<Document>(super::gate::IDENTITY, options)
        .update_one(doc! { "_id": "barrier" }, doc! { "$currentDate": { "at": true } })
        .upsert(true)
        .await?;
    Ok(())
}
