//! The service as a process, and the log that it reads.

use std::fmt::Debug;
use std::time::{Duration, Instant};

use bson::{Document, doc};
use local_stack::{Servers, Service, ServiceKind, test_settings};
use mongodb::{Client, Database};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::util::Timeout;
use reqwest::{Response, StatusCode};
use serde_json::Value;
use service_kit::kafka::{KafkaSettings, Role, TopicMode, ensure_topic};
use shared_events::customer::CustomerChange;
use shared_events::envelope::{Event, encode};
use shared_events::record::RawRecord;
use shared_events::token::ConsistencyToken;
use shared_events::topic::CUSTOMER_CHANGE;

use crate::customer::event;

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
    /// A topic with nothing in it, and a service that is ready.
    pub(crate) async fn new() -> Self {
        let servers = local_stack::servers().await;
        let prefix = local_stack::random_prefix();
        let kafka = kafka(&servers, &prefix);
        ensure_topic(&kafka, &CUSTOMER_CHANGE, Role::Owner).await.unwrap();
        let settings = test_settings(ServiceKind::Orders, &servers, &prefix);
        let orders = Service::start(ServiceKind::Orders, &settings).await.unwrap();
        orders.ready().await.unwrap();
        let database = Client::with_uri_str(&servers.mongodb_uri).await.unwrap().database(&format!("{prefix}orders"));
        let producer = kafka.producer().create().unwrap();
        let world = Self { orders, database, kafka, producer, client: reqwest::Client::new() };
        // Until then, what is missing may only be late.
        world.catches_up().await;
        world
    }

    pub(crate) async fn publish(&self, change: CustomerChange) -> (i32, i64) {
        self.publish_event(&event(change)).await
    }

    pub(crate) async fn publish_event(&self, event: &Event<CustomerChange>) -> (i32, i64) {
        self.publish_raw(&encode(event).unwrap().as_raw()).await
    }

    pub(crate) async fn publish_raw(&self, record: &RawRecord<'_>) -> (i32, i64) {
        let named =
            |headers: OwnedHeaders, (key, value): &(&str, Option<&[u8]>)| headers.insert(Header { key, value: *value });
        let topic = self.kafka.topic(&CUSTOMER_CHANGE);
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
        let request = self.client.get(format!("{}{path}", self.orders.base_url()));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Answer::of(request.send().await.unwrap()).await
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

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

pub(crate) fn token(id: &str, version: u64) -> String {
    ConsistencyToken::new("customer", id, version).encode()
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
