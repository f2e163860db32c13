//! The way in: propose, get an outcome.

use std::{marker::PhantomData, sync::Arc, time::Duration};

use bson::doc;
use mongodb::{IndexModel, options::IndexOptions};
use tokio::sync::{mpsc, oneshot};

use super::{
    aggregate::{Aggregate, CommitError, Proposal, Stored},
    batch::{Attempt, Outcome, Pending, Stage},
    document::{self, Carried, Marker},
    gate::Gate,
    log_check::Positions,
    outcome::Collection,
    publisher::Publisher,
    run::{Parts, WritePath},
    settings::WritePathSettings,
    writer::Writers,
};

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
pub(super) struct Inner {
    pub(super) collection: Collection,
    pub(super) writers: Arc<Writers>,
    pub(super) gate: Gate,
    queue: mpsc::Sender<Pending>,
    settings: WritePathSettings,
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
        self.commit_within(self.inner.settings.commit_timeout(), proposal).await
    }

    /// As [`commit`](Self::commit), for whoever would rather wait so long than be told that the outcome is not known.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub async fn commit_within(
        &self,
        patience: Duration,
        proposal: Proposal<A::State>,
    ) -> Result<Stored<A::State>, CommitError> {
        self.admit()?;
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
        wait(outcome, &stage, patience).await.map(|()| new.stored)
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

    /// Whether a commit would be begun at the moment.
    ///
    /// # Errors
    /// [`CommitError::Unavailable`], with the reason.
    pub fn admit(&self) -> Result<(), CommitError> {
        self.inner.gate.admit()?;
        self.admit_age()
    }

    /// Whether Kafka keeps up with what is committed: half of the hand-off queue is free. Who writes in bulk waits while
    /// it does not, instead of leaving events to a sweep.
    pub fn keeps_up(&self) -> bool {
        self.unpublished() < self.inner.settings.hand_off_queue.div_ceil(2)
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
}

async fn wait(mut outcome: oneshot::Receiver<Outcome>, stage: &Stage, patience: Duration) -> Result<(), CommitError> {
    let known = match tokio::time::timeout(patience, &mut outcome).await {
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
