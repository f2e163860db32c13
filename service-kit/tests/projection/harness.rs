//! A topic, a database, and services that read the one into the other.

use std::fmt::Debug;
use std::time::{Duration, Instant};

use bson::{Document, doc};
use futures_util::TryStreamExt;
use local_stack::Servers;
use mongodb::Database;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};
use rdkafka::util::Timeout;
use service_kit::kafka::{KafkaSettings, Role, TopicMode, ensure_topic};
use service_kit::mongo::{self, MongoSettings};
use service_kit::projection::{
    CopyReader, Lookup, Projection, ProjectionParts, ProjectionSettings, TotalsReader, Viewed, add_accumulation,
    add_copy,
};
use service_kit::settings::Secret;
use service_kit::supervisor::{Outcome, Stop, Supervisor};
use shared_events::record::{RawRecord, Record};
use tokio::task::JoinHandle;
use tracing_subscriber::EnvFilter;

use crate::thing::{ThingView, Things, Words};

/// How long anything may take that is waited for.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// A topic with three partitions, and a database of its own.
pub(crate) struct World {
    pub(crate) servers: Servers,
    pub(crate) prefix: String,
    pub(crate) kafka: KafkaSettings,
    pub(crate) database: Database,
    producer: FutureProducer,
}

impl World {
    pub(crate) async fn new() -> Self {
        // The services' own log, when a test is looked at: RUST_LOG=service_kit=info.
        drop(tracing_subscriber::fmt().with_env_filter(EnvFilter::from_default_env()).with_test_writer().try_init());
        Self::on(local_stack::servers().await).await
    }

    pub(crate) async fn on(servers: Servers) -> Self {
        let prefix = local_stack::random_prefix();
        let kafka = kafka(&servers, &prefix);
        ensure_topic(&kafka, &Things::TOPIC, Role::Owner).await.unwrap();
        let database = database(&servers.mongodb_uri, &prefix).await;
        let producer = kafka.producer().create().unwrap();
        Self { servers, prefix, kafka, database, producer }
    }

    pub(crate) fn topic(&self) -> String {
        self.kafka.topic(&Things::TOPIC)
    }

    /// Starts a service that keeps the copy current.
    pub(crate) fn start(&self) -> Running {
        self.start_with(self.database.clone())
    }

    pub(crate) fn start_with(&self, database: Database) -> Running {
        self.run(database, |supervisor, parts| add_copy::<Things>(supervisor, parts).unwrap())
    }

    /// Starts a service that counts words.
    pub(crate) fn start_counting(&self) -> Running<TotalsReader<Words>> {
        self.run(self.database.clone(), add_accumulation::<Words>)
    }

    fn run<R>(&self, database: Database, add: impl Fn(&mut Supervisor, &ProjectionParts) -> R) -> Running<R> {
        let settings = ProjectionSettings::default();
        let parts = ProjectionParts { service: "tests", database, kafka: self.kafka.clone(), settings };
        let mut supervisor = Supervisor::new(Duration::from_secs(20));
        let reader = add(&mut supervisor, &parts);
        let stop = Stop::new();
        let task = tokio::spawn(supervisor.run_until_stopped(stop.clone()));
        Running { reader, stop, task }
    }

    /// A producer that knows nothing of the topic that was.
    pub(crate) fn renew_producer(&mut self) {
        self.producer = self.kafka.producer().create().unwrap();
    }

    /// Writes a record, and returns its place.
    pub(crate) async fn publish(&self, record: &Record) -> (i32, i64) {
        self.publish_raw(&record.as_raw()).await
    }

    pub(crate) async fn publish_raw(&self, record: &RawRecord<'_>) -> (i32, i64) {
        let headers = record
            .headers
            .iter()
            .fold(OwnedHeaders::new(), |headers, (key, value)| headers.insert(Header { key, value: *value }));
        let topic = self.topic();
        let mut sent: FutureRecord<'_, [u8], [u8]> = FutureRecord::to(&topic).headers(headers);
        (sent.key, sent.payload) = (record.key, record.value);
        let delivery = self.producer.send(sent, Timeout::Never).await.unwrap();
        (delivery.partition, delivery.offset)
    }

    /// Writes a record without waiting for the acknowledgement of the one before.
    pub(crate) fn publish_quickly(&self, record: &Record) {
        let headers = record
            .headers
            .iter()
            .fold(OwnedHeaders::new(), |headers, (key, value)| headers.insert(Header { key, value: Some(value) }));
        let topic = self.topic();
        let sent = FutureRecord::to(&topic).headers(headers).key(&record.key).payload(&record.value);
        assert!(self.producer.send_result(sent).is_ok(), "there is room for the record");
    }

    /// Waits until everything is acknowledged.
    pub(crate) async fn flush(&self) {
        let producer = self.producer.clone();
        tokio::task::spawn_blocking(move || producer.flush(LIMIT)).await.unwrap().unwrap();
    }

