//! The way in: propose, get an outcome. And the assembly of the write path's parts.

use std::{marker::PhantomData, pin::pin, sync::Arc, time::Duration};

use bson::doc;
use mongodb::{Database, IndexModel, options::IndexOptions};
use rdkafka::ClientConfig;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{
    aggregate::{Aggregate, CommitError, Proposal, Stored},
    batch::{self, Attempt, Outcome, Pending, Stage},
    document::{self, Carried, Marker},
    gate::{self, Gate},
    log_check::{LogCheck, Positions},
    outcome::Collection,
    publisher::{self, Chain, Publisher},
    settings::WritePathSettings,
    stop, sweep, watermarks,
    writer::Writers,
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

/// Loads and commits aggregates of one kind. Cheap to clone.
#[derive(Debug)]
pub struct Store<A> {
    inner: Arc<Inner>,
    aggregate: PhantomData<fn() -> A>,
}

impl<A> Clone for Store<A> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), aggregate: PhantomData }
    }
}

#[derive(Debug)]
struct Inner {
    collection: Collection,
    writers: Arc<Writers>,
    gate: Gate,
    queue: mpsc::Sender<Pending>,
    settings: WritePathSettings,
}

/// The tasks behind a [`Store`], to be run by the supervisor.
#[derive(Debug)]
pub struct WritePath<A> {
    inner: Arc<Inner>,
    parts: Parts,
    attempts: mpsc::Receiver<Pending>,
    publisher: Publisher,
    chains: mpsc::Receiver<Chain>,
    aggregate: PhantomData<fn() -> A>,
}

impl<A: Aggregate> Store<A> {
    /// A store and the tasks behind it. Nothing is committed before the tasks run.
    pub fn new(parts: Parts) -> (Self, WritePath<A>) {
        let collection = Collection { database: parts.database.clone(), name: A::COLLECTION };
        let writers = Arc::new(Writers::new());
        let positions = Arc::new(Positions::default());
        let (publisher, chains) =
            Publisher::new(parts.settings.hand_off_queue, Arc::clone(&writers), Arc::clone(&positions));
        let (queue, attempts) = mpsc::channel(parts.settings.queue);
        let gate = Gate::new(A::COLLECTION, positions);
        let inner = Arc::new(Inner { collection, writers, gate, queue, settings: parts.settings.clone() });
        let store = Self { inner: Arc::clone(&inner), aggregate: PhantomData };
        (store, WritePath { inner, parts, attempts, publisher, chains, aggregate: PhantomData })
    }

    /// The indexes that the rules and the uniqueness of keys need.
    pub fn indexes() -> Vec<IndexModel> {
        let sweep = IndexModel::builder()
            .keys(doc! { "change.writer": 1, "change.seq": 1 })
            .options(IndexOptions::builder().name("write_path_sweep".to_owned()).build())
            .build();
        let unique = A::UNIQUE_KEYS.iter().map(|key| {
            let member = format!("keys.{key}");
            let options = IndexOptions::builder()
                .name(format!("unique_{key}"))
                .unique(true)
                .partial_filter_expression(doc! { &member: { "$exists": true } })
                .build();
            IndexModel::builder().keys(doc! { member: 1 }).options(options).build()
        });
        std::iter::once(sweep).chain(unique).collect()
    }

    /// Makes the proposal a version, or says why not. When this returns `Ok` the version is on a majority of the
    /// replica set and its event will be published, whatever process dies next (G1).
    ///
    /// # Errors
    /// [`CommitError`]; all but `OutcomeUnknown` mean that nothing happened.
    pub async fn commit(&self, proposal: Proposal<A::State>) -> Result<Stored<A::State>, CommitError> {
        self.inner.gate.admit()?;
        self.admit_age()?;
        let unpublished = self.build_chain(&proposal)?;
        let attempt = Attempt::begin(self.inner.writers.current());
        let marker = Marker { writer: Arc::clone(&attempt.writer().id), seq: attempt.seq() };
        let (version, change) = (proposal.version(), proposal.change.id);
        let new = document::new_version::<A>(proposal, marker, unpublished.clone()).map_err(|error| {
            tracing::error!(%error, "a state could not be written as BSON");
            CommitError::TooLarge
        })?;
        let chain = document::chain::<A>(&new.stored, unpublished);
        if chain.last().is_some_and(|(_, record)| record.size() > self.inner.settings.max_record_bytes) {
            return Err(CommitError::TooLarge);
        }
        let stage = Arc::new(Stage::default());
        let (reply, outcome) = oneshot::channel();
        let pending = Pending {
            id: new.stored.id.clone(),
            version,
            change,
            document: new.document,
            chain,
            attempt,
            stage: Arc::clone(&stage),
            reply,
            followers: Vec::new(),
        };
        self.inner.queue.try_send(pending).map_err(|_| CommitError::unavailable("too many writes are waiting"))?;
        self.wait(outcome, &stage).await.map(|()| new.stored)
    }

    /// Where the documents are, for reading them.
    pub(super) fn collection(&self) -> &Collection {
        &self.inner.collection
    }

    /// How many attempts of this process are not done: not answered yet, or not acknowledged by Kafka.
    pub fn unpublished(&self) -> usize {
        self.inner.writers.open().0
    }

