//! Rules 2, 9 and 10: what a dead, overflowing or cut-off writer left is published by whoever is alive.
//!
//! Publish, then mark: a document is marked `published` only after Kafka acknowledged its version, and only at that
//! version. Nobody but its owner ever moves a watermark: another number of the dead writer may still land below it.
//! For the same reason a dead writer is swept again and again, at first often, then rarely; an empty index range costs
//! nothing.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use bson::{Bson, Document, RawDocumentBuf, doc};
use futures_util::{TryStreamExt, future::join_all};
use tokio::{
    sync::oneshot,
    time::{Instant, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;

use super::{
    aggregate::{Aggregate, Stored},
    document::{self, Marker},
    outcome::Collection,
    publisher::{Chain, Publisher, Ticket},
    settings::WritePathSettings,
    watermarks::{self, WriterRecord},
    writer::{Known, Writers},
};

/// Documents per page: bounds the memory of a sweep, whatever was left behind.
const PAGE: i64 = 200;
/// A writer whose sweeps find nothing is looked at less and less often, down to this.
const RAREST: Duration = Duration::from_secs(300);

/// The sweeping task of one collection.
pub(crate) async fn run<A: Aggregate>(
    collection: Collection,
    writers: Arc<Writers>,
    publisher: Publisher,
    settings: WritePathSettings,
    stop: CancellationToken,
) {
    let mut ticks = tokio::time::interval(settings.sweep_interval());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut sweep = Sweep::<A> {
        collection,
        writers,
        publisher,
        suspect_after: settings.suspect_after(),
        interval: settings.sweep_interval(),
        plans: HashMap::new(),
        aggregate: std::marker::PhantomData,
    };
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let round = sweep.round();
        tokio::select! {
            () = stop.cancelled() => return,
            result = round => if let Err(error) = result {
                tracing::warn!(%error, "sweep cut short; the next one starts again");
            }
        }
    }
}

struct Sweep<A> {
    collection: Collection,
    writers: Arc<Writers>,
    publisher: Publisher,
    suspect_after: Duration,
    interval: Duration,
    plans: HashMap<String, Plan>,
    aggregate: std::marker::PhantomData<A>,
}

/// When a dead writer is looked at next.
struct Plan {
    due: Instant,
    pause: Duration,
}

impl<A: Aggregate> Sweep<A> {
    async fn round(&mut self) -> mongodb::error::Result<()> {
        for (writer, published) in self.suspects().await? {
            let plan = self.plans.entry(writer.clone()).or_insert(Plan { due: Instant::now(), pause: self.interval });
            if plan.due > Instant::now() {
                continue;
            }
            let (found, all_marked) = self.sweep_read(&writer, published).await?;
            if let Some(plan) = self.plans.get_mut(&writer) {
                plan.pause = if found == 0 { (plan.pause * 2).min(RAREST) } else { self.interval };
                plan.due = Instant::now() + plan.pause;
            }
            if all_marked {
                self.writers.forget(&writer);
            }
            if found > 0 {
                tracing::info!(writer, found, "published what a silent writer had left");
                metrics::counter!("write_path_swept_total", "collection" => self.collection.name)
                    .increment(found as u64);
            }
        }
        Ok(())
    }

    /// Rule 2: everybody whose marker stands in a document; a missing record reads as "nothing published". (If the
    /// record had to exist, a writer that died before its first one would never be swept.)
    async fn suspects(&self) -> mongodb::error::Result<Vec<(String, u64)>> {
        let seen = self.collection.documents::<Document>().distinct("change.writer", doc! {}).await?;
        let mut records: HashMap<String, WriterRecord> =
            watermarks::records(&self.collection.database, self.collection.name)
                .await?
                .into_iter()
                .map(|record| (record.id.clone(), record))
                .collect();
        let seen: HashSet<String> = seen.into_iter().filter_map(into_text).collect();
        let limit = self.suspect_after.as_millis() as i64;
        Ok(seen
            .into_iter()
            .filter(|writer| !self.writers.is_current(writer))
            .filter_map(|writer| match records.remove(&writer) {
                None => Some((writer, 0)),
                Some(record) => (record.retired || record.silent_ms > limit).then_some((writer, record.published)),
            })
            .collect())
    }

    /// Rule 9: reads what lies above the writer's watermark, page by page, and publishes each page before the next.
    /// Returns how many documents there were, and whether each of them is marked now.
    async fn sweep_read(&self, writer: &str, published: u64) -> mongodb::error::Result<(usize, bool)> {
        // First any majority write: what was acknowledged before it is in the majority's view afterwards.
        watermarks::majority_barrier(&self.collection.database).await?;
        let mut above = published;
        let (mut found, mut all_marked) = (0, true);
        loop {
            let page: Vec<RawDocumentBuf> = self
                .collection
                .documents()
                .find(doc! { "change.writer": writer, "change.seq": { "$gt": above as i64 }, "published": { "$ne": true } })
                .sort(doc! { "change.seq": 1 })
                .limit(PAGE)
                .await?
                .try_collect()
                .await?;
            let documents =
                page.iter().map(|raw| document::read(raw)).collect::<bson::error::Result<Vec<Stored<A::State>>>>()?;
            let Some(last) = documents.last().and_then(|stored| stored.outbox.marker.as_ref()) else {
                return Ok((found, all_marked));
            };
            above = last.seq;
            found += documents.len();
            let acknowledged = self.sweep_hand_off(documents, writer, published).await;
            all_marked &= acknowledged.len() == page.len();
            self.sweep_mark(&acknowledged).await?;
        }
    }

    /// Hands the chains, less a known prefix, through the own producer; returns what Kafka acknowledged.
    async fn sweep_hand_off(
        &self,
        documents: Vec<Stored<A::State>>,
        writer: &str,
        published: u64,
    ) -> Vec<(String, u64)> {
        let known = WithWatermark { writers: &self.writers, writer, published };
        let mut waiting = Vec::with_capacity(documents.len());
        for stored in documents {
            let (told, ticket) = oneshot::channel();
            let carried = known_less(&stored, &known);
            let chain = Chain {
                id: stored.id.clone(),
                records: document::chain::<A>(&stored, carried),
                ticket: Ticket::Sweep(told),
            };
            self.publisher.hand_off_when_there_is_room(chain).await;
            waiting.push(async move { ticket.await.ok().map(|()| (stored.id, stored.version)) });
        }
        join_all(waiting).await.into_iter().flatten().collect()
    }

    /// Marks only after the acknowledgement, only at the acknowledged version: a newer one is not published by this.
    async fn sweep_mark(&self, acknowledged: &[(String, u64)]) -> mongodb::error::Result<()> {
        if acknowledged.is_empty() {
            return Ok(());
        }
        let updates: Vec<Bson> = acknowledged
            .iter()
            .map(|(id, version)| {
                doc! { "q": { "_id": id, "version": *version as i64 }, "u": { "$set": { "published": true } } }.into()
            })
            .collect();
        let command = doc! {
            "update": self.collection.name, "updates": updates, "ordered": false, "writeConcern": { "w": 1 },
        };
        // The outcome of a mark is irrelevant: without it the document is swept once more.
        self.collection.database.run_command(command).await.map(drop)
    }
}

/// The carried entries of a document less what is known published (rule 4); its own event always goes.
fn known_less<S>(stored: &Stored<S>, known: &impl Known) -> Vec<document::Carried> {
    let unpublished = &stored.outbox.unpublished;
    let first = unpublished.iter().rposition(|entry| known.is_published(&entry.marker)).map_or(0, |last| last + 1);
    unpublished[first..].to_vec()
}

/// What is known, with the swept writer's watermark as just read.
struct WithWatermark<'a> {
    writers: &'a Writers,
    writer: &'a str,
    published: u64,
}

impl Known for WithWatermark<'_> {
    fn is_published(&self, marker: &Marker) -> bool {
        (&*marker.writer == self.writer && marker.seq <= self.published) || self.writers.is_published(marker)
    }
}

fn into_text(value: Bson) -> Option<String> {
    if let Bson::String(text) = value { Some(text) } else { None }
}
