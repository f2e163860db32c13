//! Group commit (D2, rule 3): one writer takes what has queued up while the previous bulk writes were in flight and
//! sends it as one unordered `update` command of guarded replacements; every caller gets its own result.
//!
//! Nothing waits for a batch to fill: a slot is taken first, then whatever is there. With one caller a commit costs
//! one round trip, with many the journal's flush is shared. A document stands at most once in a batch; attempts at the
//! same version wait as followers of the first and share its conflict without a write of their own.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use bson::RawDocumentBuf;
use shared_events::record::Record;
use tokio::{
    sync::{Semaphore, mpsc, oneshot},
    task::JoinSet,
};
use uuid::Uuid;

use super::{
    outcome::{self, Collection},
    publisher::{Chain, Publisher, Ticket},
    settings::WritePathSettings,
    writer::Writer,
};

/// Statement bytes in one command; the server takes 16 MB for the whole message.
const MAX_BATCH_BYTES: usize = 8_000_000;

/// What became of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Committed,
    VersionConflict,
    KeyTaken(String),
    /// The server refuses the document itself: a validator that closes the collection, or a size.
    Refused(String),
    /// Rule 6: too much has happened since to tell.
    Unknown,
    /// Rule 6: sent twice, and the second copy was refused for a reason that may pass. The first may still land.
    Undecided,
}

/// One attempt's number, done when it is dropped, unless it was sent and nobody knows what became of it. Done says that
/// nothing of it is left to publish (rule 6: neither document nor chain has it, and the guard keeps a late copy out).
/// After a commit it belongs to the publisher, which finishes it when Kafka has the event (rule 5).
#[derive(Debug)]
pub(crate) struct Attempt {
    writer: Arc<Writer>,
    seq: u64,
    stays_open: bool,
}

impl Attempt {
    /// Rule 1: a number of its own for every attempt.
    pub(crate) fn begin(writer: Arc<Writer>) -> Self {
        let seq = writer.tracker.begin();
        Self { writer, seq, stays_open: false }
    }

    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    pub(crate) fn writer(&self) -> &Arc<Writer> {
        &self.writer
    }

    /// Rule 6: only an outcome ends the number now. A task that ends without one, by an abort or a panic, leaves it
    /// open; were it done, the watermark would pass a write that has landed or still can.
    fn sent(&mut self) {
        self.stays_open = true;
    }

    fn ended_without_commit(mut self) {
        self.stays_open = false;
    }

    fn into_ticket(mut self) -> Ticket {
        self.stays_open = true;
        Ticket::commit(Arc::clone(&self.writer), self.seq)
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.stays_open {
            self.writer.tracker.finish(self.seq);
        }
    }
}

/// An attempt on its way to the database.
pub(crate) struct Pending {
    pub(crate) id: String,
    pub(crate) version: u64,
    pub(crate) change: Uuid,
    pub(crate) document: RawDocumentBuf,
    pub(crate) chain: Vec<(u64, Record)>,
    pub(crate) attempt: Attempt,
    pub(crate) stage: Arc<Stage>,
    pub(crate) reply: oneshot::Sender<Outcome>,
    /// Attempts at the same document that queued up behind this one.
    pub(crate) followers: Vec<Pending>,
}

/// Whether a caller that gives up can still take its attempt back.
#[derive(Debug, Default)]
pub(crate) struct Stage(AtomicU8);

const QUEUED: u8 = 0;
const SENT: u8 = 1;
const TAKEN_BACK: u8 = 2;

