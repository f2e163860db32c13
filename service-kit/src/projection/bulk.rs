//! Unordered bulk updates with majority, and the guarded write of a view (G3).
//!
//! The view's statement is a pipeline: a newer version is merged over what is stored, anything else leaves the document
//! as it is, without an error and without an oplog entry. The filter is `_id` alone, the shape for which the server
//! itself repeats an upsert that lost a race. `$literal` is what keeps a customer's `$name` from being evaluated.

use std::collections::{HashMap, HashSet};

use bson::raw::{RawArrayBuf, cstr};
use bson::{Document, RawDocumentBuf, doc, rawdoc};
use futures_util::TryStreamExt;
use mongodb::{Collection, Database};
use serde::Deserialize;

use super::cause::{Cause, CauseKind};
use super::known::Newest;
use super::reading::Projected;
use super::retry::Trouble;

/// Statements and bytes of one command: the server takes 100,000 and 48 MB, its journal prefers less.
const MAX_STATEMENTS: usize = 500;
const MAX_BYTES: usize = 8_000_000;

const DUPLICATE_KEY: i32 = 11_000;
/// What only this very document is guilty of: DocumentValidationFailure, BSONObjectTooLarge, and the two codes for a
/// document that an update made too large. Every other code is the installation's and parks nothing.
const THE_DOCUMENT_IS_GUILTY: [i32; 4] = [121, 10_334, 17_419, 17_420];

/// One `update` command's reply, or several put together.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reply {
    /// Matched and upserted.
    pub(super) n: u64,
    n_modified: u64,
    #[serde(default)]
    upserted: Vec<Upserted>,
    #[serde(default)]
    write_errors: Vec<WriteError>,
    write_concern_error: Option<Document>,
}

#[derive(Debug, Deserialize)]
struct Upserted {
    index: usize,
}

#[derive(Debug, Deserialize)]
struct WriteError {
    index: usize,
    code: i32,
}

/// Sends the statements in as many commands as it takes; what is not acknowledged by a majority is trouble.
pub(super) async fn update(
    database: &Database,
    collection: &str,
    statements: &[RawDocumentBuf],
) -> Result<Reply, Trouble> {
    let (mut whole, mut first) = (Reply::default(), 0);
    for part in parts(statements) {
        whole.add(send(database, collection, part).await?, first);
        first += part.len();
    }
    Ok(whole)
}

/// The statements in parts that fit into one command each.
pub(super) fn parts(statements: &[RawDocumentBuf]) -> impl Iterator<Item = &[RawDocumentBuf]> {
    let mut rest = statements;
    std::iter::from_fn(move || {
        let (now, later) = rest.split_at_checked(fitting(rest)).filter(|(now, _)| !now.is_empty())?;
        rest = later;
        Some(now)
    })
}

/// How many of the statements go into one command: at least one.
fn fitting(statements: &[RawDocumentBuf]) -> usize {
    let mut bytes = 0;
    let fits = |statement: &&RawDocumentBuf| {
        bytes += statement.as_bytes().len();
        bytes <= MAX_BYTES
    };
    statements.iter().take(MAX_STATEMENTS).take_while(fits).count().max(1)
}

async fn send(database: &Database, collection: &str, statements: &[RawDocumentBuf]) -> Result<Reply, Trouble> {
    let mut command = command(collection, statements);
    // run_command knows nothing of the client's write concern, and is never repeated by the driver.
    command.append(cstr!("writeConcern"), rawdoc! { "w": "majority", "wtimeout": 10_000 });
    Reply::read(database.run_raw_command(command).await?)
}

/// The command, without a write concern: inside a transaction that is the transaction's.
pub(super) fn command(collection: &str, statements: &[RawDocumentBuf]) -> RawDocumentBuf {
    let mut updates = RawArrayBuf::new();
    statements.iter().for_each(|statement| updates.push(statement));
    let mut command = RawDocumentBuf::new();
    command.append(cstr!("update"), collection);
    command.append(cstr!("updates"), updates);
    command.append(cstr!("ordered"), false);
    command
}

impl Reply {
    /// What is not acknowledged by a majority is trouble.
    pub(super) fn read(reply: Document) -> Result<Self, Trouble> {
        let reply: Self = bson::deserialize_from_document(reply).map_err(|_| Trouble::new("an answer that is none"))?;
        match &reply.write_concern_error {
            Some(error) => Err(Trouble::new(format_args!("no majority, code {:?}", error.get("code")))),
            None => Ok(reply),
        }
    }

