//! accounts as a client meets it: the real service on real servers, with a database and a topic of its own.

use std::collections::HashSet;
use std::future::Future;
use std::time::Duration;

use accounts::settings::Settings;
use accounts::startup;
use bson::{Document, doc};
use futures_util::TryStreamExt;
use local_stack::{ServiceKind, random_prefix, test_settings};
use mongodb::Database;
use rdkafka::ClientConfig;
use rdkafka::Message;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Headers;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;
use service_kit::settings::from_pairs;
use service_kit::supervisor::{Outcome, Stop};
use tokio::task::JoinHandle;

/// How long anything that must happen may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// Few partitions: these tests look at what is in the topic, not at where.
const PARTITIONS: i32 = 2;

/// The well-known sample of this domain, as its clients send it.
pub(crate) const SAMPLE: &str = accounts::customer::http::legacy::SAMPLE;

/// A running service. Dropped, it ends with the test; its names are removed with the servers.
pub(crate) struct Accounts {
    base: String,
    client: reqwest::Client,
    database: Database,
    brokers: String,
    topic: String,
    stop: Stop,
    task: JoinHandle<Outcome>,
}

/// A request that is being put together.
pub(crate) struct Ask<'a> {
    accounts: &'a Accounts,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// A record of the topic.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    pub(crate) key: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) value: String,
}

impl Accounts {
    /// Starts the service and waits until it takes writes.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with these settings.
    pub(crate) async fn start_with(changes: &[(&str, &str)]) -> Self {
        let servers = local_stack::servers().await;
        let prefix = random_prefix();
        let mut settings = test_settings(ServiceKind::Accounts, &servers, &prefix);
        settings.push(("kafka.partitions".to_owned(), PARTITIONS.to_string()));
        settings.extend(changes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let settings: Settings = from_pairs(settings).unwrap();
        let database = mongodb::Client::with_uri_str(&servers.mongodb_uri).await.unwrap();
        let database = database.database(&settings.mongo.database);
        let application = startup::build(settings).await.unwrap();
        let base = format!("http://{}", application.addresses().public);
        let stop = Stop::new();
        let task = tokio::spawn(application.run_until_stopped(stop.clone()));
        let client = reqwest::Client::new();
        let topic = format!("{prefix}accounts.customer.change");
        let accounts = Self { base, client, database, brokers: servers.kafka_brokers, topic, stop, task };
        eventually("the service takes writes", || async {
            assert!(!accounts.task.is_finished(), "the service has ended");
            // A refusal of the body shows that the service is up, the customer that is made that it takes writes.
            accounts.post("/accounts/customer/create").text(&probe()).send().await.status == 201
        })
        .await;
        accounts
    }

    /// Stops it as a signal would, and waits for the end.
    pub(crate) async fn stop(self) {
        self.stop.ask();
        self.task.await.unwrap();
    }

    pub(crate) fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Ask<'_> {
        self.ask(Method::POST, path).header("Content-Type", "application/json")
    }

