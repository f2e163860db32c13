//! The service as a process, the log that it reads and the one that it writes.

use std::collections::HashSet;
use std::fmt::Debug;
use std::time::{Duration, Instant};

use bson::{Document, doc};
use futures_util::TryStreamExt;
use local_stack::{Servers, Service, ServiceKind, test_settings};
use mongodb::{Client, Database};
use rdkafka::Message;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, Headers, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::util::Timeout;
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;
use service_kit::kafka::{KafkaSettings, Role, TopicMode, ensure_topic};
use shared_events::customer::CustomerChange;
use shared_events::envelope::{Event, decode, encode};
use shared_events::order::OrderChange;
use shared_events::record::RawRecord;
use shared_events::token::ConsistencyToken;
use shared_events::topic::{CUSTOMER_CHANGE, ORDER_CHANGE, TopicSpec};

use crate::customer::event;

/// Of each topic.
const PARTITIONS: i32 = 3;

/// How long anything may take that is waited for.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

pub(crate) struct World {
    pub(crate) orders: Service,
    pub(crate) database: Database,
    kafka: KafkaSettings,
    producer: FutureProducer,
    client: reqwest::Client,
}

impl World {
    /// Topics with nothing in them, and a service that is ready.
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// The same with some settings changed.
    pub(crate) async fn with(changed: &[(&str, &str)]) -> Self {
        let world = Self::start(changed, true).await;
        // Until then, what is missing may only be late.
        world.catches_up().await;
        world
    }

    /// A service that is ready, although there is no topic of customers yet: nobody can know who is in it.
    pub(crate) async fn before_accounts() -> Self {
        Self::start(&[], false).await
    }

    /// A service that is ready, although Kafka is not there.
    pub(crate) async fn without_kafka() -> Self {
        Self::start(&[("kafka.brokers", "127.0.0.1:1")], false).await
    }

    async fn start(changed: &[(&str, &str)], has_log: bool) -> Self {
        let servers = local_stack::servers().await;
        let prefix = local_stack::random_prefix();
        let kafka = kafka(&servers, &prefix);
        if has_log {
            ensure_topic(&kafka, &CUSTOMER_CHANGE, Role::Owner).await.unwrap();
        }
        let mut settings = test_settings(ServiceKind::Orders, &servers, &prefix);
        settings.push(("kafka.partitions".to_owned(), PARTITIONS.to_string()));
        settings.extend(changed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let orders = Service::start(ServiceKind::Orders, &settings).await.unwrap();
        orders.ready().await.unwrap();
        let database = Client::with_uri_str(&servers.mongodb_uri).await.unwrap().database(&format!("{prefix}orders"));
        let producer = kafka.producer().create().unwrap();
        Self { orders, database, kafka, producer, client: reqwest::Client::new() }
    }

    pub(crate) async fn publish(&self, change: CustomerChange) -> (i32, i64) {
        self.publish_event(&event(change)).await
    }

    pub(crate) async fn publish_event(&self, event: &Event<CustomerChange>) -> (i32, i64) {
        self.publish_raw(&encode(event).unwrap().as_raw()).await
    }

    pub(crate) async fn publish_raw(&self, record: &RawRecord<'_>) -> (i32, i64) {
        self.publish_to(&CUSTOMER_CHANGE, record).await
    }

    pub(crate) async fn publish_to(&self, topic: &TopicSpec, record: &RawRecord<'_>) -> (i32, i64) {
        let named =
            |headers: OwnedHeaders, (key, value): &(&str, Option<&[u8]>)| headers.insert(Header { key, value: *value });
        let topic = self.kafka.topic(topic);
        let headers = record.headers.iter().fold(OwnedHeaders::new(), named);
        let mut sent: FutureRecord<'_, [u8], [u8]> = FutureRecord::to(&topic).headers(headers);
        (sent.key, sent.payload) = (record.key, record.value);
        let delivery = self.producer.send(sent, Timeout::Never).await.unwrap();
        (delivery.partition, delivery.offset)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(Method::GET, path, headers, Vec::new()).await
    }

    /// Posts a JSON body.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, &[], body).await
    }

