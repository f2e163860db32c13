//! A toy aggregate, a store on its own database and topic, and a reader of the topic.

use std::{collections::BTreeMap, future::Future, time::Duration};

use mongodb::Database;
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer},
    message::Headers,
};
use serde::{Deserialize, Serialize};
use service_kit::write_path::{
    Aggregate, Change, CommitError, Parts, Proposal, Store, Stored, WritePathSettings, next_instant,
};
use shared_events::{
    record::{RawRecord, Record},
    time::Timestamp,
    topic::TopicSpec,
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(crate) const PARTITIONS: i32 = 3;

/// A note with an owner-chosen unique label.
#[derive(Debug)]
pub(crate) struct Notes;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) label: Option<String>,
}

impl Aggregate for Notes {
    const NAME: &'static str = "note";
    const COLLECTION: &'static str = "notes";
    const TOPIC: TopicSpec = TopicSpec { name: "notes.note.change", owner: "notes", partitions: PARTITIONS };
    const UNIQUE_KEYS: &'static [&'static str] = &["label"];
    type State = Note;

    fn keys(state: &Note) -> Vec<(&'static str, String)> {
        state.label.iter().map(|label| ("label", label.clone())).collect()
    }

    fn event(id: &str, version: u64, change: &Change, _request: Option<&str>, state: &Note) -> Record {
        let headers =
            vec![("ce_id".to_owned(), change.id.to_string()), ("ce_sequence".to_owned(), format!("{version:020}"))];
        Record { key: id.to_owned(), headers, value: serde_json::to_vec(state).unwrap() }
    }

    fn version_of(record: &RawRecord<'_>) -> Option<(String, u64)> {
        let text = |bytes: Option<&[u8]>| bytes.and_then(|b| std::str::from_utf8(b).ok()).map(str::to_owned);
        Some((text(record.key)?, text(record.header("ce_sequence"))?.parse().ok()?))
    }
}

/// A database and a topic that only this test uses.
pub(crate) struct World {
    pub(crate) uri: String,
    pub(crate) brokers: String,
    pub(crate) database_name: String,
    pub(crate) topic: String,
}

/// A running store; dropping it is a crash, [`stop`](Self::stop) is a clean end.
pub(crate) struct Running {
    pub(crate) store: Store<Notes>,
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
}

impl World {
    pub(crate) async fn new() -> Self {
        let servers = local_stack::servers().await;
        let prefix = local_stack::random_prefix();
        let world = Self {
            uri: servers.mongodb_uri.clone(),
            brokers: servers.kafka_brokers.clone(),
            database_name: format!("{prefix}notes"),
            topic: format!("{prefix}notes.note.change"),
        };
        let admin: AdminClient<DefaultClientContext> = world.kafka().create().unwrap();
        let topic = NewTopic::new(&world.topic, PARTITIONS, TopicReplication::Fixed(1));
        admin.create_topics([&topic], &AdminOptions::new()).await.unwrap()[0].as_ref().unwrap();
        let indexes = Store::<Notes>::indexes();
        world.database().await.collection::<bson::Document>("notes").create_indexes(indexes).await.unwrap();
        world
    }

    pub(crate) fn kafka(&self) -> ClientConfig {
        ClientConfig::new().set("bootstrap.servers", &self.brokers).clone()
    }

    pub(crate) async fn database(&self) -> Database {
        database(&self.uri, &self.database_name).await
    }

    pub(crate) async fn start(&self) -> Running {
        self.start_with(&self.uri, &self.brokers, settings()).await
    }

    /// A store that reaches MongoDB and Kafka through other addresses; opened when its gate is.
    pub(crate) async fn start_with(&self, uri: &str, brokers: &str, settings: WritePathSettings) -> Running {
        let running = self.run(self.parts(uri, brokers, settings).await);
        eventually("writes are taken", || async { running.store.refuses_writes().is_none() }).await;
        running
    }

    /// A store and its tasks, not yet running: for databases that will be refused.
    pub(crate) async fn parts_only(&self) -> (Store<Notes>, impl Future<Output = anyhow::Result<()>> + use<>) {
        let (store, path) = Store::<Notes>::new(self.parts(&self.uri, &self.brokers, settings()).await);
        (store, path.run(CancellationToken::new()))
    }

    fn run(&self, parts: Parts) -> Running {
        let (store, path) = Store::<Notes>::new(parts);
        let stop = CancellationToken::new();
        let task = tokio::spawn(path.run(stop.clone()));
        Running { store, stop, task }
    }