    fn add(&mut self, part: Self, first: usize) {
        self.n += part.n;
        self.n_modified += part.n_modified;
        self.upserted.extend(part.upserted.into_iter().map(|one| Upserted { index: one.index + first }));
        self.write_errors.extend(part.write_errors.into_iter().map(|e| WriteError { index: e.index + first, ..e }));
    }

    /// How many documents are not as they were.
    fn changed(&self) -> u64 {
        self.n_modified + self.upserted.len() as u64
    }

    /// Trouble when any statement failed.
    pub(super) fn without_errors(self) -> Result<Self, Trouble> {
        match self.write_errors.first() {
            Some(error) => Err(Trouble::new(format_args!("a write failed with code {}", error.code))),
            None => Ok(self),
        }
    }
}

/// One generation of a view, to be written.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) database: Database,
    /// `customers.g1`
    pub(super) collection: String,
}

/// What became of a bulk; the numbers are places in it.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// How many states are new in the view.
    pub(super) applied: u64,
    /// When the view had some of them or newer ones already: those that it may be.
    pub(super) doubtful: Vec<usize>,
    /// What the database refuses for the document's own sake.
    pub(super) refused: Vec<(usize, Cause)>,
}

impl View {
    /// Writes the states, each key at most once.
    pub(super) async fn write(&self, states: &[&Projected]) -> Result<Written, Trouble> {
        let statements: Vec<_> = states.iter().map(|state| guarded(state, true)).collect();
        let reply = update(&self.database, &self.collection, &statements).await?;
        let mut written = Written { applied: reply.changed(), ..Written::default() };
        let mut settled: HashSet<usize> = reply.upserted.iter().map(|one| one.index).collect();
        let mut raced = Vec::new();
        for WriteError { index, code } in reply.write_errors {
            match code {
                // Somebody inserted the key at the same moment; whether an older or a newer state, the guard will say.
                DUPLICATE_KEY => raced.push(guarded(states[index], false)),
                code if THE_DOCUMENT_IS_GUILTY.contains(&code) => {
                    settled.insert(index);
                    written.refused.push((index, refusal(code)));
                }
                code => return Err(Trouble::new(format_args!("a write failed with code {code}"))),
            }
        }
        if !raced.is_empty() {
            let again = update(&self.database, &self.collection, &raced).await?.without_errors()?;
            written.applied += again.changed();
        }
        if written.applied < (states.len() - written.refused.len()) as u64 {
            written.doubtful = (0..states.len()).filter(|place| !settled.contains(place)).collect();
        }
        Ok(written)
    }

    /// What the view has of these keys; a key that is not among the answer is not in the view.
    pub(super) async fn newest(&self, keys: &[&str]) -> Result<HashMap<String, Newest>, Trouble> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Found {
            #[serde(rename = "_id")]
            id: String,
            version: u64,
            event_id: String,
        }
        let collection: Collection<Found> = self.database.collection(&self.collection);
        let found =
            collection.find(doc! { "_id": { "$in": keys } }).projection(doc! { "version": 1, "eventId": 1 }).await?;
        let newest = |found: Found| (found.id, Newest { version: found.version, event_id: found.event_id });
        Ok(found.map_ok(newest).try_collect().await?)
    }
}

fn refusal(code: i32) -> Cause {
    Cause::new(CauseKind::Refused, format!("MongoDB refuses the document with code {code}"))
}

/// The guard: newer wins, equal and older change nothing.
fn guarded(state: &Projected, upsert: bool) -> RawDocumentBuf {
    let version = i64::try_from(state.version).unwrap_or(i64::MAX);
    let mut literal = RawDocumentBuf::new();
    literal.append(cstr!("$literal"), &state.document);
    let newer = rawdoc! { "$lt": [{ "$ifNull": ["$version", -1_i64] }, version] };
    let merged = rawdoc! { "$mergeObjects": ["$$ROOT", literal] };
    let mut statement = RawDocumentBuf::new();
    statement.append(cstr!("q"), rawdoc! { "_id": state.key.as_str() });
    statement.append(
        cstr!("u"),
        RawArrayBuf::from_iter([rawdoc! { "$replaceWith": { "$cond": [newer, merged, "$$ROOT"] } }]),
    );
    statement.append(cstr!("upsert"), upsert);
    statement
}
