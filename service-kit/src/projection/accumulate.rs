//! Applies one batch to an accumulation: what each key contributes is kept beside the totals, and a newer version
//! changes the totals by the difference (D5). Contributions, totals, parked records and the checkpoint are one
//! transaction, so that whatever is repeated, killed or taken over counts once (G3).
//!
//! An accumulation cannot skip what it could not read: later events of that key wait in order behind it, parked too,
//! until a person has decided (G6). All other keys flow on.

mod contribution;
mod judge;
mod sessions;
mod transaction;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use bson::{RawDocumentBuf, doc};
use tokio::sync::Notify;

pub(super) use self::contribution::{Contribution, Share};
use self::contribution::{Stored, Totals};
use self::judge::Judged;
pub(super) use self::sessions::Sessions;
use self::transaction::Transaction;
use super::batch::Folded;
use super::cause::Cause;
use super::checkpoint::{Advance, Checkpoint, MovedBack};
use super::ledger::Keeper;
use super::log::Place;
use super::observe::{self, Observed};
use super::parked::{self, Parked, ToPark};
use super::progress::Progress;
use super::reading::Incoming;
use super::retry::{self, Trouble};
use crate::mongo::IndexSpec;

/// The collection of what each key contributes to a view: `item_sales.g1.keys`.
pub(super) fn keys_of(view: &str) -> String {
    format!("{view}.keys")
}

pub(super) struct Accumulator {
    pub(super) projection: &'static str,
    /// The collection of the totals: `item_sales.g1`.
    pub(super) view: String,
    pub(super) sessions: Sessions,
    pub(super) parked: Parked,
    pub(super) progress: Arc<Progress>,
    pub(super) keeper: Arc<Keeper>,
    /// Told when something was parked.
    pub(super) letters: Arc<Notify>,
}

/// A batch that is committed.
struct Done {
    /// Which of the records were new to the view's checkpoint.
    fresh: Vec<usize>,
    folded: Folded,
    /// Of every partition of the batch, as they are stored now.
    checkpoints: Vec<Checkpoint>,
}

impl Accumulator {
    /// Returns when everything is added up or parked, on a majority, with the checkpoint that says so.
    ///
    /// # Errors
    /// The checkpoints are not what this process knows them to be.
    pub(super) async fn apply(&self, records: &[Incoming]) -> Result<(), MovedBack> {
        if records.is_empty() {
            return Ok(());
        }
        let _busy = self.progress.busy();
        let complete = self.progress.is_complete();
        // Repeating the whole attempt is safe: it begins with the checkpoint that the one before may have moved.
        let attempt = || self.attempt(records, complete);
        let done = retry::for_ever(self.projection, "adding up", attempt).await?;
        self.keeper.ledger.stored_with_view(&done.checkpoints);
        if !done.folded.parked.is_empty() {
            self.letters.notify_one();
        }
        self.observe(records, &done, complete);
        Ok(())
    }

    /// Nothing of a batch of those who had these partitions before is left open.
    pub(super) async fn take_over(&self, partitions: &[i32]) {
        let end = || self.sessions.take_over(partitions);
        retry::for_ever(self.projection, "ending what others have left open", end).await;
    }

    /// One transaction: all of the batch, or nothing.
    async fn attempt(&self, records: &[Incoming], complete: bool) -> Result<Result<Done, MovedBack>, Trouble> {
        let partitions: BTreeSet<i32> = records.iter().map(|record| record.partition).collect();
        let mut transaction = self.sessions.begin(partitions).await?;
        let Ok(stored) = self.positions(&mut transaction, records).await? else {
            return Ok(Err(self.keeper.checkpoints.moved_back()));
        };
        // What the stored checkpoint has passed was added up by whoever moved it: a process that lost the partition and
        // did not know yet, or this one, when the answer to its commit was lost.
        let is_fresh = |record: &Incoming| stored.get(&record.partition).is_some_and(|at| record.offset >= at.next);
        let fresh: Vec<usize> = (0..records.len()).filter(|at| is_fresh(&records[*at])).collect();
        let contributions = self.contributions(&mut transaction, records, &fresh).await?;
        let judged = judge::judge(fresh.iter().map(|at| (*at, &records[*at])), &contributions, complete);
        self.write(&mut transaction, records, &contributions, &judged).await?;
        let checkpoints = self.advance(&mut transaction, stored, records, &fresh).await?;
        transaction.commit().await?;
        Ok(Ok(Done { fresh, folded: judged.folded, checkpoints }))
    }

