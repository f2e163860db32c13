//! Keeps one generation of a view current: consumer, worker, and the looks at the log beside them.

use std::sync::Arc;

use bson::Document;
use mongodb::Collection;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::accumulate::{self, Accumulator, Sessions};
use super::apply::Applier;
use super::begin::Beginning;
use super::bulk::View;
use super::checkpoint::Checkpoints;
use super::consumer::{self, Source};
use super::generation::Generation;
use super::ledger::{Keeper, Ledger};
use super::link::Link;
use super::log::Log;
use super::parked::{self, Parked};
use super::progress::Progress;
use super::reading::Reader;
use super::run::ProjectionParts;
use super::watch::WatchLog;
use super::worker::{Applying, Worker};
use crate::kafka::{Role, TopicInfo, TopicPlan, until_ensured};
use crate::mongo::{IndexSpec, ensure_index};
use crate::supervisor::Refused;

/// The two kinds of projection (D5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Copy,
    Accumulation,
}

/// All that a generation's tasks need.
pub(super) struct Pipeline {
    pub(super) projection: &'static str,
    pub(super) kind: Kind,
    pub(super) reader: Reader,
    /// Of the view.
    pub(super) indexes: Vec<IndexSpec>,
    pub(super) plan: TopicPlan,
    pub(super) parts: ProjectionParts,
    pub(super) parked: Parked,
    pub(super) progress: Arc<Progress>,
    pub(super) letters: Arc<Notify>,
}

impl Pipeline {
    /// Runs until `stop`, then ends in order.
    ///
    /// # Errors
    /// The log or the checkpoints are not what they were, or the consumer has stalled or ended.
    pub(super) async fn run(&self, generation: Generation, stop: &CancellationToken) -> anyhow::Result<()> {
        let Some(topic) = stop.run_until_cancelled(self.prepare(generation)).await else { return Ok(()) };
        let topic = topic?;
        let worker = self.worker(generation, &topic)?;
        let log = self.watch_log(&topic);
        tokio::select! {
            biased;
            worked = worker.run(stop) => worked,
            stalled = log.run() => stalled,
        }
    }

    /// The positions of a generation.
    pub(super) fn checkpoints(&self, generation: Generation) -> Checkpoints {
        Checkpoints::new(&self.parts.database, &generation.collection(self.projection))
    }

    /// Makes the indexes, and waits for whoever owns the topic to make it.
    async fn prepare(&self, generation: Generation) -> anyhow::Result<TopicInfo> {
        let view = generation.collection(self.projection);
        self.ensure(&view, &self.indexes).await?;
        self.ensure(parked::COLLECTION, &parked::indexes()).await?;
        match self.kind {
            Kind::Copy => {}
            Kind::Accumulation => self.ensure(&accumulate::keys_of(&view), &accumulate::indexes()).await?,
        }
        Ok(until_ensured(&self.parts.kafka, &self.plan, Role::Reader).await?)
    }

    async fn ensure(&self, collection: &str, indexes: &[IndexSpec]) -> Result<(), Refused> {
        let collection: Collection<Document> = self.parts.database.collection(collection);
        for index in indexes {
            ensure_index(&collection, index).await?;
        }
        Ok(())
    }

    fn worker(&self, generation: Generation, topic: &TopicInfo) -> anyhow::Result<Worker> {
        let link = Arc::new(Link::new());
        let source = Source {
            projection: self.projection,
            topic: topic.name.clone(),
            client: self.client(),
            reader: self.reader,
        };
        let keeper = Arc::new(Keeper {
            projection: self.projection,
            ledger: Ledger::default(),
            checkpoints: self.checkpoints(generation),
            link: Arc::clone(&link),
            progress: Arc::clone(&self.progress),
            interval: self.parts.settings.checkpoint_interval(),
        });
        Ok(Worker {
            beginning: self.beginning(generation, topic),
            applying: self.applying(generation, &keeper),
            progress: Arc::clone(&self.progress),
            keeper,
            consuming: consumer::start(source, Arc::clone(&link))?,
            link,
            batch: self.parts.settings.batch,
        })
    }

    fn beginning(&self, generation: Generation, topic: &TopicInfo) -> Beginning {
        Beginning {
            projection: self.projection,
            view: generation.collection(self.projection),
            generation,
            checkpoints: self.checkpoints(generation),
            log: self.log(topic),
            cluster: topic.cluster_id.clone(),
            partitions: usize::try_from(topic.partitions).unwrap_or_default(),
        }
    }

    fn applying(&self, generation: Generation, keeper: &Arc<Keeper>) -> Applying {
        let (view, letters) = (generation.collection(self.projection), Arc::clone(&self.letters));
        let (parked, progress) = (self.parked.clone(), Arc::clone(&self.progress));
        match self.kind {
            Kind::Copy => {
                let view = View { database: self.parts.database.clone(), collection: view };
                Applying::Copy(Box::new(Applier::new(view, parked, progress, letters)))
            }
            Kind::Accumulation => Applying::Accumulation(Box::new(Accumulator {
                projection: self.projection,
                sessions: Sessions::new(&self.parts.database, &view),
                view,
                parked,
                progress,
                keeper: Arc::clone(keeper),
                letters,
            })),
        }
    }

    fn watch_log(&self, topic: &TopicInfo) -> WatchLog {
        WatchLog {
            projection: self.projection,
            log: self.log(topic),
            partitions: topic.partitions,
            progress: Arc::clone(&self.progress),
            stalled_after: self.parts.settings.stalled_after(),
        }
    }

    fn log(&self, topic: &TopicInfo) -> Log {
        Log { client: self.client(), topic: topic.name.clone(), request_timeout: self.parts.kafka.request_timeout() }
    }

    fn client(&self) -> rdkafka::ClientConfig {
        self.parts.kafka.consumer(&format!("{}.{}", self.parts.service, self.projection))
    }
}
