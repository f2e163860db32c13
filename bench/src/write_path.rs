//! The write path as the services use it: state, event, uniqueness and idempotency in one commit, the event in Kafka.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::Utc;
use futures_util::future::try_join_all;
use local_stack::Servers;
use mongodb::Database;
use service_kit::{
    kafka::{Role, ensure_topic},
    write_path::{Aggregate, Change, Parts, Proposal, Store, Stored, next_instant},
};
use shared_events::time::Timestamp;
use tokio::{sync::Mutex, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    load::{self, Load, Outcome, milliseconds_since},
    settings,
    subject::Subject,
};

/// Documents that each caller updates in turn.
pub(crate) const DOCUMENTS_PER_CALLER: usize = 50;

/// A running write path on a database and topic of its own.
pub(crate) struct Ours<A> {
    store: Store<A>,
    database: Database,
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
}

/// What each caller updates, at its current version.
pub(crate) type Bases<A> = Arc<Vec<Mutex<Vec<Stored<<A as Aggregate>::State>>>>>;

impl<A: Subject> Ours<A> {
    pub(crate) async fn start(servers: &Servers, prefix: &str) -> anyhow::Result<Self> {
        let kafka = settings::kafka(servers, prefix);
        let topic = ensure_topic(&kafka, &A::TOPIC, Role::Owner).await?.name;
        let database = settings::database(servers, format!("{prefix}ours")).await?;
        let documents = database.collection::<bson::Document>(A::COLLECTION);
        documents.create_indexes(Store::<A>::indexes()).await?;
        let parts = Parts {
            database: database.clone(),
            producer: kafka.producer(),
            consumer: kafka.client(),
            topic,
            settings: settings::write_path(),
            stop_patience: Duration::from_secs(30),
        };
        let (store, path) = Store::new(parts);
        let stop = CancellationToken::new();
        let task = tokio::spawn(path.run(stop.clone()));
        while store.refuses_writes().is_some() {
            anyhow::ensure!(!task.is_finished(), "the write path ended: {:?}", task.await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Self { store, database, stop, task })
    }

    /// A create per command.
    pub(crate) async fn creates(&self, load: Load) -> anyhow::Result<Outcome> {
        let updater = self.updater();
        let outcome = load::run(load, move |caller, number| {
            let updater = updater.clone();
            async move { updater.create(caller, number).await.map(drop) }
        })
        .await?;
        self.published(outcome).await
    }

    /// An update per command.
    pub(crate) async fn updates(&self, load: Load) -> anyhow::Result<Outcome> {
        let (updater, bases) = (self.updater(), self.bases(load.callers).await?);
        let outcome = load::run(load, move |caller, number| {
            let (updater, bases) = (updater.clone(), Arc::clone(&bases));
            async move { updater.update(&bases, caller, number).await.map(drop) }
        })
        .await?;
        self.published(outcome).await
    }

    /// Creates what the callers will update, and waits until all of it is published.
    pub(crate) async fn bases(&self, callers: usize) -> anyhow::Result<Bases<A>> {
        let mut bases = Vec::new();
        for caller in 0..callers {
            let creates =
                (0..DOCUMENTS_PER_CALLER).map(|i| self.store.commit(proposal::<A>(&format!("u{caller}-{i}"), None)));
            bases.push(Mutex::new(try_join_all(creates).await?));
        }
        self.until_published().await?;
        Ok(Arc::new(bases))
    }

    pub(crate) fn updater(&self) -> Updater<A> {
        Updater(self.store.clone())
    }

    async fn published(&self, outcome: Outcome) -> anyhow::Result<Outcome> {
        Ok(Outcome { until_published_ms: self.until_published().await?, ..outcome })
    }

    /// Waits until Kafka has acknowledged every event; milliseconds.
    pub(crate) async fn until_published(&self) -> anyhow::Result<f64> {
        let begun = Instant::now();
        while self.store.unpublished() > 0 {
            anyhow::ensure!(begun.elapsed() < Duration::from_secs(60), "the events did not reach Kafka");
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        Ok(milliseconds_since(begun))
    }

    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.task.await??;
        Ok(self.database.drop().await?)
    }
}

/// Makes new aggregates, and new versions of what there is.
pub(crate) struct Updater<A>(Store<A>);

impl<A> Clone for Updater<A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<A: Subject> Updater<A> {
    /// The caller's next create: the id and its version.
    pub(crate) async fn create(&self, caller: usize, number: usize) -> anyhow::Result<(String, u64)> {
        let created = self.0.commit(proposal::<A>(&format!("c{caller}-{number}"), None)).await?;
        Ok((created.id, created.version))
    }

    /// The caller's next update: the id and its new version.
    pub(crate) async fn update(&self, bases: &Bases<A>, caller: usize, number: usize) -> anyhow::Result<(String, u64)> {
        let base = &mut bases[caller].lock().await[number % DOCUMENTS_PER_CALLER];
        *base = self.0.commit(proposal::<A>(&base.id, Some(base.clone()))).await?;
        Ok((base.id.clone(), base.version))
    }
}

fn proposal<A: Subject>(id: &str, base: Option<Stored<A::State>>) -> Proposal<A::State> {
    let version = base.as_ref().map_or(1, |base| base.version + 1);
    let at = next_instant(base.as_ref().map(|base| base.change.at), Timestamp::new(Utc::now()));
    let kind = if base.is_none() { A::CREATED } else { A::UPDATED };
    let change =
        Change { id: Uuid::new_v4(), kind: kind.to_owned(), at, traceparent: None, changed: vec!["name".to_owned()] };
    Proposal { id: id.to_owned(), base, state: A::state(id, version), change, request: None }
}