    pub(crate) fn put(&self, path: &str) -> Ask<'_> {
        self.ask(Method::PUT, path).header("Content-Type", "application/json")
    }

    pub(crate) fn patch(&self, path: &str) -> Ask<'_> {
        self.ask(Method::PATCH, path).header("Content-Type", "application/merge-patch+json")
    }

    pub(crate) fn delete(&self, path: &str) -> Ask<'_> {
        self.ask(Method::DELETE, path)
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        Ask { accounts: self, method, path: path.to_owned(), headers: Vec::new(), body: None }
    }

    /// Creates a customer and expects it to work.
    pub(crate) async fn create(&self, body: &Value) -> Answer {
        let answer = self.post("/accounts/customers").json(body).send().await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// Takes the database away under the service, and waits until that takes no writes any more.
    pub(crate) async fn lose_the_database(&self) {
        self.database.drop().await.unwrap();
        let mut attempts = 0;
        eventually("no writes are taken", || {
            // Another customer each time: what is there already needs no write.
            attempts += 1;
            let body = probe().replace(PROBE, &format!("{PROBE}-{attempts}"));
            async move { self.post("/accounts/customers").text(&body).send().await.status == 503 }
        })
        .await;
    }

    /// Every stored customer but the one of the start, whole, in the order of ids.
    pub(crate) async fn stored(&self) -> Vec<Document> {
        let customers = self.database.collection::<Document>("customer.accounts");
        let found = customers.find(doc! { "_id": { "$ne": PROBE } }).sort(doc! { "_id": 1 }).await.unwrap();
        found.try_collect().await.unwrap()
    }

    /// Every event in the topic but those of the start, once there are at least so many. A record may be there again
    /// with the same id; what counts is where it appears first.
    pub(crate) async fn published(&self, at_least: usize) -> Vec<Published> {
        let mut records = Vec::new();
        eventually(&format!("{at_least} records are published"), || {
            records = self.read_topic();
            let enough = records.len() >= at_least;
            async move { enough }
        })
        .await;
        records
    }

    /// What is in the topic now, by partition and offset.
    fn read_topic(&self) -> Vec<Published> {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", &self.brokers)
            .set("group.id", "unused")
            .set("enable.auto.commit", "false")
            .create()
            .unwrap();
        let mut assignment = TopicPartitionList::new();
        let mut left = 0;
        for partition in 0..PARTITIONS {
            let (low, high) = consumer.fetch_watermarks(&self.topic, partition, PATIENCE).unwrap();
            left += high - low;
            assignment.add_partition_offset(&self.topic, partition, Offset::Beginning).unwrap();
        }
        consumer.assign(&assignment).unwrap();
        let mut records = Vec::new();
        for _ in 0..left {
            let record = consumer.poll(PATIENCE).expect("a record below the high watermark").unwrap();
            records.push(Published::of(&record));
        }
        records.retain(|record| record.key != PROBE);
        let mut met = HashSet::new();
        records.retain(|record: &Published| met.insert(record.header("ce_id").to_owned()));
        records
    }
}

/// The customer by which the start is noticed.
const PROBE: &str = "probe";

fn probe() -> String {
    format!(
        r#"{{"id": "{PROBE}", "name": {{"firstName": "P", "lastName": "Probe"}},
            "contact": {{"primaryPhone": "000-000-0000", "email": "probe@example.net"}}}}"#
    )
}

impl Ask<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(given, _)| given != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn if_match(self, tag: &str) -> Self {
        self.header("If-Match", tag)
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.text(&body.to_string())
    }

    pub(crate) fn text(self, body: &str) -> Self {
        self.bytes(body.as_bytes().to_vec())
    }

    pub(crate) fn bytes(self, body: Vec<u8>) -> Self {
        Self { body: Some(body), ..self }
    }

    pub(crate) async fn send(self) -> Answer {
        let url = format!("{}{}", self.accounts.base, self.path);
        let mut request = self.accounts.client.request(self.method, url);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = self.body {
            request = request.body(body);
        }
        match request.send().await {
            Ok(response) => {
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                Answer { status, headers, text: response.text().await.unwrap() }
            }
            // Only while the service starts: nobody listens yet. No status is 0.
            Err(error) => Answer { status: 0, headers: HeaderMap::new(), text: error.to_string() },
        }
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{} {:?}", self.status, self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The pointers of all faults of the body.
    pub(crate) fn pointers(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|fault| fault["pointer"].as_str().unwrap().to_owned()).collect()
    }

    /// The last part of the problem's `type`.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{self:?}");
        problem["type"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
    }
}

impl Published {
    fn of(record: &impl Message) -> Self {
        let text = |bytes: Option<&[u8]>| String::from_utf8(bytes.unwrap_or_default().to_vec()).unwrap();
        let headers = record.headers().unwrap();
        let headers = headers.iter().map(|header| (header.key.to_owned(), text(header.value))).collect();
        Self { key: text(record.key()), headers, value: text(record.payload()) }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn data(&self) -> Value {
        serde_json::from_str(&self.value).unwrap()
    }
}

/// Asks again and again until the answer is yes.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
