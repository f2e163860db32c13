//! The write path as accounts uses it: state, event, uniqueness and idempotency in one commit, the event in Kafka.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::Utc;
use mongodb::Client;
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
};
use service_kit::write_path::{Aggregate, Change, Parts, Proposal, Store, Stored, WritePathSettings, next_instant};
use shared_events::{
    customer::{self, Customer, CustomerChange},
    envelope::{self, Envelope, EventData},
    record::{RawRecord, Record},
    time::Timestamp,
    topic::{CUSTOMER_CHANGE, TopicSpec},
};
use tokio::{sync::Mutex, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    customer::customer,
    load::{self, Outcome},
};

/// Documents that each caller updates in turn.
pub(crate) const DOCUMENTS_PER_CALLER: usize = 50;

struct Customers;

impl Aggregate for Customers {
    const NAME: &'static str = "customer";
    const COLLECTION: &'static str = "customer.accounts";
    const TOPIC: TopicSpec = CUSTOMER_CHANGE;
    const UNIQUE_KEYS: &'static [&'static str] = &["email"];
    type State = Customer;

    fn keys(state: &Customer) -> Vec<(&'static str, String)> {
        vec![("email", state.contact.email.clone())]
    }

    fn event(id: &str, version: u64, change: &Change, request: Option<&str>, state: &Customer) -> Record {
        let envelope = Envelope {
            id: change.id.to_string(),
            source: format!("{}{id}", CustomerChange::SOURCE_PREFIX),
            kind: change.kind.clone(),
            subject: id.to_owned(),
            sequence: version,
            time: change.at,
            dataschema: CustomerChange::DATASCHEMA.to_owned(),
            traceparent: change.traceparent.clone(),
            request_hash: request.map(str::to_owned),
            snapshot: false,
        };
        let data = CustomerChange { customer: state.clone(), changed: change.changed.clone() };
        envelope::encode(&envelope::Event { envelope, data }).expect("a customer is always JSON")
    }

    fn version_of(record: &RawRecord<'_>) -> Option<(String, u64)> {
        let event = envelope::decode::<CustomerChange>(record).ok()?;
        Some((event.envelope.subject, event.envelope.sequence))
    }
}

/// A running write path on a database and topic of its own.
pub(crate) struct Ours {
    store: Store<Customers>,
    database: mongodb::Database,
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Ours {
    pub(crate) async fn start(uri: &str, brokers: &str, prefix: &str) -> anyhow::Result<Self> {
        let mut kafka = ClientConfig::new();
        kafka.set("bootstrap.servers", brokers);
        let topic = format!("{prefix}{}", CUSTOMER_CHANGE.name);
        let admin: AdminClient<DefaultClientContext> = kafka.create()?;
        let new = NewTopic::new(&topic, CUSTOMER_CHANGE.partitions, TopicReplication::Fixed(1));
        admin.create_topics([&new], &AdminOptions::new()).await?;
        let database = Client::with_uri_str(uri).await?.database(&format!("{prefix}ours"));
        database
            .collection::<bson::Document>(Customers::COLLECTION)
            .create_indexes(Store::<Customers>::indexes())
            .await?;
        let mut producer = kafka.clone();
        producer
            .set("enable.idempotence", "true")
            .set("enable.gapless.guarantee", "true")
            .set("acks", "all")
            .set("message.timeout.ms", "0")
            .set("linger.ms", "1")
            .set("partitioner", "murmur2_random");
        let parts = Parts {
            database: database.clone(),
            producer,
            consumer: kafka,
            topic,
            settings: WritePathSettings::default(),
            stop_patience: Duration::from_secs(30),
        };
        let (store, path) = Store::new(parts);
        let stop = CancellationToken::new();
        let task = tokio::spawn(path.run(stop.clone()));
        while store.refuses_writes().is_some() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Self { store, database, stop, task })
    }

    pub(crate) async fn creates(&self, callers: usize, for_how_long: Duration) -> anyhow::Result<Outcome> {
        let store = self.store.clone();
        let outcome = load::run(callers, for_how_long, move |caller, number| {
            let store = store.clone();
            async move {
                store.commit(proposal(&format!("c{caller}-{number}"), None)).await?;
                Ok(())
            }
        })
        .await?;
        self.published(outcome).await
    }

    pub(crate) async fn updates(&self, callers: usize, for_how_long: Duration) -> anyhow::Result<Outcome> {
        let mut bases: Vec<Mutex<Vec<Stored<Customer>>>> = Vec::new();
        for caller in 0..callers {
            let creates =
                (0..DOCUMENTS_PER_CALLER).map(|i| self.store.commit(proposal(&format!("u{caller}-{i}"), None)));
            bases.push(Mutex::new(futures_util::future::try_join_all(creates).await?));
        }
        let (store, bases) = (self.store.clone(), Arc::new(bases));
        let outcome = load::run(callers, for_how_long, move |caller, number| {
            let (store, bases) = (store.clone(), Arc::clone(&bases));
            async move {
                let base = &mut bases[caller].lock().await[number % DOCUMENTS_PER_CALLER];
                *base = store.commit(proposal(&base.id, Some(base.clone()))).await?;
                Ok(())
            }
        })
        .await?;
        self.published(outcome).await
    }

    /// Waits until Kafka has acknowledged every event of the load.
    async fn published(&self, outcome: Outcome) -> anyhow::Result<Outcome> {
        let begun = Instant::now();
        while self.store.unpublished() > 0 {
            anyhow::ensure!(begun.elapsed() < Duration::from_secs(60), "the events did not reach Kafka");
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        Ok(Outcome { until_published_ms: begun.elapsed().as_secs_f64() * 1e3, ..outcome })
    }

    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.task.await??;
        Ok(self.database.drop().await?)
    }
}

fn proposal(id: &str, base: Option<Stored<Customer>>) -> Proposal<Customer> {
    let version = base.as_ref().map_or(1, |base| base.version + 1);
    let at = next_instant(base.as_ref().map(|base| base.change.at), Timestamp::new(Utc::now()));
    let kind = if base.is_none() { customer::CREATED } else { customer::UPDATED };
    let change =
        Change { id: Uuid::new_v4(), kind: kind.to_owned(), at, traceparent: None, changed: vec!["name".to_owned()] };
    Proposal { id: id.to_owned(), base, state: customer(id, version), change, request: None }
}
