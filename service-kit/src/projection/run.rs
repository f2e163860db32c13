//! Puts a copy together and gives its tasks to the supervisor. Nothing is asked of a server before the tasks run, so that
//! a service starts, and answers its probes, while MongoDB and Kafka are away.

use std::sync::Arc;

use bson::Document;
use mongodb::{Collection, Database};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::CopyProjection;
use super::apply::Applier;
use super::begin::Beginning;
use super::bulk::View;
use super::checkpoint::Checkpoints;
use super::consumer::{self, Source};
use super::dead_letters::DeadLetters;
use super::figures;
use super::generation::{ActiveGeneration, Generation};
use super::ledger::{Keeper, Ledger};
use super::link::Link;
use super::log::Log;
use super::parked::{self, Parked};
use super::progress::Progress;
use super::reader::CopyReader;
use super::reading::Reader;
use super::retry;
use super::settings::ProjectionSettings;
use super::watch::{WatchLog, WatchStored};
use super::worker::Worker;
use crate::kafka::{KafkaSettings, Role, TopicInfo, TopicPlan, until_ensured};
use crate::mongo::{IndexSpec, ensure_index};
use crate::supervisor::{Stage, Supervisor};

/// What a copy stands on.
#[derive(Clone, Debug)]
pub struct CopyParts {
    /// The service that reads: its name stands in the consumer group, in parked records and in the dead-letter topic.
    pub service: &'static str,
    /// The service's own database.
    pub database: Database,
    /// Where the log is.
    pub kafka: KafkaSettings,
    /// How to batch and store.
    pub settings: ProjectionSettings,
}

/// Adds the tasks that keep a copy current, and returns what reads it.
///
/// # Errors
/// The view's type cannot be stored (see [`CopyProjection::View`]).
pub fn add_copy<C: CopyProjection>(supervisor: &mut Supervisor, parts: &CopyParts) -> anyhow::Result<CopyReader<C>> {
    figures::begin(C::NAME);
    let progress = Arc::new(Progress::new(C::NAME, parts.kafka.topic(&C::TOPIC)));
    let active = ActiveGeneration::new(C::NAME, &parts.database);
    let letters = Arc::new(Notify::new());
    let parked = Parked {
        database: parts.database.clone(),
        service: parts.service.to_owned(),
        projection: C::NAME,
        topic: parts.kafka.topic(&C::TOPIC),
    };
    let task = CopyTask {
        projection: C::NAME,
        reader: Reader::of::<C>()?,
        indexes: C::indexes(),
        plan: TopicPlan::history(&parts.kafka, &C::TOPIC),
        parts: parts.clone(),
        parked: parked.clone(),
        progress: Arc::clone(&progress),
        active: active.clone(),
        letters: Arc::clone(&letters),
    };
    let sender = DeadLetters {
        parked,
        kafka: parts.kafka.clone(),
        plan: TopicPlan::dead_letters(&parts.kafka, &C::TOPIC, parts.service),
        news: letters,
    };
    supervisor.add(Stage::Projections, format!("{}-projection", C::NAME), |stop| task.run(stop));
    supervisor.add(Stage::Background, format!("{}-dead-letters", C::NAME), |stop| sender.run(stop));
    Ok(CopyReader::new(parts.database.clone(), active, progress))
}

/// One copy's main task before it runs.
struct CopyTask {
    projection: &'static str,
    reader: Reader,
    indexes: Vec<IndexSpec>,
    plan: TopicPlan,
    parts: CopyParts,
    parked: Parked,
    progress: Arc<Progress>,
    active: ActiveGeneration,
    letters: Arc<Notify>,
}

impl CopyTask {
    async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let Some(generation) = stop.run_until_cancelled(self.generation()).await else { return Ok(()) };
        let stored = self.watch_stored(generation);
        tokio::select! {
            biased;
            copied = self.copy(generation, &stop) => copied,
            moved_back = stored.run() => Ok(moved_back?),
        }
    }

    /// The generation that is active now is the one that is written.
    async fn generation(&self) -> Generation {
        let active = || async { Ok(self.active.refresh().await?) };
        let generation = retry::for_ever(self.projection, "reading the active generation", active).await;
        self.progress.began(generation);
        generation
    }

    async fn copy(&self, generation: Generation, stop: &CancellationToken) -> anyhow::Result<()> {
        let Some(topic) = stop.run_until_cancelled(self.prepare(generation)).await else { return Ok(()) };
        let topic = topic?;
        let link = Arc::new(Link::new());
        let worker = self.worker(generation, &topic, &link)?;
        let log = self.watch_log(&topic);
        tokio::select! {
            biased;
            worked = worker.run(stop) => worked,
            stalled = log.run() => stalled,
        }
    }

    /// Makes the indexes, and waits for whoever owns the topic to make it.
    async fn prepare(&self, generation: Generation) -> anyhow::Result<TopicInfo> {
        let view: Collection<Document> = self.parts.database.collection(&generation.collection(self.projection));
        for index in &self.indexes {
            ensure_index(&view, index).await?;
        }
        let parked: Collection<Document> = self.parts.database.collection(parked::COLLECTION);
        for index in parked::indexes() {
            ensure_index(&parked, &index).await?;
        }
        Ok(until_ensured(&self.parts.kafka, &self.plan, Role::Reader).await?)
    }

    fn worker(&self, generation: Generation, topic: &TopicInfo, link: &Arc<Link>) -> anyhow::Result<Worker> {
        let collection = generation.collection(self.projection);
        let database = self.parts.database.clone();
        let source = Source {
            projection: self.projection,
            topic: topic.name.clone(),
            client: self.client(),
            reader: self.reader,
        };
        let checkpoints = Checkpoints::new(&database, &collection);
        let keeper = Keeper {
            projection: self.projection,
            ledger: Ledger::default(),
            checkpoints: checkpoints.clone(),
            link: Arc::clone(link),
            progress: Arc::clone(&self.progress),
            interval: self.parts.settings.checkpoint_interval(),
        };
        let beginning = Beginning {
            projection: self.projection,
            view: collection.clone(),
            generation,
            checkpoints,
            log: self.log(topic),
            cluster: topic.cluster_id.clone(),
            partitions: usize::try_from(topic.partitions).unwrap_or_default(),
        };
        let view = View { database, collection };
        Ok(Worker {
            beginning,
            applier: Applier::new(view, self.parked.clone(), Arc::clone(&self.progress), Arc::clone(&self.letters)),
            keeper: Arc::new(keeper),
            link: Arc::clone(link),
            consuming: consumer::start(source, Arc::clone(link))?,
            batch: self.parts.settings.batch,
        })
    }

    fn watch_stored(&self, generation: Generation) -> WatchStored {
        WatchStored {
            projection: self.projection,
            active: self.active.clone(),
            checkpoints: Checkpoints::new(&self.parts.database, &generation.collection(self.projection)),
            progress: Arc::clone(&self.progress),
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
