//! Compares the database with its log before writes are taken (D4, D6): the log is the one that was seen last time,
//! and for every record since the stored position the document's version is at least the record's.
//!
//! A dropped database has no identity, one restored from an older backup has an older position and older documents,
//! and a recreated or older log ends before the stored position or holds another record there.

use std::{
    collections::{BTreeMap, HashMap},
    marker::PhantomData,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bson::{Bson, Document, doc};
use futures_util::TryStreamExt;
use mongodb::options::{CollectionOptions, ReadConcern, WriteConcern};
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    message::Headers,
};
use serde::{Deserialize, Serialize};
use shared_events::record::RawRecord;

use super::{aggregate::Aggregate, gate::IDENTITY, outcome::Collection};

/// How long one question to the broker may take.
const ASK: Duration = Duration::from_secs(5);
/// Records whose versions are looked up together.
const LOOK_UP: usize = 1_000;
/// With no record for so long the broker counts as away.
const SILENCE: Duration = Duration::from_secs(15);

/// What the check found.
#[derive(Debug)]
pub(crate) enum Finding {
    Belongs { incarnation: String },
    LogAway { stopped_cleanly: Option<String>, why: String },
    DatabaseAway(String),
    DoesNotBelong(String),
}

/// A place in one partition: the next offset, and the id of the event before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Position {
    offset: i64,
    event_id: String,
}

/// The identity of a collection and of the log it belongs to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    #[serde(rename = "_id")]
    id: String,
    incarnation: String,
    #[serde(default)]
    cluster: Option<String>,
    topic: String,
    /// The first record of each partition.
    #[serde(default)]
    first: BTreeMap<String, Position>,
    /// How far database and log are known to agree.
    #[serde(default)]
    partitions: BTreeMap<String, Position>,
    #[serde(default)]
    stopped_cleanly: bool,
}

/// What this process published since the positions were last stored. Whatever lies below an own acknowledged record
/// was committed to this database, by this instance or by another.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    news: Mutex<HashMap<i32, Position>>,
}

impl Positions {
    pub(crate) fn published(&self, partition: i32, offset: i64, event_id: Option<&str>) {
        let Some(event_id) = event_id else { return };
        let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        let position = Position { offset: offset + 1, event_id: event_id.to_owned() };
        match news.get(&partition) {
            Some(known) if known.offset >= position.offset => {}
            Some(_) | None => drop(news.insert(partition, position)),
        }
    }

    /// As members of an update: `partitions.3` and the position.
    pub(crate) fn take_news(&self) -> HashMap<String, Bson> {
        let news = std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner));
        news.into_iter()
            .map(|(partition, at)| {
                (format!("partitions.{partition}"), doc! { "offset": at.offset, "eventId": at.event_id }.into())
            })
            .collect()
    }

    pub(crate) fn give_back(&self, news: HashMap<String, Bson>) {
        for (key, position) in news {
            let partition = key.trim_start_matches("partitions.").parse();
            if let (Ok(partition), Ok(at)) = (partition, bson::deserialize_from_bson::<Position>(position)) {
                self.published(partition, at.offset - 1, Some(&at.event_id));
            }
        }
    }
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

/// What the broker says about the topic: per partition the first offset and the one after the last.
struct Log {
    cluster: Option<String>,
    bounds: BTreeMap<i32, (i64, i64)>,
}

