//! Puts a projection together and gives its tasks to the supervisor. Nothing is asked of a server before the tasks run, so
//! that a service starts, and answers its probes, while MongoDB and Kafka are away.

use std::sync::Arc;

use mongodb::Database;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::dead_letters::DeadLetters;
use super::figures;
use super::generation::{ActiveGeneration, Generation};
use super::parked::Parked;
use super::pipeline::{Kind, Pipeline};
use super::progress::Progress;
use super::reader::CopyReader;
use super::reading::Reader;
use super::retry;
use super::settings::ProjectionSettings;
use super::totals_reader::TotalsReader;
use super::watch::WatchStored;
use super::{AccumulatingProjection, CopyProjection, Projection};
use crate::kafka::{KafkaSettings, TopicPlan};
use crate::mongo::IndexSpec;
use crate::supervisor::{Stage, Supervisor};

/// What a projection stands on.
#[derive(Clone, Debug)]
pub struct ProjectionParts {
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
pub fn add_copy<C: CopyProjection>(
    supervisor: &mut Supervisor,
    parts: &ProjectionParts,
) -> anyhow::Result<CopyReader<C>> {
    let (active, progress) = add::<C>(supervisor, parts, Kind::Copy, Reader::of::<C>()?, C::indexes());
    Ok(CopyReader::new(parts.database.clone(), active, progress))
}

/// Adds the tasks that keep an accumulation current, and returns what reads its totals.
pub fn add_accumulation<A: AccumulatingProjection>(
    supervisor: &mut Supervisor,
    parts: &ProjectionParts,
) -> TotalsReader<A> {
    let reader = Reader::of_accumulation::<A>();
    let (active, progress) = add::<A>(supervisor, parts, Kind::Accumulation, reader, A::indexes());
    TotalsReader::new(parts.database.clone(), active, progress)
}

/// Not more generic than it has to be, so that the machinery is compiled once.
fn add<P: Projection>(
    supervisor: &mut Supervisor,
    parts: &ProjectionParts,
    kind: Kind,
    reader: Reader,
    indexes: Vec<IndexSpec>,
) -> (ActiveGeneration, Arc<Progress>) {
    figures::begin(P::NAME);
    let topic = parts.kafka.topic(&P::TOPIC);
    let progress = Arc::new(Progress::new(P::NAME, topic.clone()));
    let active = ActiveGeneration::new(P::NAME, &parts.database);
    let letters = Arc::new(Notify::new());
    let parked =
        Parked { database: parts.database.clone(), service: parts.service.to_owned(), projection: P::NAME, topic };
    let pipeline = Pipeline {
        projection: P::NAME,
        kind,
        reader,
        indexes,
        plan: TopicPlan::history(&parts.kafka, &P::TOPIC),
        parts: parts.clone(),
        parked: parked.clone(),
        progress: Arc::clone(&progress),
        letters: Arc::clone(&letters),
    };
    let sender = DeadLetters {
        parked,
        kafka: parts.kafka.clone(),
        plan: TopicPlan::dead_letters(&parts.kafka, &P::TOPIC, parts.service),
        news: letters,
    };
    let of_active = active.clone();
    supervisor.add(Stage::Projections, format!("{}-projection", P::NAME), |stop| run(pipeline, of_active, stop));
    supervisor.add(Stage::Background, format!("{}-dead-letters", P::NAME), |stop| sender.run(stop));
    (active, progress)
}

/// Keeps the generation current that is active at the start.
async fn run(pipeline: Pipeline, active: ActiveGeneration, stop: CancellationToken) -> anyhow::Result<()> {
    let Some(generation) = stop.run_until_cancelled(generation(&pipeline, &active)).await else { return Ok(()) };
    let stored = WatchStored {
        projection: pipeline.projection,
        active,
        checkpoints: pipeline.checkpoints(generation),
        progress: Arc::clone(&pipeline.progress),
    };
    tokio::select! {
        biased;
        kept = pipeline.run(generation, &stop) => kept,
        moved_back = stored.run() => Ok(moved_back?),
    }
}

/// The generation that is active now is the one that is written.
async fn generation(pipeline: &Pipeline, active: &ActiveGeneration) -> Generation {
    let ask = || async { Ok(active.refresh().await?) };
    let generation = retry::for_ever(pipeline.projection, "reading the active generation", ask).await;
    pipeline.progress.began(generation);
    generation
}
