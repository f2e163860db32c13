//! The tasks behind a store, how they fit together, and their end: in order when asked (rule 11), with its cause when
//! one of them ends by itself.

use std::{future::Future, marker::PhantomData, sync::Arc, time::Duration};

use anyhow::anyhow;
use futures_util::FutureExt;
use mongodb::Database;
use rdkafka::ClientConfig;
use tokio::{
    sync::mpsc,
    task::{JoinError, JoinSet},
};
use tokio_util::sync::CancellationToken;

use super::{
    aggregate::Aggregate,
    batch::{self, Pending},
    gate,
    log_check::LogCheck,
    publisher::{self, Chain, Publisher},
    settings::WritePathSettings,
    stop,
    store::Inner,
    sweep, watermarks,
};

/// What the write path stands on.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The service's database.
    pub database: Database,
    /// For the publisher: idempotent, `acks=all`, no local time-outs.
    pub producer: ClientConfig,
    /// For the comparison of database and log.
    pub consumer: ClientConfig,
    /// The topic with its prefix.
    pub topic: String,
    /// How commits are grouped, published and swept.
    pub settings: WritePathSettings,
    /// How long a clean stop waits for Kafka.
    pub stop_patience: Duration,
}

/// The tasks behind a [`Store`](super::Store), to be run by the supervisor.
#[derive(Debug)]
pub struct WritePath<A> {
    pub(super) inner: Arc<Inner>,
    pub(super) parts: Parts,
    pub(super) attempts: mpsc::Receiver<Pending>,
    pub(super) publisher: Publisher,
    pub(super) chains: mpsc::Receiver<Chain>,
    pub(super) aggregate: PhantomData<fn() -> A>,
}

/// A part's name and how it ended.
type End = (&'static str, anyhow::Result<()>);

impl<A: Aggregate> WritePath<A> {
    /// Runs until `stop`, then ends cleanly (rule 11). An earlier end of any part is an error.
    ///
    /// # Errors
    /// The Kafka client cannot be made, or a part ended by itself.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let (inner, patience) = (Arc::clone(&self.inner), self.parts.stop_patience);
        let (stop_looking, stop_publishing) = (CancellationToken::new(), CancellationToken::new());
        let mut running = self.start(&stop_looking, &stop_publishing);
        tokio::select! {
            () = stop.cancelled() => {}
            ended = running.join_next() => return Err(cause_of(ended)),
        }
        inner.gate.stop();
        stop::retire(&inner.collection, &inner.writers, &inner.gate, patience).await;
        stop_looking.cancel();
        stop_publishing.cancel();
        // The batch part ends with its last sender, which the store's clones hold; nothing is in it any more.
        running.abort_all();
        while running.join_next().await.is_some() {}
        Ok(())
    }

    fn start(self, stop_looking: &CancellationToken, stop_publishing: &CancellationToken) -> JoinSet<End> {
        let Self { inner, parts, attempts, publisher, chains, .. } = self;
        let Inner { collection, writers, gate, .. } = &*inner;
        let settings = parts.settings;
        let check = LogCheck::<A>::new(collection.clone(), parts.topic.clone(), parts.consumer);
        let batch = batch::run(attempts, collection.clone(), publisher.clone(), settings.clone());
        let hand_off = publisher::run(publisher.clone(), chains, parts.producer, parts.topic, stop_publishing.clone());
        let watermarks = watermarks::run(
            collection.clone(),
            Arc::clone(writers),
            gate.clone(),
            settings.watermark_interval(),
            stop_looking.clone(),
        );
        let gate = gate::run(gate.clone(), check, stop_looking.clone());
        let sweep = sweep::run::<A>(collection.clone(), Arc::clone(writers), publisher, settings, stop_looking.clone());
        let mut running = JoinSet::new();
        running.spawn(named("batch", batch.map(Ok)));
        running.spawn(named("publisher", hand_off));
        running.spawn(named("watermarks", watermarks.map(Ok)));
        running.spawn(named("gate", gate.map(Ok)));
        running.spawn(named("sweep", sweep.map(Ok)));
        running
    }
}

async fn named(name: &'static str, part: impl Future<Output = anyhow::Result<()>>) -> End {
    (name, part.await)
}

fn cause_of(ended: Option<Result<End, JoinError>>) -> anyhow::Error {
    match ended {
        Some(Ok((name, Err(error)))) => error.context(name),
        Some(Ok((name, Ok(())))) => anyhow!("it ended by itself").context(name),
        Some(Err(lost)) => lost.into(),
        None => anyhow!("it ended by itself").context("write path"),
    }
}