    pub(crate) async fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let headers = [&[("Content-Type", "application/json")], headers].concat();
        self.ask(Method::POST, path, &headers, body.to_string().into_bytes()).await
    }

    /// An action on an order, without a body: `fulfil`, `cancel`.
    pub(crate) async fn act(&self, id: &str, action: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(Method::POST, &format!("/orders/{id}/{action}"), headers, Vec::new()).await
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let request = self.client.request(method, format!("{}{path}", self.orders.base_url())).body(body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Answer::of(request.send().await.unwrap()).await
    }

    /// Places an order and expects it to work.
    pub(crate) async fn place(&self, body: &Value) -> Answer {
        let answer = self.post("/orders", body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer
    }

    /// A customer that the copy has.
    pub(crate) async fn knows(&self, change: CustomerChange) {
        let (id, version) = (change.customer.id.clone(), change.customer.version);
        self.publish(change).await;
        self.has(&id, version).await;
    }

    /// Every stored order, whole, in the order of ids.
    pub(crate) async fn stored(&self) -> Vec<Document> {
        let orders = self.database.collection::<Document>("customer.orders");
        orders.find(doc! {}).sort(doc! { "_id": 1 }).await.unwrap().try_collect().await.unwrap()
    }

    /// Every event of an order in the topic, decoded as a consumer does, once there are at least so many. A record may be
    /// there again with the same id; what counts is where it appears first.
    pub(crate) async fn published(&self, at_least: usize) -> Vec<Event<OrderChange>> {
        eventually(&format!("{at_least} events of orders"), async || {
            let events = self.read_topic();
            if events.len() >= at_least { Ok(events) } else { Err(events.len()) }
        })
        .await
    }

    /// What is in the topic of orders now, by partition and offset.
    fn read_topic(&self) -> Vec<Event<OrderChange>> {
        let consumer: BaseConsumer = self.kafka.consumer("unused").create().unwrap();
        let topic = self.kafka.topic(&ORDER_CHANGE);
        let mut assignment = TopicPartitionList::new();
        let mut left = 0;
        for partition in 0..PARTITIONS {
            let (low, high) = consumer.fetch_watermarks(&topic, partition, LIMIT).unwrap();
            left += high - low;
            assignment.add_partition_offset(&topic, partition, Offset::Beginning).unwrap();
        }
        consumer.assign(&assignment).unwrap();
        let mut events: Vec<_> = (0..left).map(|_| event_of(&consumer.poll(LIMIT).unwrap().unwrap())).collect();
        let mut met = HashSet::new();
        events.retain(|event| met.insert(event.envelope.id.clone()));
        events
    }

    /// Waits until the copy has this customer at this version.
    pub(crate) async fn has(&self, id: &str, version: u64) {
        let token = token(id, version);
        let path = format!("/orders/customers/{id}");
        let answer = self.get_with(&path, &[("Consistency-Token", &token), ("Prefer", "wait=30")]).await;
        assert!(matches!(answer.status, StatusCode::OK | StatusCode::GONE), "{answer:?}");
    }

    /// Waits until the copy has everything that was in the log a moment ago.
    async fn catches_up(&self) {
        eventually("caught up", async || {
            let answer = self.get("/caughtup").await;
            if answer.status == StatusCode::OK { Ok(()) } else { Err(answer) }
        })
        .await;
    }

    /// What `/metrics` shows.
    pub(crate) async fn figures(&self) -> String {
        let answer = self.client.get(format!("{}/metrics", self.orders.operations_url())).send().await.unwrap();
        answer.text().await.unwrap()
    }

    /// Waits until so many records are parked.
    pub(crate) async fn parks(&self, records: u64) {
        eventually(&format!("{records} parked"), async || {
            let parked = self.database.collection::<Document>("parked").count_documents(doc! {}).await.unwrap();
            if parked == records { Ok(()) } else { Err(parked) }
        })
        .await;
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        self.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
    }

    /// The pointers of all faults of the body.
    pub(crate) fn pointers(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|fault| fault["pointer"].as_str().unwrap().to_owned()).collect()
    }

    /// The last part of the problem's `type`.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        self.json()["type"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
    }

    /// Where the `Link` with this relation leads.
    pub(crate) fn link(&self, relation: &str) -> Option<String> {
        let end = format!("; rel=\"{relation}\"");
        let target = self.headers("link").into_iter().find_map(|link| link.strip_suffix(&end))?;
        Some(target.trim_matches(['<', '>']).to_owned())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The token of a customer.
pub(crate) fn token(id: &str, version: u64) -> String {
    ConsistencyToken::new("customer", id, version).encode()
}

/// The token of an order.
pub(crate) fn order_token(id: &str, version: u64) -> String {
    ConsistencyToken::new("order", id, version).encode()
}

fn event_of(record: &impl Message) -> Event<OrderChange> {
    let headers = record.headers().unwrap();
    let headers = headers.iter().map(|header| (header.key, header.value)).collect();
    decode(&RawRecord { key: record.key(), headers, value: record.payload() }).unwrap()
}

fn kafka(servers: &Servers, prefix: &str) -> KafkaSettings {
    KafkaSettings {
        brokers: servers.kafka_brokers.clone(),
        topic_prefix: prefix.to_owned(),
        topics: TopicMode::Create,
        partitions: PARTITIONS,
        replication: 0,
        linger_ms: 0,
        request_timeout_ms: 5_000,
    }
}

/// Asks until the answer is `Ok`; past the limit it fails with the last status.
pub(crate) async fn eventually<T, S: Debug>(what: &str, ask: impl AsyncFn() -> Result<T, S>) -> T {
    let start = Instant::now();
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(status) if start.elapsed() > LIMIT => panic!("never: {what}; last seen: {status:?}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}
