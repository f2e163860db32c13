//! The projection's task: takes what the consumer's thread hands over, applies it batch by batch, and follows the group's
//! assignments. One batch is in flight at a time; whatever waits meanwhile makes the next one.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::accumulate::Accumulator;
use super::apply::Applier;
use super::begin::Beginning;
use super::checkpoint::MovedBack;
use super::consumer::Consuming;
use super::ledger::Keeper;
use super::link::{Assignment, Item, Link, Stopping, What};
use super::log::Place;
use super::progress::Progress;
use super::reading::Incoming;

/// How long the group may take to be left. Past it the thread is left behind: the process is about to end.
const LEAVE: Duration = Duration::from_secs(5);

/// How a batch gets into the view: the two kinds of projection (D5).
pub(super) enum Applying {
    /// The newest state per key; the checkpoint follows behind.
    Copy(Box<Applier>),
    /// The difference that each key makes; the checkpoint moves in the same transaction.
    Accumulation(Box<Accumulator>),
}

impl Applying {
    /// Returns when the batch is in the view or parked, on a majority.
    async fn apply(&mut self, records: &[Incoming]) -> Result<(), MovedBack> {
        match self {
            Self::Copy(applier) => {
                applier.apply(records).await;
                Ok(())
            }
            Self::Accumulation(accumulator) => accumulator.apply(records).await,
        }
    }

    /// Forgets what was known of partitions that others may own by now.
    fn forget(&mut self) {
        match self {
            Self::Copy(applier) => applier.forget(),
            Self::Accumulation(_) => {}
        }
    }

    /// Learns what is parked in these partitions, or ends what was left open there.
    async fn take_over(&mut self, partitions: &[i32]) {
        match self {
            Self::Copy(applier) => applier.take_over(partitions).await,
            Self::Accumulation(accumulator) => accumulator.take_over(partitions).await,
        }
    }
}

pub(super) struct Worker {
    pub(super) beginning: Beginning,
    pub(super) applying: Applying,
    pub(super) progress: Arc<Progress>,
    pub(super) keeper: Arc<Keeper>,
    pub(super) link: Arc<Link>,
    pub(super) consuming: Consuming,
    /// Records in one batch at most.
    pub(super) batch: usize,
}

impl Worker {
    /// Runs until it is told to stop: then everything that was handed over is applied, the checkpoint is stored, the group
    /// is told and left, in this order.
    ///
    /// # Errors
    /// The consumer's thread has ended, the log or the checkpoints are not what they were.
    pub(super) async fn run(self, stop: &CancellationToken) -> anyhow::Result<()> {
        let Self { beginning, applying, progress, keeper, link, consuming, batch } = self;
        // Whatever ends this task ends the thread.
        let leaving = Leave(Arc::clone(&link));
        let Consuming { items, mut ended } = consuming;
        let assignments = link.assignments();
        let mut serving = Serving {
            beginning,
            applying,
            progress,
            keeper: Arc::clone(&keeper),
            link,
            items,
            assignments,
            batch,
            epoch: 0,
        };
        tokio::select! {
            biased;
            served = serving.serve(stop) => served?,
            moved_back = keeper.keep() => match moved_back? {},
            cause = &mut ended => return Err(why(cause)),
        }
        keeper.store().await?;
        drop(leaving);
        if tokio::time::timeout(LEAVE, ended).await.is_err() {
            warn!(
                projection = keeper.projection,
                "the consumer group was not left in time; its partitions move after the session's end"
            );
        }
        Ok(())
    }
}

fn why(cause: Result<Result<(), String>, oneshot::error::RecvError>) -> anyhow::Error {
    match cause {
        Ok(Ok(())) => anyhow!("the consumer's thread has ended without being asked to"),
        Ok(Err(cause)) => anyhow!(cause),
        Err(_) => anyhow!("the consumer's thread has panicked"),
    }
}

struct Leave(Arc<Link>);