impl<A: Aggregate> LogCheck<A> {
    pub(crate) fn new(collection: Collection, topic: String, mut consumer: ClientConfig) -> Self {
        consumer
            .set("group.id", "log-check")
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "error")
            .set("enable.partition.eof", "false");
        Self { collection, topic, consumer, aggregate: PhantomData }
    }

    /// Asks the database, then the log, then compares.
    pub(crate) async fn run(&self) -> Finding {
        let identity = match self.identity().await {
            Ok(identity) => identity,
            Err(error) => return Finding::DatabaseAway(format!("the database cannot be asked ({})", kind_of(&error))),
        };
        let stopped_cleanly =
            identity.as_ref().filter(|known| known.stopped_cleanly).map(|known| known.incarnation.clone());
        let check = self.clone();
        let handle = tokio::runtime::Handle::current();
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

    fn compare(&self, identity: Option<Identity>, handle: &tokio::runtime::Handle) -> Result<String, Trouble> {
        let consumer: BaseConsumer = self.consumer.create()?;
        let log = self.ask(&consumer)?;
        let identity = match identity {
            Some(identity) => identity,
            None => handle.block_on(self.adopt(&log))?,
        };
        if let (Some(known), Some(found)) = (&identity.cluster, &log.cluster)
            && known != found
        {
            return Err(self.mismatch("the topic is in another Kafka cluster than the one this database belongs to"));
        }
        self.compare_first(&identity, &log, &consumer)?;
        let positions = self.compare_rest(&identity, &log, &consumer, handle)?;
        let first = self.first_records(&log, &consumer)?;
        handle.block_on(self.store(&identity, &log, &first, &positions))?;
        Ok(identity.incarnation)
    }

    fn ask(&self, consumer: &BaseConsumer) -> Result<Log, Trouble> {
        let metadata = consumer.fetch_metadata(Some(&self.topic), ASK)?;
        let topic = metadata.topics().first().filter(|topic| topic.error().is_none() && !topic.partitions().is_empty());
        let Some(topic) = topic else { return Err(Trouble::Kafka("the topic does not exist yet".to_owned())) };
        let mut bounds = BTreeMap::new();
        for partition in topic.partitions() {
            bounds.insert(partition.id(), consumer.fetch_watermarks(&self.topic, partition.id(), ASK)?);
        }
        Ok(Log { cluster: consumer.client().fetch_cluster_id(ASK), bounds })
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
        let identity = Identity {
            id: self.collection.name.to_owned(),
            incarnation: uuid::Uuid::new_v4().to_string(),
            cluster: log.cluster.clone(),
            topic: self.topic.clone(),
            first: BTreeMap::new(),
            partitions: BTreeMap::new(),
            stopped_cleanly: false,
        };
        match self.identities().insert_one(&identity).await {
            Ok(_) => Ok(identity),
            // Another instance was first; the next look finds its document.
            Err(error) => Err(Trouble::Database(error)),
        }
    }

    fn compare_first(&self, identity: &Identity, log: &Log, consumer: &BaseConsumer) -> Result<(), Trouble> {
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
        self.read(consumer, &wanted, |partition, offset, record| {
            let known = identity.first.get(&partition.to_string()).filter(|first| first.offset == offset + 1);
            self.same_event(known, record)
        })
    }

    /// Everything from one before the stored position to the end; returns the positions at the end.
    fn compare_rest(
        &self,
        identity: &Identity,
        log: &Log,
        consumer: &BaseConsumer,
        handle: &tokio::runtime::Handle,
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
        self.read(consumer, &wanted, |partition, offset, record| {
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

    fn first_records(&self, log: &Log, consumer: &BaseConsumer) -> Result<HashMap<i32, Position>, Trouble> {
        let wanted =
            log.bounds.iter().filter(|(_, (low, end))| low < end).map(|(p, (low, _))| (*p, (*low, low + 1))).collect();
        let mut first = HashMap::new();
        self.read(consumer, &wanted, |partition, offset, record| {
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

    /// Reads `[from, to)` of each partition, in no order between partitions.
    fn read(
        &self,
        consumer: &BaseConsumer,
        wanted: &HashMap<i32, (i64, i64)>,
        mut see: impl FnMut(i32, i64, &RawRecord<'_>) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let mut open: HashMap<i32, i64> =
            wanted.iter().filter(|(_, (from, to))| from < to).map(|(partition, (_, to))| (*partition, *to)).collect();
        if open.is_empty() {
            return Ok(());
        }
        let mut start = TopicPartitionList::new();
        for partition in open.keys() {
            start.add_partition_offset(&self.topic, *partition, Offset::Offset(wanted[partition].0))?;
        }
        consumer.assign(&start)?;
        while !open.is_empty() {
            let message = consumer.poll(SILENCE).ok_or_else(|| Trouble::Kafka("no record came".to_owned()))??;
            let (partition, offset) = (message.partition(), message.offset());
            let Some(to) = open.get(&partition).copied() else { continue };
            if offset < to {
                see(partition, offset, &raw(&message))?;
            }
            if offset + 1 >= to {
                open.remove(&partition);
            }
        }
        consumer.unassign()?;
        Ok(())
    }

    async fn identity(&self) -> mongodb::error::Result<Option<Identity>> {
        self.identities().find_one(doc! { "_id": self.collection.name }).await
    }

    /// Moves the known places forward; `$max` compares documents member by member, so the higher offset wins.
    async fn store(
        &self,
        identity: &Identity,
        log: &Log,
        first: &HashMap<i32, Position>,
        positions: &HashMap<i32, Position>,
    ) -> mongodb::error::Result<()> {
        let mut furthest = Document::new();
        for (partition, at) in positions {
            furthest.insert(format!("partitions.{partition}"), doc! { "offset": at.offset, "eventId": &at.event_id });
        }
        let mut set = doc! { "stoppedCleanly": false };
        for (partition, at) in first {
            set.insert(format!("first.{partition}"), doc! { "offset": at.offset, "eventId": &at.event_id });
        }
        if let Some(cluster) = &log.cluster {
            set.insert("cluster", cluster);
        }
        let mut update = doc! { "$set": set };
        if !furthest.is_empty() {
            update.insert("$max", furthest);
        }
        let filter = doc! { "_id": self.collection.name, "incarnation": &identity.incarnation };
        self.identities().update_one(filter, update).await.map(drop)
    }

    fn identities(&self) -> mongodb::Collection<Identity> {
        let options = CollectionOptions::builder()
            .read_concern(ReadConcern::majority())
            .write_concern(WriteConcern::majority())
            .build();
        self.collection.database.collection_with_options(IDENTITY, options)
    }

    fn mismatch(&self, what: &str) -> Trouble {
        let (topic, database) = (&self.topic, self.collection.database.name());
        Trouble::Mismatch(format!(
            "{what} (topic {topic}, database {database}); restore the pair that belongs together, or point mongo.database \
             and kafka.topic_prefix at it"
        ))
    }
}

fn raw<'a>(message: &'a rdkafka::message::BorrowedMessage<'_>) -> RawRecord<'a> {
    RawRecord {
        key: message.key(),
        headers: message
            .headers()
            .map(|headers| headers.iter().map(|h| (h.key, h.value)).collect())
            .unwrap_or_default(),
        value: message.payload(),
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