    pub(crate) async fn parked(&self) -> Vec<Document> {
        self.all("parked", "_id").await
    }

    /// What the view has: key, version and event id.
    pub(crate) async fn view(&self) -> Vec<(String, u64, String)> {
        let text = |one: &Document, name| one.get_str(name).unwrap().to_owned();
        let version = |one: &Document| u64::try_from(one.get_i64("version").unwrap()).unwrap();
        let all = self.all("things.g1", "_id").await;
        all.iter().map(|one| (text(one, "_id"), version(one), text(one, "eventId"))).collect()
    }

    async fn all(&self, collection: &str, order: &str) -> Vec<Document> {
        let collection = self.database.collection(collection);
        collection.find(doc! {}).sort(doc! { order: 1 }).await.unwrap().try_collect().await.unwrap()
    }

    /// Positions as they are stored, by partition.
    pub(crate) async fn checkpoints(&self) -> Vec<(i32, i64)> {
        let found = self.all("checkpoints", "partition").await;
        found.iter().map(|one| (one.get_i32("partition").unwrap(), one.get_i64("next").unwrap())).collect()
    }

    /// A consumer of the test's own, for looking at what is in Kafka.
    pub(crate) fn consumer(&self, group: &str) -> BaseConsumer {
        self.kafka.consumer(group).set("auto.offset.reset", "earliest").create().unwrap()
    }

    /// What the group has committed for the copy's topic, where it has.
    pub(crate) async fn committed(&self) -> Vec<(i32, i64)> {
        let (consumer, topic) = (self.consumer("tests.things"), self.topic());
        tokio::task::spawn_blocking(move || {
            let mut wanted = rdkafka::TopicPartitionList::new();
            wanted.add_partition_range(&topic, 0, 2);
            let answer = consumer.committed_offsets(wanted, LIMIT).unwrap();
            let known = answer.elements().into_iter().filter_map(|one| Some((one.partition(), one.offset().to_raw()?)));
            known.filter(|(_, offset)| *offset >= 0).collect()
        })
        .await
        .unwrap()
    }
}

pub(crate) fn kafka(servers: &Servers, prefix: &str) -> KafkaSettings {
    KafkaSettings {
        brokers: servers.kafka_brokers.clone(),
        topic_prefix: prefix.to_owned(),
        topics: TopicMode::Create,
        partitions: 0,
        replication: 0,
        linger_ms: 0,
        request_timeout_ms: 5_000,
    }
}

pub(crate) async fn database(uri: &str, prefix: &str) -> Database {
    let settings = MongoSettings {
        uri: Secret::new(uri),
        uri_file: String::new(),
        database: format!("{prefix}things"),
        min_pool_size: 0,
        max_pool_size: 10,
        max_connecting: 2,
        server_selection_timeout_ms: 1_000,
        connect_timeout_ms: 1_000,
    };
    mongo::connect(&settings).await.unwrap()
}

/// A service while it runs.
pub(crate) struct Running<R = CopyReader<Things>> {
    pub(crate) reader: R,
    stop: Stop,
    task: JoinHandle<Outcome>,
}

impl<R> Running<R> {
    /// Stops in order.
    pub(crate) async fn stop(self) -> Outcome {
        self.stop.ask();
        self.ended().await
    }

    /// Dies: nothing of what is in flight is finished.
    pub(crate) async fn die(self) {
        self.stop.ask_at_once();
        drop(self.ended().await);
    }

    pub(crate) async fn ended(self) -> Outcome {
        tokio::time::timeout(LIMIT, self.task).await.expect("the service ends").unwrap()
    }
}

impl Running {
    pub(crate) async fn find(&self, id: &str) -> Option<Viewed<ThingView>> {
        match self.reader.find(id).await.unwrap() {
            Lookup::Found(found) => Some(found),
            Lookup::Missing | Lookup::NotYet => None,
        }
    }

    /// Waits until the view has this version.
    pub(crate) async fn reaches(&self, id: &str, version: u64) {
        eventually(&format!("{id} at version {version}"), async || {
            let found = self.reader.version(id).await.unwrap();
            if found >= Some(version) { Ok(()) } else { Err(found) }
        })
        .await;
    }

    pub(crate) async fn completes(&self) {
        eventually("the copy complete", async || {
            let report = self.reader.standing();
            if report.complete { Ok(()) } else { Err(report) }
        })
        .await;
    }
}

/// Asks until the answer is `Ok`; past the limit it fails with the last status.
pub(crate) async fn eventually<T, S: Debug>(what: &str, ask: impl AsyncFn() -> Result<T, S>) -> T {
    let start = Instant::now();
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(status) if start.elapsed() > LIMIT => panic!("never: {what}; last seen: {status:?}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}