    async fn parts(&self, uri: &str, brokers: &str, settings: WritePathSettings) -> Parts {
        let mut producer = ClientConfig::new();
        producer
            .set("bootstrap.servers", brokers)
            .set("enable.idempotence", "true")
            .set("enable.gapless.guarantee", "true")
            .set("acks", "all")
            .set("message.timeout.ms", "0")
            .set("linger.ms", "0")
            .set("reconnect.backoff.max.ms", "500");
        Parts {
            database: database(uri, &self.database_name).await,
            producer,
            consumer: self.kafka(),
            topic: self.topic.clone(),
            settings,
            stop_patience: Duration::from_secs(10),
        }
    }

    /// Every record of the topic, per key in the order of the log: version, event id and value.
    pub(crate) async fn log(&self) -> BTreeMap<String, Vec<(u64, String, String)>> {
        let (config, topic) = (self.kafka(), self.topic.clone());
        tokio::task::spawn_blocking(move || read_log(config, &topic)).await.unwrap()
    }

    /// P1 and P2: every version of every document is in the topic, first appearances 1, 2, 3 …, content as stored.
    pub(crate) async fn assert_complete(&self, versions: &BTreeMap<String, u64>) {
        eventually("the topic has every version", || async {
            let log = self.log().await;
            versions.iter().all(|(id, newest)| {
                log.get(id).is_some_and(|records| records.iter().any(|(version, ..)| version == newest))
            })
        })
        .await;
        let log = self.log().await;
        for (id, newest) in versions {
            let mut first = Vec::new();
            let mut ids = BTreeMap::new();
            for (version, event, _) in &log[id] {
                if !first.contains(version) {
                    first.push(*version);
                }
                let known = ids.entry(version).or_insert(event);
                assert_eq!(*known, event, "a repeat of {id} {version} has another event id");
            }
            assert_eq!(first, (1..=*newest).collect::<Vec<_>>(), "first appearances of {id}");
        }
    }
}

impl Running {
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }

    /// As after `kill -9`: no task of it goes on.
    pub(crate) async fn crash(self) {
        self.task.abort();
        drop(self.task.await);
    }

    pub(crate) async fn create(&self, id: &str, text: &str) -> Result<Stored<Note>, CommitError> {
        self.store.commit(proposal(id, None, note(text))).await
    }

    pub(crate) async fn update(&self, id: &str, text: &str) -> Result<Stored<Note>, CommitError> {
        let base = self.store.load(id).await.unwrap();
        self.store.commit(proposal(id, base, note(text))).await
    }
}

pub(crate) fn note(text: &str) -> Note {
    Note { text: text.to_owned(), label: None }
}

pub(crate) fn proposal(id: &str, base: Option<Stored<Note>>, state: Note) -> Proposal<Note> {
    let at = next_instant(base.as_ref().map(|base| base.change.at), Timestamp::new(chrono::Utc::now()));
    let change =
        Change { id: Uuid::new_v4(), kind: "notes.note.changed".to_owned(), at, traceparent: None, changed: vec![] };
    Proposal { id: id.to_owned(), base, state, change, request: None }
}

pub(crate) fn settings() -> WritePathSettings {
    WritePathSettings { sweep_interval_ms: 300, suspect_after_ms: 1_000, ..WritePathSettings::default() }
}

async fn database(uri: &str, name: &str) -> Database {
    mongodb::Client::with_uri_str(uri).await.unwrap().database(name)
}

fn read_log(mut config: ClientConfig, topic: &str) -> BTreeMap<String, Vec<(u64, String, String)>> {
    let consumer: BaseConsumer = config.set("group.id", "reader").set("auto.offset.reset", "error").create().unwrap();
    let mut open = BTreeMap::new();
    let mut start = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        let (low, high) = consumer.fetch_watermarks(topic, partition, Duration::from_secs(10)).unwrap();
        if low < high {
            open.insert(partition, high);
            start.add_partition_offset(topic, partition, Offset::Offset(low)).unwrap();
        }
    }
    let mut log: BTreeMap<String, Vec<_>> = BTreeMap::new();
    consumer.assign(&start).unwrap();
    while !open.is_empty() {
        let message = consumer.poll(Duration::from_secs(10)).expect("the log ends early").unwrap();
        let text = |bytes: Option<&[u8]>| String::from_utf8(bytes.unwrap_or_default().to_vec()).unwrap();
        let header = |name: &str| {
            let headers = message.headers().unwrap();
            text(headers.iter().find(|header| header.key == name).and_then(|header| header.value))
        };
        let record = (header("ce_sequence").parse().unwrap(), header("ce_id"), text(message.payload()));
        log.entry(text(message.key())).or_default().push(record);
        if open.get(&message.partition()).is_some_and(|high| message.offset() + 1 >= *high) {
            open.remove(&message.partition());
        }
    }
    log
}

/// Waits for a condition, with a limit.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let limit = tokio::time::Instant::now() + Duration::from_secs(60);
    while !holds().await {
        assert!(tokio::time::Instant::now() < limit, "not reached in time: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