impl Stage {
    /// The caller gives up: true when nothing was sent, so that nothing happened.
    pub(crate) fn take_back(&self) -> bool {
        self.0.compare_exchange(QUEUED, TAKEN_BACK, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// From here on the outcome is the database's: false when the caller has given up.
    fn send(&self) -> bool {
        let before = self.0.compare_exchange(QUEUED, SENT, Ordering::AcqRel, Ordering::Acquire);
        before.is_ok() || before == Err(SENT)
    }
}

/// The writer's task: ends when the queue is closed and every outcome is resolved.
pub(crate) async fn run(
    mut queue: mpsc::Receiver<Pending>,
    collection: Collection,
    publisher: Publisher,
    settings: WritePathSettings,
) {
    let slots = Arc::new(Semaphore::new(settings.batches_in_flight));
    // Followers whose leader's outcome says nothing about them come back to the front of the queue.
    let (again, mut come_back) = mpsc::unbounded_channel();
    let mut front = VecDeque::new();
    let mut writes = JoinSet::new();
    loop {
        while writes.try_join_next().is_some() {}
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
        let Some(first) = next(&mut front, &mut come_back, &mut queue, &mut writes).await else { return };
        front.push_front(first);
        let batch = fill(&mut front, &mut come_back, &mut queue, settings.batch);
        if batch.is_empty() {
            continue;
        }
        let (collection, publisher, again) = (collection.clone(), publisher.clone(), again.clone());
        writes.spawn(async move {
            write(batch, &collection, &publisher, &again).await;
            drop(slot);
        });
    }
}

/// The next attempt, or `None` when the queue is closed and nothing is in flight that could come back.
async fn next(
    front: &mut VecDeque<Pending>,
    come_back: &mut mpsc::UnboundedReceiver<Pending>,
    queue: &mut mpsc::Receiver<Pending>,
    writes: &mut JoinSet<()>,
) -> Option<Pending> {
    if let Some(pending) = front.pop_front() {
        return Some(pending);
    }
    tokio::select! {
        biased;
        Some(pending) = come_back.recv() => return Some(pending),
        pending = queue.recv() => if pending.is_some() {
            return pending;
        },
    }
    while writes.join_next().await.is_some() {
        if let Ok(pending) = come_back.try_recv() {
            return Some(pending);
        }
    }
    come_back.try_recv().ok()
}

/// Takes what is there, each document once. It never waits.
fn fill(
    front: &mut VecDeque<Pending>,
    come_back: &mut mpsc::UnboundedReceiver<Pending>,
    queue: &mut mpsc::Receiver<Pending>,
    limit: usize,
) -> Vec<Pending> {
    let mut batch: Vec<Pending> = Vec::new();
    let mut places = HashMap::new();
    let mut bytes = 0;
    while batch.len() < limit && bytes < MAX_BATCH_BYTES {
        let taken = front.pop_front().or_else(|| come_back.try_recv().ok()).or_else(|| queue.try_recv().ok());
        let Some(mut pending) = taken else { break };
        if let Some(&place) = places.get(&pending.id) {
            let leader: &mut Pending = &mut batch[place];
            leader.followers.push(pending);
        } else if pending.stage.send() {
            bytes += pending.document.as_bytes().len();
            if bytes > MAX_BATCH_BYTES && !batch.is_empty() {
                front.push_front(pending);
                break;
            }
            pending.attempt.sent();
            places.insert(pending.id.clone(), batch.len());
            batch.push(pending);
        }
    }
    batch
}

async fn write(
    mut batch: Vec<Pending>,
    collection: &Collection,
    publisher: &Publisher,
    again: &mpsc::UnboundedSender<Pending>,
) {
    metrics::histogram!("write_path_batch_size", "collection" => collection.name()).record(batch.len() as f64);
    let outcomes = outcome::write(&mut batch, collection).await;
    for (pending, outcome) in batch.into_iter().zip(outcomes) {
        settle(pending, outcome, publisher, again);
    }
}

/// Answers the caller first, then produces.
fn settle(mut pending: Pending, outcome: Outcome, publisher: &Publisher, again: &mpsc::UnboundedSender<Pending>) {
    for follower in std::mem::take(&mut pending.followers) {
        // The leader's version exists now, by the leader or by somebody else: a second attempt at it has lost.
        let lost =
            matches!(outcome, Outcome::Committed | Outcome::VersionConflict) && follower.version == pending.version;
        if lost {
            settle_one(follower, Outcome::VersionConflict, publisher);
        } else if let Err(closed) = again.send(follower) {
            drop(closed.0);
        }
    }
    settle_one(pending, outcome, publisher);
}

fn settle_one(pending: Pending, outcome: Outcome, publisher: &Publisher) {
    let Pending { id, chain, attempt, reply, .. } = pending;
    // The caller may have stopped waiting; the outcome stands all the same.
    drop(reply.send(outcome.clone()));
    match outcome {
        Outcome::Committed => publisher.hand_off(Chain { id, records: chain, ticket: attempt.into_ticket() }),
        Outcome::VersionConflict | Outcome::KeyTaken(_) | Outcome::Refused(_) | Outcome::Unknown => {
            attempt.ended_without_commit();
        }
        // Rule 12: a number that will never be done.
        Outcome::Undecided => publisher.rotate_away_from(attempt.writer()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write_path::writer::Writers;

    #[test]
    fn a_number_that_was_never_sent_is_done_when_its_attempt_is_given_up() {
        let writer = Writers::new().current();
        drop(Attempt::begin(Arc::clone(&writer)));
        assert!(writer.tracker.is_done(1));
    }

    #[test]
    fn a_number_that_was_sent_stays_open_until_its_outcome_is_known() {
        let writer = Writers::new().current();
        let mut abandoned = Attempt::begin(Arc::clone(&writer));
        abandoned.sent();
        drop(abandoned);
        assert!(!writer.tracker.is_done(1));
        let mut refused = Attempt::begin(Arc::clone(&writer));
        refused.sent();
        refused.ended_without_commit();
        assert!(writer.tracker.is_done(2));
        assert_eq!(writer.tracker.watermark(), 0);
    }
}
