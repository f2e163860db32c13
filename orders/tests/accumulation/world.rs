//! A log and a database of one history's own.

use std::collections::BTreeMap;
use std::time::Duration;

use bson::{Document, doc};
use futures_util::TryStreamExt;
use futures_util::future::join_all;
use local_stack::Servers;
use mongodb::Database;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord};
use service_kit::kafka::{KafkaSettings, Role, TopicMode, ensure_topic};
use service_kit::mongo::{self, MongoSettings};
use service_kit::settings::Secret;
use shared_events::record::Record;
use shared_events::topic::ORDER_CHANGE;

pub(crate) struct World {
    servers: Servers,
    prefix: String,
    pub(crate) kafka: KafkaSettings,
    pub(crate) database: Database,
    producer: FutureProducer,
    /// What is sent and not acknowledged yet.
    sent: Vec<DeliveryFuture>,
    /// The first offset after what was acknowledged, by partition.
    ends: BTreeMap<i32, i64>,
}

impl World {
    pub(crate) async fn new() -> Self {
        let servers = local_stack::servers().await;
        let prefix = local_stack::random_prefix();
        let kafka = kafka(&servers, &prefix);
        ensure_topic(&kafka, &ORDER_CHANGE, Role::Owner).await.unwrap();
        let database = mongo::connect(&mongodb(&servers, &prefix)).await.unwrap();
        let producer = kafka.producer().create().unwrap();
        Self { servers, prefix, kafka, database, producer, sent: Vec::new(), ends: BTreeMap::new() }
    }

    /// Sends a record behind those before it, and waits for nothing.
    pub(crate) fn send(&mut self, record: &Record) {
        let headers = record
            .headers
            .iter()
            .fold(OwnedHeaders::new(), |headers, (key, value)| headers.insert(Header { key, value: Some(value) }));
        let topic = self.kafka.topic(&ORDER_CHANGE);
        let record = FutureRecord::to(&topic).headers(headers).key(&record.key).payload(&record.value);
        let delivery = self.producer.send_result(record).map_err(|(error, _)| error);
        self.sent.push(delivery.expect("there is room for the record"));
    }

    /// Waits until Kafka has everything, and tells where each partition ends.
    pub(crate) async fn ends(&mut self) -> &BTreeMap<i32, i64> {
        for delivery in join_all(self.sent.drain(..)).await {
            let delivered = delivery.unwrap().map_err(|(error, _)| error).unwrap();
            let end = self.ends.entry(delivered.partition).or_default();
            *end = (*end).max(delivered.offset + 1);
        }
        &self.ends
    }

    /// How far the view has come in each partition, as it is stored.
    pub(crate) async fn positions(&self) -> BTreeMap<i32, i64> {
        let found = self.all("checkpoints").await;
        found.iter().map(|one| (one.get_i32("partition").unwrap(), one.get_i64("next").unwrap())).collect()
    }

    /// Sets one partition back to an earlier offset, as a restored checkpoint would: what follows is delivered again.
    pub(crate) async fn set_back(&self, partition: i32, offset: i64) {
        let checkpoints = self.database.collection::<Document>("checkpoints");
        let earlier = doc! { "$set": { "next": offset, "last": null } };
        checkpoints.update_one(doc! { "partition": partition }, earlier).await.unwrap();
    }

    pub(crate) async fn all(&self, collection: &str) -> Vec<Document> {
        self.database.collection(collection).find(doc! {}).await.unwrap().try_collect().await.unwrap()
    }

    /// Drops what the history made. After a failure it stays, to be looked at.
    pub(crate) async fn end(self) {
        local_stack::drop_prefix(&self.servers, &self.prefix).await.unwrap();
    }
}

fn kafka(servers: &Servers, prefix: &str) -> KafkaSettings {
    KafkaSettings {
        brokers: servers.kafka_brokers.clone(),
        topic_prefix: prefix.to_owned(),
        topics: TopicMode::Create,
        partitions: 3,
        replication: 0,
        linger_ms: 0,
        request_timeout_ms: 5_000,
    }
}

fn mongodb(servers: &Servers, prefix: &str) -> MongoSettings {
    MongoSettings {
        uri: Secret::new(&servers.mongodb_uri),
        uri_file: String::new(),
        database: format!("{prefix}orders"),
        min_pool_size: 0,
        max_pool_size: 10,
        max_connecting: 2,
        server_selection_timeout_ms: 5_000,
        connect_timeout_ms: 5_000,
    }
}

/// Longer than any rebalance takes.
const LIMIT: Duration = Duration::from_secs(60);

/// Asks until the answer is `Ok`; past the limit it fails with the last status.
pub(crate) async fn eventually<S: std::fmt::Debug>(what: &str, ask: impl AsyncFn() -> Result<(), S>) {
    let start = std::time::Instant::now();
    while let Err(status) = ask().await {
        assert!(start.elapsed() < LIMIT, "never: {what}; last seen: {status:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
