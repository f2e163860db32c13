//! Compares the database with its log before writes are taken (D4, D6): the log is the one that was seen last time,
//! and for every record since the stored position the document's version is at least the record's.
//!
//! A dropped database has no identity, one restored from an older backup has an older position and older documents,
//! and a recreated or older log ends before the stored position or holds another record there.

mod identity;
mod positions;
mod reader;

use std::{collections::HashMap, marker::PhantomData};

use bson::{Document, doc};
use futures_util::TryStreamExt;
use rdkafka::ClientConfig;
use serde::Deserialize;
use shared_events::record::RawRecord;
use tokio::runtime::Handle;

use self::{
    identity::Identity,
    positions::Position,
    reader::{Log, LogReader},
};
use super::{aggregate::Aggregate, outcome::Collection};

pub(crate) use self::positions::Positions;

/// Records whose versions are looked up together.
const LOOK_UP: usize = 1_000;

/// What the check found.
#[derive(Debug)]
pub(crate) enum Finding {
    Belongs { incarnation: String },
    LogAway { stopped_cleanly: Option<String>, why: String },
    DatabaseAway(String),
    DoesNotBelong(String),
}

/// The check of one aggregate's collection against its topic.
#[derive(Debug)]
pub(crate) struct LogCheck<A> {
    collection: Collection,
    topic: String,
    consumer: ClientConfig,
    aggregate: PhantomData<A>,
}

impl<A> Clone for LogCheck<A> {
    fn clone(&self) -> Self {
        let Self { collection, topic, consumer, .. } = self;
        Self {
            collection: collection.clone(),
            topic: topic.clone(),
            consumer: consumer.clone(),
            aggregate: PhantomData,
        }
    }
}

/// Why a check ended early.
enum Trouble {
    Kafka(String),
    Database(mongodb::error::Error),
    Mismatch(String),
}

impl From<mongodb::error::Error> for Trouble {
    fn from(error: mongodb::error::Error) -> Self {
        Self::Database(error)
    }
}

impl From<rdkafka::error::KafkaError> for Trouble {
    fn from(error: rdkafka::error::KafkaError) -> Self {
        Self::Kafka(error.to_string())
    }
}

impl<A: Aggregate> LogCheck<A> {
    pub(crate) fn new(collection: Collection, topic: String, consumer: ClientConfig) -> Self {
        Self { collection, topic, consumer, aggregate: PhantomData }
    }

    /// Asks the database, then the log, then compares.
    pub(crate) async fn run(&self) -> Finding {
        let identity = match identity::find(&self.collection).await {
            Ok(identity) => identity,
            Err(error) => return Finding::DatabaseAway(format!("the database cannot be asked ({})", kind_of(&error))),
        };
        let stopped_cleanly =
            identity.as_ref().filter(|known| known.stopped_cleanly).map(|known| known.incarnation.clone());
        let check = self.clone();
        let handle = Handle::current();
        // The Kafka client blocks: not on a thread that serves requests.
        let compared = tokio::task::spawn_blocking(move || check.compare(identity, &handle)).await;
        match compared {
            Ok(Ok(incarnation)) => Finding::Belongs { incarnation },
            Ok(Err(Trouble::Mismatch(why))) => Finding::DoesNotBelong(why),
            Ok(Err(Trouble::Database(error))) => {
                Finding::DatabaseAway(format!("the database cannot be asked ({})", kind_of(&error)))
            }
            Ok(Err(Trouble::Kafka(why))) => {
                Finding::LogAway { stopped_cleanly, why: format!("the log {} cannot be asked ({why})", self.topic) }
            }
            Err(_) => Finding::LogAway { stopped_cleanly: None, why: "the comparison was cut short".to_owned() },
        }
    }

    fn compare(&self, identity: Option<Identity>, handle: &Handle) -> Result<String, Trouble> {
        let reader = LogReader::new(self.consumer.clone(), &self.topic)?;
        let log = reader.ask()?;
        let identity = match identity {
            Some(identity) => identity,
            None => handle.block_on(self.adopt(&log))?,
        };
        if let (Some(known), Some(found)) = (&identity.cluster, &log.cluster)
            && known != found
        {
            return Err(self.mismatch("the topic is in another Kafka cluster than the one this database belongs to"));
        }
        self.compare_first(&identity, &log, &reader)?;
        let positions = self.compare_rest(&identity, &log, &reader, handle)?;
        let first = self.first_records(&log, &reader)?;
        handle.block_on(identity::store(&self.collection, &identity, &log, &first, &positions))?;
        Ok(identity.incarnation)
    }

    /// A database without identity is taken for a new one only when both it and the log are empty.
    async fn adopt(&self, log: &Log) -> Result<Identity, Trouble> {
        if log.bounds.values().any(|(_, end)| *end > 0) {
            return Err(self.mismatch(
                "the topic holds changes, but this database has never seen them: it was dropped, or is another one",
            ));
        }
        if self.collection.documents::<Document>().find_one(doc! {}).await?.is_some() {
            return Err(self.mismatch(
                "the database holds documents, but the topic is empty: it was recreated, or is another one",
            ));
        }
        Ok(identity::create(&self.collection, &self.topic, log).await?)
    }