impl Drop for Leave {
    fn drop(&mut self) {
        self.0.stop(Stopping::Leaving);
    }
}

struct Serving {
    beginning: Beginning,
    applying: Applying,
    progress: Arc<Progress>,
    keeper: Arc<Keeper>,
    link: Arc<Link>,
    items: mpsc::Receiver<Item>,
    assignments: watch::Receiver<Assignment>,
    batch: usize,
    epoch: u64,
}

impl Serving {
    /// Until the channel is closed and empty, which is some moments after a stop was asked for.
    async fn serve(&mut self, stop: &CancellationToken) -> anyhow::Result<()> {
        let mut items = Vec::with_capacity(self.batch);
        let mut stopping = false;
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled(), if !stopping => {
                    stopping = true;
                    self.link.stop(Stopping::Reading);
                }
                changed = self.assignments.changed() => {
                    changed.context("the consumer is gone")?;
                    stop.run_until_cancelled(self.follow()).await.unwrap_or(Ok(()))?;
                }
                taken = self.items.recv_many(&mut items, self.batch) => {
                    if taken == 0 {
                        return Ok(());
                    }
                    self.take(std::mem::take(&mut items)).await?;
                }
            }
        }
    }

    /// Takes over the partitions of the newest assignment; starts again when they change meanwhile.
    async fn follow(&mut self) -> anyhow::Result<()> {
        loop {
            let Assignment { epoch, partitions } = self.assignments.borrow_and_update().clone();
            self.epoch = epoch;
            self.applying.forget();
            self.progress.owned(&partitions);
            if partitions.is_empty() {
                return Ok(());
            }
            let mut newer = self.assignments.clone();
            tokio::select! {
                biased;
                changed = newer.changed() => changed.context("the consumer is gone")?,
                begun = begin(&self.beginning, &mut self.applying, &self.progress, &partitions) => {
                    let (checkpoints, first) = begun?;
                    let start = self.keeper.ledger.begin(checkpoints, first);
                    info!(projection = self.keeper.projection, ?start, "reading begins");
                    self.link.start(epoch, start);
                    return Ok(());
                }
            }
        }
    }

    /// Applies a batch, unless its partitions are taken away before that has succeeded.
    async fn take(&mut self, items: Vec<Item>) -> Result<(), MovedBack> {
        let count = items.len();
        let (mut records, mut ends, mut held) = (Vec::with_capacity(count), Vec::new(), Vec::new());
        for item in items.into_iter().filter(|item| item.epoch == self.epoch) {
            match item.what {
                What::Record(record, room) => {
                    records.push(*record);
                    held.push(room);
                }
                What::End(partition) => ends.push(partition),
            }
        }
        let epoch = self.epoch;
        let mut assignments = self.assignments.clone();
        let done = tokio::select! {
            biased;
            applied = self.applying.apply(&records) => applied.map(|()| true)?,
            _ = assignments.wait_for(|now| now.epoch != epoch) => false,
        };
        if done {
            self.note(&records, &ends);
        }
        drop(held);
        self.keeper.ledger.processed(count);
        Ok(())
    }

    fn note(&self, records: &[Incoming], ends: &[i32]) {
        let progress = &self.progress;
        for record in records {
            let event_id = record.original.event_id().map(str::to_owned);
            self.keeper.ledger.applied(record.partition, Place { offset: record.offset, event_id });
            progress.applied(record.partition, record.offset + 1);
        }
        for partition in ends {
            self.keeper.ledger.ended(*partition);
            progress.heard(*partition);
        }
    }
}

async fn begin(
    beginning: &Beginning,
    applying: &mut Applying,
    progress: &Arc<Progress>,
    partitions: &[i32],
) -> anyhow::Result<super::begin::Start> {
    let _busy = progress.busy();
    let start = beginning.start(partitions).await?;
    applying.take_over(partitions).await;
    Ok(start)
}
