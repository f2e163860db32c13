//! The topic as any Kafka client sees it: read to its end, and written to by somebody who should not.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, Headers, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{ClientConfig, Message, Offset, TopicPartitionList};
use shared_events::record::{RawRecord, Record};
use shared_events::topic::HISTORY_SETTINGS;

const PATIENCE: Duration = Duration::from_secs(20);

/// A record as it lies in the log.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) headers: Vec<(String, Option<Vec<u8>>)>,
    pub(crate) value: Option<Vec<u8>>,
}

impl Entry {
    /// The record for the contract's own decoder.
    pub(crate) fn raw(&self) -> RawRecord<'_> {
        RawRecord {
            key: self.key.as_deref(),
            headers: self.headers.iter().map(|(name, value)| (name.as_str(), value.as_deref())).collect(),
            value: self.value.as_deref(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.raw().header(name).and_then(|value| std::str::from_utf8(value).ok())
    }
}

/// A topic, and how far it was read.
#[derive(Debug)]
pub(crate) struct Topic {
    brokers: String,
    name: String,
    next: BTreeMap<i32, i64>,
}

impl Topic {
    pub(crate) fn new(brokers: &str, name: &str) -> Self {
        Self { brokers: brokers.to_owned(), name: name.to_owned(), next: BTreeMap::new() }
    }

    /// Every record since the last call, up to the ends as they are now; per partition in the order of the log.
    pub(crate) async fn read_on(&mut self) -> Vec<Entry> {
        let (config, name, next) = (self.config(), self.name.clone(), std::mem::take(&mut self.next));
        let (entries, next) = tokio::task::spawn_blocking(move || read(&config, &name, next)).await.unwrap();
        self.next = next;
        entries
    }

    /// Writes a record to a partition, and waits until the broker has it.
    pub(crate) async fn write(&self, entry: &Entry) {
        let producer: FutureProducer = self.config().create().unwrap();
        let headers = entry.headers.iter().fold(OwnedHeaders::new(), |headers, (name, value)| {
            headers.insert(Header { key: name, value: value.as_deref() })
        });
        let mut record = FutureRecord::<[u8], [u8]>::to(&self.name).partition(entry.partition).headers(headers);
        record.key = entry.key.as_deref();
        record.payload = entry.value.as_deref();
        producer.send(record, PATIENCE).await.map_err(|(error, _)| error).unwrap();
    }

    /// Makes it as its owner does, for events that are there before the owner starts.
    pub(crate) async fn make(&self, partitions: i32) {
        let admin: AdminClient<DefaultClientContext> = self.config().create().unwrap();
        let topic =
            NewTopic::new(&self.name, partitions, TopicReplication::Fixed(1)).set("max.message.bytes", "2000000");
        let topic = HISTORY_SETTINGS.iter().fold(topic, |topic, (name, value)| topic.set(name, value));
        admin.create_topics(&[topic], &AdminOptions::new()).await.unwrap().remove(0).unwrap();
    }

    /// Writes events behind each other, each key to its partition, and waits until the broker has them all.
    pub(crate) async fn write_all(&self, records: &[Record]) {
        let mut config = self.config();
        config.set("enable.idempotence", "true").set("queue.buffering.max.messages", "1000000");
        let producer: FutureProducer = config.create().unwrap();
        let send = |record: &Record| {
            let headers = record
                .headers
                .iter()
                .fold(OwnedHeaders::new(), |headers, (key, value)| headers.insert(Header { key, value: Some(value) }));
            let record = FutureRecord::to(&self.name).headers(headers).key(&record.key).payload(&record.value);
            producer.send_result(record).map_err(|(error, _)| error).unwrap()
        };
        let sent: Vec<_> = records.iter().map(send).collect();
        for delivery in sent {
            delivery.await.unwrap().map_err(|(error, _)| error).unwrap();
        }
    }

    /// How far a consumer group says that it is, per partition.
    pub(crate) async fn committed(&self, group: &str) -> BTreeMap<i32, i64> {
        let (mut config, name) = (self.config(), self.name.clone());
        config.set("group.id", group);
        tokio::task::spawn_blocking(move || committed(&config, &name)).await.unwrap()
    }

    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.brokers).set("group.id", "an-onlooker").set("auto.offset.reset", "error");
        config
    }
}

fn read(config: &ClientConfig, name: &str, mut next: BTreeMap<i32, i64>) -> (Vec<Entry>, BTreeMap<i32, i64>) {
    let consumer: BaseConsumer = config.create().unwrap();
    let mut ends = BTreeMap::new();
    let mut start = TopicPartitionList::new();
    for partition in partitions(&consumer, name) {
        let (low, high) = consumer.fetch_watermarks(name, partition, PATIENCE).unwrap();
        let from = *next.entry(partition).or_insert(low);
        if from < high {
            ends.insert(partition, high);
            start.add_partition_offset(name, partition, Offset::Offset(from)).unwrap();
        }
    }
    let mut entries = Vec::new();
    consumer.assign(&start).unwrap();
    while !ends.is_empty() {
        let message = consumer.poll(PATIENCE).expect("the topic ends early").unwrap();
        let (partition, after) = (message.partition(), message.offset() + 1);
        if ends.get(&partition).is_some_and(|end| after <= *end) {
            entries.push(entry(&message));
            next.insert(partition, after);
        }
        if ends.get(&partition).is_some_and(|end| after >= *end) {
            ends.remove(&partition);
        }
    }
    (entries, next)
}

fn committed(config: &ClientConfig, name: &str) -> BTreeMap<i32, i64> {
    let consumer: BaseConsumer = config.create().unwrap();
    let mut asked = TopicPartitionList::new();
    for partition in partitions(&consumer, name) {
        asked.add_partition(name, partition);
    }
    let told = consumer.committed_offsets(asked, PATIENCE).unwrap();
    told.elements()
        .iter()
        .filter_map(|element| Some((element.partition(), element.offset().to_raw().filter(|offset| *offset >= 0)?)))
        .collect()
}

fn partitions(consumer: &BaseConsumer, name: &str) -> Vec<i32> {
    let metadata = consumer.fetch_metadata(Some(name), PATIENCE).unwrap();
    metadata.topics()[0].partitions().iter().map(rdkafka::metadata::MetadataPartition::id).collect()
}

fn entry(message: &rdkafka::message::BorrowedMessage<'_>) -> Entry {
    let owned = |bytes: &[u8]| bytes.to_vec();
    let headers = message
        .headers()
        .map(|headers| headers.iter().map(|header| (header.key.to_owned(), header.value.map(owned))).collect());
    Entry {
        partition: message.partition(),
        offset: message.offset(),
        key: message.key().map(owned),
        headers: headers.unwrap_or_default(),
        value: message.payload().map(owned),
    }
}