    fn compare_first(&self, identity: &Identity, log: &Log, reader: &LogReader) -> Result<(), Trouble> {
        let places = identity.first.iter().filter_map(|(partition, first)| Some((partition.parse().ok()?, first)));
        let mut wanted = HashMap::new();
        for (partition, first) in places {
            let (low, end) = log.bounds.get(&partition).copied().unwrap_or((0, 0));
            if end < first.offset {
                return Err(self.mismatch("the topic ends before a record that this database knows: it was recreated or restored from an older copy"));
            }
            if low > first.offset - 1 {
                return Err(self.mismatch("the first records of the topic are gone: its retention must be unlimited"));
            }
            wanted.insert(partition, (first.offset - 1, first.offset));
        }
        reader.read(&wanted, |partition, offset, record| {
            let known = identity.first.get(&partition.to_string()).filter(|first| first.offset == offset + 1);
            self.same_event(known, record)
        })
    }

    /// Everything from one before the stored position to the end; returns the positions at the end.
    fn compare_rest(
        &self,
        identity: &Identity,
        log: &Log,
        reader: &LogReader,
        handle: &Handle,
    ) -> Result<HashMap<i32, Position>, Trouble> {
        let mut wanted = HashMap::new();
        for (partition, (low, end)) in &log.bounds {
            let known = identity.partitions.get(&partition.to_string());
            if known.is_some_and(|known| *end < known.offset) {
                return Err(self.mismatch("the topic ends before a record that this database knows: it was recreated or restored from an older copy"));
            }
            let from = known.map_or(*low, |known| known.offset - 1);
            wanted.insert(*partition, (from.max(*low), *end));
        }
        let mut positions = HashMap::new();
        let mut versions: HashMap<String, u64> = HashMap::new();
        reader.read(&wanted, |partition, offset, record| {
            let known = identity.partitions.get(&partition.to_string()).filter(|known| known.offset == offset + 1);
            self.same_event(known, record)?;
            // What is no event of this aggregate says nothing about its documents.
            if let Some((id, version)) = A::version_of(record) {
                let newest = versions.entry(id).or_default();
                *newest = version.max(*newest);
            }
            if let Some(event_id) = text(record.header("ce_id")) {
                positions.insert(partition, Position { offset: offset + 1, event_id });
            }
            if versions.len() >= LOOK_UP {
                handle.block_on(self.look_up(std::mem::take(&mut versions)))?;
            }
            Ok(())
        })?;
        handle.block_on(self.look_up(versions))?;
        Ok(positions)
    }

    async fn look_up(&self, mut versions: HashMap<String, u64>) -> Result<(), Trouble> {
        #[derive(Deserialize)]
        struct Found {
            #[serde(rename = "_id")]
            id: String,
            version: u64,
        }
        let ids: Vec<&String> = versions.keys().collect();
        let mut found = self
            .collection
            .documents::<Found>()
            .find(doc! { "_id": { "$in": ids } })
            .projection(doc! { "version": 1 })
            .await?;
        while let Some(document) = found.try_next().await? {
            if versions.get(&document.id).is_some_and(|version| document.version >= *version) {
                versions.remove(&document.id);
            }
        }
        if versions.is_empty() {
            return Ok(());
        }
        Err(self.mismatch("the topic holds newer versions than the database: it was restored from an older backup"))
    }

    fn first_records(&self, log: &Log, reader: &LogReader) -> Result<HashMap<i32, Position>, Trouble> {
        let wanted =
            log.bounds.iter().filter(|(_, (low, end))| low < end).map(|(p, (low, _))| (*p, (*low, low + 1))).collect();
        let mut first = HashMap::new();
        reader.read(&wanted, |partition, offset, record| {
            let event_id = text(record.header("ce_id")).unwrap_or_default();
            first.insert(partition, Position { offset: offset + 1, event_id });
            Ok(())
        })?;
        Ok(first)
    }

    fn same_event(&self, known: Option<&Position>, record: &RawRecord<'_>) -> Result<(), Trouble> {
        match known {
            Some(known) if text(record.header("ce_id")).unwrap_or_default() != known.event_id => {
                Err(self
                    .mismatch("the topic holds another record at a place that this database knows: it was recreated"))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn mismatch(&self, what: &str) -> Trouble {
        let (topic, database) = (&self.topic, self.collection.database.name());
        Trouble::Mismatch(format!(
            "{what} (topic {topic}, database {database}); restore the pair that belongs together, or point mongo.database \
             and kafka.topic_prefix at it"
        ))
    }
}

fn text(bytes: Option<&[u8]>) -> Option<String> {
    bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).map(str::to_owned)
}

/// The driver's messages name hosts; the answer to a caller must not.
fn kind_of(error: &mongodb::error::Error) -> &'static str {
    use mongodb::error::ErrorKind::{Authentication, ServerSelection};
    if matches!(&*error.kind, ServerSelection { .. }) {
        "no primary is reachable"
    } else if matches!(&*error.kind, Authentication { .. }) {
        "it refuses the credentials"
    } else {
        "it does not answer"
    }
}
