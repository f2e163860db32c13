//! Indexes by a fixed name: made when missing, compared when there, refused when they differ.
//!
//! An index here is part of a guarantee (uniqueness, or what a sweep finds), so one that looks similar is not enough, and
//! it is never dropped or rebuilt by the service: on a large collection that is a decision of the operator.

use bson::{Bson, Document};
use futures_util::TryStreamExt;
use mongodb::error::{Error, ErrorKind};
use mongodb::options::IndexOptions;
use mongodb::{Collection, IndexModel};
use tracing::{info, warn};

use super::errors::is_transient;
use crate::backoff::Backoff;
use crate::supervisor::Refused;

const NAMESPACE_NOT_FOUND: i32 = 26;
const DUPLICATE_KEY: i32 = 11000;
const INDEX_OPTIONS_CONFLICT: i32 = 85;

/// An index as it must be.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexSpec {
    /// Its name: what identifies it for ever.
    pub name: String,
    /// Fields and directions, in order.
    pub keys: Document,
    /// No two documents share the keys.
    pub unique: bool,
    /// Only documents that match are in it.
    pub partial: Option<Document>,
}

impl IndexSpec {
    /// A plain index.
    pub fn new(name: impl Into<String>, keys: Document) -> Self {
        Self { name: name.into(), keys, unique: false, partial: None }
    }

    /// The same, unique.
    #[must_use]
    pub fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// The same, over the documents that match `filter`.
    #[must_use]
    pub fn partial(mut self, filter: Document) -> Self {
        self.partial = Some(filter);
        self
    }

    fn model(&self) -> IndexModel {
        let mut options = IndexOptions::default();
        options.name = Some(self.name.clone());
        options.unique = self.unique.then_some(true);
        options.partial_filter_expression = self.partial.clone();
        IndexModel::builder().keys(self.keys.clone()).options(options).build()
    }

    fn is(&self, found: &IndexModel) -> bool {
        let options = found.options.clone().unwrap_or_default();
        same_keys(&self.keys, &found.keys)
            && options.unique.unwrap_or(false) == self.unique
            && options.partial_filter_expression == self.partial
            && !options.sparse.unwrap_or(false)
            && options.collation.is_none()
    }
}

impl From<&IndexModel> for IndexSpec {
    fn from(model: &IndexModel) -> Self {
        let options = model.options.clone().unwrap_or_default();
        Self {
            name: options.name.unwrap_or_default(),
            keys: model.keys.clone(),
            unique: options.unique.unwrap_or(false),
            partial: options.partial_filter_expression,
        }
    }
}

/// Servers answer a direction as whatever number type the index was once made with.
fn same_keys(wanted: &Document, found: &Document) -> bool {
    wanted.len() == found.len()
        && wanted
            .iter()
            .zip(found)
            .all(|((a, x), (b, y))| a == b && (x == y || direction(x) == direction(y) && direction(x).is_some()))
}

fn direction(value: &Bson) -> Option<i64> {
    value.as_i64().or_else(|| value.as_i32().map(i64::from)).or_else(|| value.as_f64().map(|n| n as i64))
}

/// Makes sure that `collection` has exactly this index; waits while MongoDB is away.
///
/// # Errors
/// There is another index of that name, or this one cannot be made; the sentence names the remedy.
pub async fn ensure_index<T: Send + Sync>(collection: &Collection<T>, spec: &IndexSpec) -> Result<(), Refused> {
    let mut backoff = Backoff::at_start();
    loop {
        match find_or_make(collection, spec).await {
            Ok(refused_or_done) => return refused_or_done,
            Err(error) if is_transient(&error) => {
                let wait = backoff.next_wait();
                warn!(index = spec.name, error = %error.kind, retry_in_ms = wait.as_millis() as u64, "MongoDB does not answer; trying again");
                tokio::time::sleep(wait).await;
            }
            Err(error) => return Err(cannot_be_made(collection.name(), spec, &error)),
        }
    }
}

async fn find_or_make<T: Send + Sync>(
    collection: &Collection<T>,
    spec: &IndexSpec,
) -> Result<Result<(), Refused>, Error> {
    if let Some(found) = find(collection, &spec.name).await? {
        return Ok(if spec.is(&found) { Ok(()) } else { Err(differs(collection.name(), spec)) });
    }
    // Two instances may both come here: making the same index twice is one index.
    collection.create_index(spec.model()).await?;
    info!(collection = collection.name(), index = spec.name, "index made");
    Ok(Ok(()))
}

async fn find<T: Send + Sync>(collection: &Collection<T>, name: &str) -> Result<Option<IndexModel>, Error> {
    let mut indexes = match collection.list_indexes().await {
        Ok(indexes) => indexes,
        Err(error) if code(&error) == Some(NAMESPACE_NOT_FOUND) => return Ok(None),
        Err(error) => return Err(error),
    };
    while let Some(index) = indexes.try_next().await? {
        if index.options.as_ref().and_then(|options| options.name.as_deref()) == Some(name) {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

fn code(error: &Error) -> Option<i32> {
    if let ErrorKind::Command(command) = &*error.kind { Some(command.code) } else { None }
}

fn differs(collection: &str, spec: &IndexSpec) -> Refused {
    Refused::new(format!(
        "the index {name} of {collection} has other keys or options than this version needs ({keys}): drop it with \
         db.getCollection(\"{collection}\").dropIndex(\"{name}\") and start again, and it is made anew",
        name = spec.name,
        keys = spec.keys,
    ))
}

fn cannot_be_made(collection: &str, spec: &IndexSpec, error: &Error) -> Refused {
    let (name, keys) = (&spec.name, &spec.keys);
    // The server's own text quotes the value that two documents share, which is personal data.
    let sentence = match code(error) {
        Some(DUPLICATE_KEY) => format!(
            "the unique index {name} of {collection} cannot be made because documents share a value of {keys}: find them \
             with an aggregation that groups by it, change all but one, and start again"
        ),
        Some(INDEX_OPTIONS_CONFLICT) => format!(
            "the index {name} of {collection} cannot be made because there is one with the same keys ({keys}) and another \
             name: drop that one with db.getCollection(\"{collection}\").dropIndex and start again"
        ),
        code => format!(
            "the index {name} of {collection} ({keys}) cannot be made, MongoDB answers with code {code}: look the code up \
             in its log, heal the cause, and start again",
            code = code.map_or_else(|| "none".to_owned(), |code| code.to_string()),
        ),
    };
    Refused::new(sentence)
}

#[cfg(test)]
mod tests {
    use bson::doc;

    use super::IndexSpec;

    fn email() -> IndexSpec {
        IndexSpec::new("keys.email", doc! { "keys.email": 1 })
            .unique()
            .partial(doc! { "keys.email": { "$exists": true } })
    }

    #[test]
    fn an_index_is_the_same_whatever_number_type_its_direction_has() {
        let mut found = email().model();
        found.keys = doc! { "keys.email": 1.0 };
        assert!(email().is(&found));
    }

    #[test]
    fn other_keys_order_uniqueness_or_filter_are_another_index() {
        let pair = IndexSpec::new("writer", doc! { "change.writer": 1, "change.seq": 1 });
        let turned = IndexSpec::new("writer", doc! { "change.seq": 1, "change.writer": 1 });
        assert!(!pair.is(&turned.model()));
        assert!(!pair.is(&IndexSpec::new("writer", doc! { "change.writer": 1, "change.seq": -1 }).model()));
        assert!(!email().is(&IndexSpec { unique: false, ..email() }.model()));
        assert!(!email().is(&IndexSpec { partial: None, ..email() }.model()));
    }
}