    /// Ends when writes were taken for the first time: the database was compared with its log.
    pub async fn first_opened(&self) {
        self.inner.gate.first_opened().await;
    }

    /// Why no writes are taken at the moment; `None` while they are.
    pub fn refuses_writes(&self) -> Option<String> {
        self.inner.gate.closed_because()
    }

    /// D3: what is acknowledged but not published is what a lost database would lose; there is a limit to its age.
    fn admit_age(&self) -> Result<(), CommitError> {
        let (_, oldest) = self.inner.writers.open();
        if oldest > self.inner.settings.max_unpublished_age() {
            return Err(CommitError::unavailable("changes cannot be published at the moment"));
        }
        Ok(())
    }

    /// Rules 4 and 13: what the new version has to carry, unless it is too much.
    fn build_chain(&self, proposal: &Proposal<A::State>) -> Result<Vec<Carried>, CommitError> {
        let Some(base) = &proposal.base else { return Ok(Vec::new()) };
        let carried = document::carry::<A>(base, &*self.inner.writers);
        let bytes: usize = carried.iter().map(Carried::size).sum();
        if carried.len() > self.inner.settings.max_carried || bytes > self.inner.settings.max_carried_bytes {
            return Err(CommitError::unavailable("too many changes of this entity wait to be published"));
        }
        Ok(carried)
    }

    async fn wait(&self, mut outcome: oneshot::Receiver<Outcome>, stage: &Stage) -> Result<(), CommitError> {
        let known = match tokio::time::timeout(self.inner.settings.commit_timeout(), &mut outcome).await {
            Ok(known) => known,
            Err(_) if stage.take_back() => return Err(CommitError::unavailable("the database does not answer")),
            Err(_) => return Err(CommitError::unknown()),
        };
        match known {
            Ok(Outcome::Committed) => Ok(()),
            Ok(Outcome::VersionConflict) => Err(CommitError::VersionConflict),
            Ok(Outcome::KeyTaken(key)) => Err(CommitError::KeyTaken { key }),
            Ok(Outcome::Refused(why)) => Err(CommitError::unavailable(why)),
            Ok(Outcome::Unknown | Outcome::Undecided) => Err(CommitError::unknown()),
            // The writer ended with this attempt: sent or not, nobody here knows.
            Err(_) if stage.take_back() => Err(CommitError::unavailable("this instance is stopping")),
            Err(_) => Err(CommitError::unknown()),
        }
    }
}

impl<A: Aggregate> WritePath<A> {
    /// Runs until `stop`, then ends cleanly (rule 11). An earlier end of any part is an error.
    ///
    /// # Errors
    /// The Kafka client cannot be made, or a part ended by itself.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let Self { inner, parts, attempts, publisher, chains, .. } = self;
        let check = LogCheck::<A>::new(inner.collection.clone(), parts.topic.clone(), parts.consumer);
        let (stop_looking, stop_publishing) = (CancellationToken::new(), CancellationToken::new());
        let mut parts_running = JoinSet::new();
        let mut spawn = |name: &'static str, part: futures_util::future::BoxFuture<'static, anyhow::Result<()>>| {
            parts_running.spawn(async move { (name, part.await) });
        };
        let collection = inner.collection.clone();
        spawn("batch", boxed(batch::run(attempts, collection.clone(), publisher.clone(), parts.settings.clone())));
        spawn(
            "publisher",
            Box::pin(publisher::run(publisher.clone(), chains, parts.producer, parts.topic, stop_publishing.clone())),
        );
        let (writers, gate) = (Arc::clone(&inner.writers), inner.gate.clone());
        spawn(
            "watermarks",
            boxed(watermarks::run(
                collection.clone(),
                Arc::clone(&writers),
                gate.clone(),
                parts.settings.watermark_interval(),
                stop_looking.clone(),
            )),
        );
        spawn("gate", boxed(gate::run(gate.clone(), check, stop_looking.clone())));
        spawn(
            "sweep",
            boxed(sweep::run::<A>(
                collection.clone(),
                Arc::clone(&writers),
                publisher,
                parts.settings,
                stop_looking.clone(),
            )),
        );
        let ended = {
            let first_end = pin!(parts_running.join_next());
            tokio::select! {
                () = stop.cancelled() => None,
                ended = first_end => Some(ended),
            }
        };
        if let Some(ended) = ended {
            let (name, result) = ended.transpose()?.unwrap_or(("write path", Ok(())));
            return Err(result.err().unwrap_or_else(|| anyhow::anyhow!("it ended by itself")).context(name));
        }
        gate.stop();
        stop::retire(&inner.collection, &writers, &gate, parts.stop_patience).await;
        stop_looking.cancel();
        stop_publishing.cancel();
        // The batch part ends with its last sender, which the store's clones hold; nothing is in it any more.
        parts_running.abort_all();
        while parts_running.join_next().await.is_some() {}
        Ok(())
    }
}

fn boxed(
    part: impl Future<Output = ()> + Send + 'static,
) -> futures_util::future::BoxFuture<'static, anyhow::Result<()>> {
    Box::pin(async move {
        part.await;
        Ok(())
    })
}