    /// The checkpoints of the batch's partitions, as they are in this transaction.
    async fn positions(
        &self,
        transaction: &mut Transaction<'_>,
        records: &[Incoming],
    ) -> Result<Result<BTreeMap<i32, Checkpoint>, ()>, Trouble> {
        let known = self.keeper.ledger.known(records.iter().map(|record| record.partition));
        let ids: Vec<&str> = known.values().map(|checkpoint| checkpoint.id.as_str()).collect();
        let stored: Vec<Checkpoint> =
            transaction.find(super::checkpoint::COLLECTION, doc! { "_id": { "$in": ids } }).await?;
        let stored: BTreeMap<i32, Checkpoint> =
            stored.into_iter().map(|checkpoint| (checkpoint.partition, checkpoint)).collect();
        let as_known = |(partition, known): (&i32, &Checkpoint)| {
            stored.get(partition).is_some_and(|at| at.incarnation == known.incarnation && at.next >= known.next)
        };
        Ok(if known.iter().all(as_known) { Ok(stored) } else { Err(()) })
    }

    async fn contributions(
        &self,
        transaction: &mut Transaction<'_>,
        records: &[Incoming],
        fresh: &[usize],
    ) -> Result<HashMap<String, Stored>, Trouble> {
        let mut keys: Vec<&str> = fresh.iter().filter_map(|at| judge::key(&records[*at])).collect();
        keys.sort_unstable();
        keys.dedup();
        let found: Vec<Stored> = transaction.find(&keys_of(&self.view), doc! { "_id": { "$in": keys } }).await?;
        Ok(found.into_iter().map(|stored| (stored.id.clone(), stored)).collect())
    }

    async fn write(
        &self,
        transaction: &mut Transaction<'_>,
        records: &[Incoming],
        contributions: &HashMap<String, Stored>,
        judged: &Judged,
    ) -> Result<(), Trouble> {
        let mut totals = Totals::default();
        let mut keys = Vec::new();
        for at in &judged.folded.writes {
            let (record, Ok(state)) = (&records[*at], &records[*at].reading) else { continue };
            let new = Contribution::read(&state.document)?;
            let before = contributions.get(&state.key).map_or(&[][..], |stored| &stored.shares);
            totals.change(record.partition, before, &new.shares);
            keys.push(contribution::replaced(&state.key, record.partition, &new)?);
        }
        for (key, (partition, count)) in judged.waiting() {
            keys.push(contribution::more_waiting(key, partition, count)?);
        }
        transaction.update(&keys_of(&self.view), &keys).await?;
        transaction.update(&self.view, &totals.statements()?).await?;
        // An aggregate that contributes nothing any more leaves no trace: a rebuilt view must be equal to the live one.
        transaction.delete(&self.view, totals.emptied()).await?;
        self.park(transaction, records, &judged.folded.parked).await
    }

    async fn park(
        &self,
        transaction: &mut Transaction<'_>,
        records: &[Incoming],
        parked: &[(usize, Cause)],
    ) -> Result<(), Trouble> {
        let statement =
            |(at, cause): &(usize, Cause)| self.parked.statement(&ToPark { record: &records[*at], cause, after: 0 });
        let statements: Vec<RawDocumentBuf> = parked.iter().map(statement).collect::<Result<_, _>>()?;
        transaction.update(parked::COLLECTION, &statements).await
    }

    /// D5 (b): the checkpoint moves with the totals, from the position that was read in this transaction.
    async fn advance(
        &self,
        transaction: &mut Transaction<'_>,
        mut stored: BTreeMap<i32, Checkpoint>,
        records: &[Incoming],
        fresh: &[usize],
    ) -> Result<Vec<Checkpoint>, Trouble> {
        let mut moves: BTreeMap<i32, Advance> = BTreeMap::new();
        for record in fresh.iter().map(|at| &records[*at]) {
            let Some(known) = stored.get(&record.partition) else { continue };
            let advance = moves
                .entry(record.partition)
                .or_insert_with(|| Advance { known: known.clone(), wanted: known.clone() });
            let place = Place { offset: record.offset, event_id: record.original.event_id().map(str::to_owned) };
            advance.wanted.reached(place);
        }
        let statements: Vec<RawDocumentBuf> =
            moves.values().map(Advance::statement).collect::<Result<_, _>>().map_err(Trouble::new)?;
        transaction.update(super::checkpoint::COLLECTION, &statements).await?;
        stored.extend(moves.into_iter().map(|(partition, advance)| (partition, advance.wanted)));
        Ok(stored.into_values().collect())
    }

    fn observe(&self, records: &[Incoming], done: &Done, complete: bool) {
        observe::batch(&Observed {
            projection: self.projection,
            complete,
            records,
            folded: &done.folded,
            applied: done.folded.writes.len() as u64,
            parked: &[],
        });
        let passed = records.len() - done.fresh.len();
        if passed > 0 {
            tracing::info!(projection = self.projection, passed, "records were added up before: passed over");
        }
    }
}

/// The indexes of the contributions.
pub(super) fn indexes() -> [IndexSpec; 1] {
    let waiting = doc! { "waiting": { "$gt": 0 } };
    [IndexSpec::new("waiting", doc! { "waiting": 1 }).partial(waiting)]
}
