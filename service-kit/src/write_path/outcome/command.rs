//! One batch as commands, and their replies as a verdict for each item (rule 3).
//!
//! A first version is inserted: `_id` is its guard. A later one is an update of the shape `{_id}`, the only one for which
//! the server skips its query planner, with the guard inside it: a document at another version replaces itself. That
//! costs the server a quarter less than a guard in the filter, and an insert less than half of an upsert. The price: the
//! reply tells how many documents were replaced, not which; unless it was all of them, each is in doubt and is read back.
//!
//! `run_command` takes no write concern from the client and is never retried by the driver: both are on purpose, both are
//! here.

use std::{collections::HashMap, time::Duration};

use bson::{Document, RawDocumentBuf, cstr, raw::RawArrayBuf, rawdoc};
use futures_util::future::try_join;
use serde::Deserialize;

use super::{super::batch::Pending, Collection};

/// How long one command may take before its outcome counts as unknown. The driver has no socket timeout of its own.
pub(super) const TIMEOUT: Duration = Duration::from_secs(12);

/// What the replies say of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Written,
    /// The document exists at another version.
    GuardFailed,
    /// Written, or the guard failed: the reply does not tell which of the batch it was.
    InDoubt,
    /// A unique key stands in another document; or in this one, at a version that the guard missed.
    KeyClash(String),
    Refused(String),
    Unclear,
}

/// Sends these items of a batch; the verdicts are in their order.
pub(super) async fn send(open: &[usize], batch: &[Pending], collection: &Collection) -> Result<Vec<Verdict>, String> {
    let is_first = |place: &usize| batch[*place].version == 1;
    let (first, later): (Vec<usize>, Vec<usize>) = open.iter().partition(|place| is_first(place));
    let sent = try_join(insert(&first, batch, collection), update(&later, batch, collection));
    let (mut inserted, mut updated) = sent.await.map(|(first, later)| (first.into_iter(), later.into_iter()))?;
    let verdict = |place| if is_first(place) { inserted.next() } else { updated.next() };
    Ok(open.iter().map(verdict).map(|verdict| verdict.unwrap_or(Verdict::Unclear)).collect())
}

async fn insert(places: &[usize], batch: &[Pending], collection: &Collection) -> Result<Vec<Verdict>, String> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let mut documents = RawArrayBuf::new();
    places.iter().for_each(|place| documents.push(&batch[*place].document));
    let mut command = RawDocumentBuf::new();
    command.append(cstr!("insert"), collection.name());
    command.append(cstr!("documents"), documents);
    let reply = run(command, collection).await?;
    Ok(reply.verdicts(places.len(), Verdict::Written))
}

async fn update(places: &[usize], batch: &[Pending], collection: &Collection) -> Result<Vec<Verdict>, String> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let mut updates = RawArrayBuf::new();
    places.iter().for_each(|place| updates.push(replacement(&batch[*place])));
    let mut command = RawDocumentBuf::new();
    command.append(cstr!("update"), collection.name());
    command.append(cstr!("updates"), updates);
    let reply = run(command, collection).await?;
    let all = reply.n_modified == (places.len() - reply.write_errors.len()) as u64;
    Ok(reply.verdicts(places.len(), if all { Verdict::Written } else { Verdict::InDoubt }))
}

/// The guard is evaluated under the same lock as the replacement. `$literal` keeps a text like `$name` from being taken
/// for a path.
fn replacement(pending: &Pending) -> RawDocumentBuf {
    let mut literal = RawDocumentBuf::new();
    literal.append(cstr!("$literal"), &pending.document);
    let guard = rawdoc! { "$eq": ["$version", pending.version as i64 - 1] };
    let mut statement = RawDocumentBuf::new();
    statement.append(cstr!("q"), rawdoc! { "_id": pending.id.as_str() });
    let guarded = rawdoc! { "$replaceWith": { "$cond": [guard, literal, "$$ROOT"] } };
    statement.append(cstr!("u"), RawArrayBuf::from_iter([guarded]));
    statement
}

async fn run(mut command: RawDocumentBuf, collection: &Collection) -> Result<Reply, String> {
    command.append(cstr!("ordered"), false);
    command.append(cstr!("writeConcern"), rawdoc! { "w": "majority", "wtimeout": 10_000 });
    let reply = tokio::time::timeout(TIMEOUT, collection.database.run_raw_command(command))
        .await
        .map_err(|_| "no answer in time".to_owned())?
        .map_err(|error| error.to_string())?;
    bson::deserialize_from_document(reply).map_err(|error| error.to_string())
}

/// The parts of a reply that matter here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    #[serde(default)]
    n_modified: u64,
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

impl Reply {
    /// `otherwise` is what an item without an error of its own has come to.
    fn verdicts(&self, items: usize, otherwise: Verdict) -> Vec<Verdict> {
        // Not yet on a majority: it could still be rolled back, and what was read of it as well.
        let otherwise = if self.write_concern_error.is_some() { Verdict::Unclear } else { otherwise };
        let errors: HashMap<usize, &WriteError> = self.write_errors.iter().map(|error| (error.index, error)).collect();
        (0..items).map(|item| errors.get(&item).map_or_else(|| otherwise.clone(), |error| error.verdict())).collect()
    }
}

const DUPLICATE_KEY: i32 = 11_000;
const DOCUMENT_VALIDATION_FAILURE: i32 = 121;
const DOCUMENT_TOO_LARGE: [i32; 2] = [10_334, 17_420];

impl WriteError {
    fn verdict(&self) -> Verdict {
        match self.code {
            DUPLICATE_KEY => match &self.key_pattern {
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
                tracing::warn!(code, message = self.errmsg, "unexpected write error; asking again");
                Verdict::Unclear
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bson::doc;

    use super::*;

    fn reply(document: Document) -> Reply {
        bson::deserialize_from_document(document).unwrap()
    }

    #[test]
    fn an_error_belongs_to_its_item_and_the_rest_is_as_it_is_told() {
        let clash = |key: &str| doc! { "index": 1, "code": 11_000, "keyPattern": { key: 1 } };
        let one = reply(doc! { "n": 2, "nModified": 2, "writeErrors": [clash("keys.email")] });
        let email = Verdict::KeyClash("email".to_owned());
        assert_eq!(one.verdicts(3, Verdict::Written), [Verdict::Written, email, Verdict::Written]);
        let taken = reply(doc! { "writeErrors": [clash("_id")] });
        assert_eq!(taken.verdicts(2, Verdict::InDoubt), [Verdict::InDoubt, Verdict::GuardFailed]);
    }

    #[test]
    fn nothing_is_certain_before_a_majority_has_it() {
        let one = reply(doc! { "nModified": 1, "writeConcernError": { "code": 64 } });
        assert_eq!(one.verdicts(1, Verdict::Written), [Verdict::Unclear]);
    }
}
