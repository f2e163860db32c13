//! What the database's reply to a bulk write means for each attempt, and rule 6: what to do when there is no reply.
//!
//! A reply that is clear settles the attempt (`command`). An item that it leaves in doubt is read back, once: the only
//! copy was executed, so nothing of it can land later.
//!
//! Without a reply the same guarded write is sent again *and*, where the guard then fails, the document is read back.
//! Without the second copy a delayed first one could land after it was called a conflict; without the reading a
//! committed command would be called one.

mod command;

use std::{collections::HashMap, time::Duration};

use bson::{Bson, doc};
use futures_util::TryStreamExt;
use mongodb::{
    Database,
    options::{ReadConcern, ReadPreference, SelectionCriteria},
};
use rand::RngExt;
use serde::Deserialize;
use uuid::Uuid;

use self::command::Verdict;
use super::{
    batch::{Outcome, Pending},
    document::Marker,
    watermarks,
};

/// Pauses between two tries at a database that does not answer.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The collection of one aggregate.
#[derive(Clone, Debug)]
pub(crate) struct Collection {
    pub(crate) database: Database,
    pub(crate) name: &'static str,
}

impl Collection {
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn documents<T: Send + Sync>(&self) -> mongodb::Collection<T> {
        let options = mongodb::options::CollectionOptions::builder()
            .read_concern(ReadConcern::majority())
            .selection_criteria(SelectionCriteria::ReadPreference(ReadPreference::Primary))
            .build();
        self.database.collection_with_options(self.name, options)
    }
}

/// The outcome of every attempt of a batch, in its order. Returns only when each is settled.
pub(crate) async fn write(batch: &mut [Pending], collection: &Collection) -> Vec<Outcome> {
    let mut outcomes: Vec<Option<Outcome>> = vec![None; batch.len()];
    let mut pause = FIRST_PAUSE;
    let mut repeated = false;
    loop {
        let open: Vec<usize> = (0..batch.len()).filter(|&i| outcomes[i].is_none()).collect();
        if open.is_empty() {
            return outcomes.into_iter().flatten().collect();
        }
        let settled = match command::send(&open, batch, collection).await {
            Ok(verdicts) => settle_round(&open, batch, collection, verdicts, repeated, &mut outcomes).await,
            Err(error) => {
                tracing::warn!(collection = collection.name, %error, commits = open.len(), "outcome of a bulk write unknown; asking again");
                false
            }
        };
        if !settled {
            // Rule 6: from here on a failing guard may be our own first copy.
            repeated = true;
            tokio::time::sleep(jittered(pause)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::rng().random_range(0.5..1.0))
}

/// Settles what the replies settle; true when nothing is left open.
async fn settle_round(
    open: &[usize],
    batch: &[Pending],
    collection: &Collection,
    verdicts: Vec<Verdict>,
    repeated: bool,
    outcomes: &mut [Option<Outcome>],
) -> bool {
    let mut doubtful: Vec<(usize, Option<String>)> = Vec::new();
    let mut clear = true;
    for (&place, verdict) in open.iter().zip(verdicts) {
        match verdict {
            Verdict::Written => outcomes[place] = Some(Outcome::Committed),
            Verdict::GuardFailed if !repeated => outcomes[place] = Some(Outcome::VersionConflict),
            Verdict::GuardFailed | Verdict::InDoubt => doubtful.push((place, None)),
            // The server may name the e-mail although the version is what is wrong: look at the document first.
            Verdict::KeyClash(key) => doubtful.push((place, Some(key))),
            // Rule 6: what refuses the second copy may be gone when the first one lands.
            Verdict::Refused(_) if repeated => outcomes[place] = Some(Outcome::Undecided),
            Verdict::Refused(why) => outcomes[place] = Some(Outcome::Refused(why)),
            Verdict::Unclear => clear = false,
        }
    }
    if doubtful.is_empty() {
        return clear;
    }
    match read_back(&doubtful, batch, collection, repeated).await {
        Ok(found) => {
            for (place, clash) in doubtful {
                outcomes[place] = judge(&batch[place], found.get(&batch[place].id), clash, repeated);
                clear &= outcomes[place].is_some();
            }
            clear
        }
        Err(error) => {
            tracing::warn!(collection = collection.name, %error, "read-back failed; asking again");
            false
        }
    }
}

/// What a read-back sees of a document.
#[derive(Deserialize)]
struct Seen {
    #[serde(rename = "_id")]
    id: String,
    version: u64,
    #[serde(default)]
    recent: Vec<bson::Uuid>,
    #[serde(default)]
    unpublished: Vec<Marker>,
}

async fn read_back(
    doubtful: &[(usize, Option<String>)],
    batch: &[Pending],
    collection: &Collection,
    repeated: bool,
) -> mongodb::error::Result<HashMap<String, Seen>> {
    if repeated {
        // Our first copy may be on the primary but not yet on a majority, where this reading would not see it.
        watermarks::majority_barrier(&collection.database).await?;
    }
    let ids: Vec<Bson> = doubtful.iter().map(|(place, _)| batch[*place].id.clone().into()).collect();
    let cursor = collection
        .documents::<Seen>()
        .find(doc! { "_id": { "$in": ids } })
        .projection(doc! { "version": 1, "recent": 1, "unpublished.writer": 1, "unpublished.seq": 1 })
        .max_time(command::TIMEOUT)
        .await?;
    let seen: Vec<Seen> = cursor.try_collect().await?;
    Ok(seen.into_iter().map(|seen| (seen.id.clone(), seen)).collect())
}

/// Rule 6: matched by the change's id. "Conflict" is said only when another id is known for the version. `None`: the
/// document moved between the guard and the reading; ask again.
fn judge(pending: &Pending, seen: Option<&Seen>, clash: Option<String>, repeated: bool) -> Option<Outcome> {
    // A guard that has failed fails for ever, but a key that is taken now may be free when the first copy lands.
    let clash = clash.map(|key| if repeated { Outcome::Undecided } else { Outcome::KeyTaken(key) });
    // Aggregates are never deleted, so a base that is gone, or behind, is in another database than the one it was read from.
    let replaced = |by: bool| by.then_some(Outcome::Undecided);
    let Some(seen) = seen else { return clash.or(replaced(pending.version > 1)) };
    let mine = |id: &bson::Uuid| Uuid::from_bytes(id.bytes()) == pending.change;
    let marker = |entry: &Marker| entry.writer == pending.attempt.writer().id && entry.seq == pending.attempt.seq();
    if seen.recent.iter().any(mine) || seen.unpublished.iter().any(marker) {
        return Some(Outcome::Committed);
    }
    if seen.version < pending.version {
        return clash.or(replaced(seen.version + 1 < pending.version));
    }
    // `recent` ends with the current version and reaches back as far as it is long.
    let reach = seen.version.saturating_sub(seen.recent.len() as u64);
    Some(if pending.version > reach { Outcome::VersionConflict } else { Outcome::Unknown })
}

#[cfg(test)]
mod tests;
