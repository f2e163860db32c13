//! What the database's reply to a bulk write means for each attempt, and rule 6: what to do when there is no reply.
//!
//! The reply of a bulk `update` has no match count per item. With `upsert` on every item a miss becomes a
//! duplicate-key error with its index, and `keyPattern` tells a version conflict (`_id`) from a taken unique key.
//! Aggregates are never physically deleted, so nothing but a create is ever absent.
//!
//! Without a reply the same guarded write is sent again *and*, where the guard then fails, the document is read back.
//! Without the second copy a delayed first one could land after it was called a conflict; without the reading a
//! committed command would be called one.

use std::{collections::HashMap, time::Duration};

use bson::{Bson, Document, RawDocumentBuf, cstr, doc, raw::RawArrayBuf, rawdoc};
use futures_util::TryStreamExt;
use mongodb::{
    Database,
    options::{ReadConcern, ReadPreference, SelectionCriteria},
};
use rand::RngExt;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    batch::{Outcome, Pending},
    document::Marker,
    watermarks,
};

/// How long one command may take before its outcome counts as unknown. The driver has no socket timeout of its own.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(12);
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
        let round = send(&open, batch, collection).await;
        let settled = match round {
            Ok(reply) => settle_round(&open, batch, collection, &reply, repeated, &mut outcomes).await,
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

/// One unordered `update` command. `run_command` takes no write concern from the client and is never retried by the
/// driver: both are on purpose, both are here.
async fn send(open: &[usize], batch: &[Pending], collection: &Collection) -> Result<Reply, String> {
    let mut updates = RawArrayBuf::new();
    for &place in open {
        let pending = &batch[place];
        let mut statement = RawDocumentBuf::new();
        // Rule 3: the guard. For version 1 no document matches, and the upsert inserts unless one is there.
        statement.append(cstr!("q"), rawdoc! { "_id": pending.id.as_str(), "version": pending.version as i64 - 1 });
        statement.append(cstr!("u"), pending.document.clone());
        statement.append(cstr!("upsert"), true);
        updates.push(statement);
    }
    let mut command = RawDocumentBuf::new();
    command.append(cstr!("update"), collection.name);
    command.append(cstr!("updates"), updates);
    command.append(cstr!("ordered"), false);
    command.append(cstr!("writeConcern"), rawdoc! { "w": "majority", "wtimeout": 10_000 });
    let reply = tokio::time::timeout(COMMAND_TIMEOUT, collection.database.run_raw_command(command))
        .await
        .map_err(|_| "no answer in time".to_owned())?
        .map_err(|error| error.to_string())?;
    bson::deserialize_from_document(reply).map_err(|error| error.to_string())
}

/// The parts of an `update` reply that matter here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    #[serde(default)]
    write_errors: Vec<WriteError>,
    write_concern_error: Option<Document>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WriteError {
    index: usize,
    code: i32,
    #[serde(default)]
    errmsg: String,
    key_pattern: Option<Document>,
}

/// What one item of a reply says.
enum Verdict {
    Written,
    /// The document exists at another version.
    GuardFailed,
    /// A unique key stands in another document; or in this one, at a version that the guard missed.
    KeyClash(String),
    Refused(String),
    Unclear,
}

const DUPLICATE_KEY: i32 = 11_000;
const DOCUMENT_VALIDATION_FAILURE: i32 = 121;
const DOCUMENT_TOO_LARGE: [i32; 2] = [10_334, 17_420];

fn verdict(error: &WriteError) -> Verdict {
    match error.code {
        DUPLICATE_KEY => match &error.key_pattern {
            Some(pattern) if pattern.contains_key("_id") => Verdict::GuardFailed,
            Some(pattern) => {
                let key = pattern.keys().next().map_or("", String::as_str);
                Verdict::KeyClash(key.trim_start_matches("keys.").to_owned())
            }
            None => Verdict::Unclear,
        },
        DOCUMENT_VALIDATION_FAILURE => Verdict::Refused("the collection takes no writes at the moment".to_owned()),
        code if DOCUMENT_TOO_LARGE.contains(&code) => Verdict::Refused("the document is too large".to_owned()),
        code => {
            tracing::warn!(code, message = error.errmsg, "unexpected write error; asking again");
            Verdict::Unclear
        }
    }
}

/// Settles what a reply settles; true when nothing is left open.
async fn settle_round(
    open: &[usize],
    batch: &[Pending],
    collection: &Collection,
    reply: &Reply,
    repeated: bool,
    outcomes: &mut [Option<Outcome>],
) -> bool {
    let errors: HashMap<usize, &WriteError> = reply.write_errors.iter().map(|error| (error.index, error)).collect();
    let mut doubtful: Vec<(usize, Option<String>)> = Vec::new();
    let mut clear = true;
    for (index, &place) in open.iter().enumerate() {
        match errors.get(&index).map_or(Verdict::Written, |error| verdict(error)) {
            // Written, but not yet on a majority: it could still be rolled back.
            Verdict::Written if reply.write_concern_error.is_some() => clear = false,
            Verdict::Written => outcomes[place] = Some(Outcome::Committed),
            Verdict::GuardFailed if repeated => doubtful.push((place, None)),
            Verdict::GuardFailed => outcomes[place] = Some(Outcome::VersionConflict),
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
        .max_time(COMMAND_TIMEOUT)
        .await?;
    let seen: Vec<Seen> = cursor.try_collect().await?;
    Ok(seen.into_iter().map(|seen| (seen.id.clone(), seen)).collect())
}

/// Rule 6: matched by the change's id. "Conflict" is said only when another id is known for the version. `None`: the
/// document moved between the guard and the reading; ask again.
fn judge(pending: &Pending, seen: Option<&Seen>, clash: Option<String>, repeated: bool) -> Option<Outcome> {
    // A guard that has failed fails for ever, but a key that is taken now may be free when the first copy lands.
    let clash = clash.map(|key| if repeated { Outcome::Undecided } else { Outcome::KeyTaken(key) });
    let Some(seen) = seen else { return clash };
    let mine = |id: &bson::Uuid| Uuid::from_bytes(id.bytes()) == pending.change;
    let marker = |entry: &Marker| entry.writer == pending.attempt.writer().id && entry.seq == pending.attempt.seq();
    if seen.recent.iter().any(mine) || seen.unpublished.iter().any(marker) {
        return Some(Outcome::Committed);
    }
    if seen.version < pending.version {
        return clash;
    }
    // `recent` ends with the current version and reaches back as far as it is long.
    let reach = seen.version.saturating_sub(seen.recent.len() as u64);
    Some(if pending.version > reach { Outcome::VersionConflict } else { Outcome::Unknown })
}

#[cfg(test)]
mod tests;
