//! The write path as accounts uses it: state, event, uniqueness and idempotency in one commit, the event in Kafka.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::Utc;
use futures_util::future::try_join_all;
use local_stack::Servers;
use mongodb::Database;
use service_kit::{
    kafka::{Role, ensure_topic},
    write_path::{Aggregate, Change, Parts, Proposal, Store, Stored, WritePathSettings, next_instant},
};
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
    load::{self, Load, Outcome, milliseconds_since},
    settings,
};

/// Documents that each caller updates in turn.
pub(crate) const DOCUMENTS_PER_CALLER: usize = 50;

/// Customers as accounts stores them.
#[derive(Debug)]
pub(crate) struct Customers;

impl Aggregate for Customers {
    const NAME: &'static str = "customer";
    const COLLECTION: &'static str = "customer.accounts";
    const TOPIC: TopicSpec = CUSTOMER_CHANGE;
    const UNIQUE_KEYS: &'static [&'static str] = &["email"];
    type State = Customer;

    fn keys(state: &Customer) -> Vec<(&'static str, String)> {
        vec![("email", state.contact.email.clone())]
    }

    #[expect(clippy::expect_used, reason = "a customer has only text, numbers and lists, which are always JSON")]
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
        envelope::encode(&envelope::Event { envelope, data }).expect("is JSON")
    }

    fn version_of(record: &RawRecord<'_>) -> Option<(String, u64)> {
        let event = envelope::decode::<CustomerChange>(record).ok()?;
        Some((event.envelope.subject, event.envelope.sequence))
    }
}

/// A running write path on a database and topic of its own.
pub(crate) struct Ours {
    store: Store<Customers>,
    database: Database,
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
}

/// What each caller updates, at its current version.
pub(crate) type Bases = Arc<Vec<Mutex<Vec<Stored<Customer>>>>>;

impl Ours {
    pub(crate) async fn start(servers: &Servers, prefix: &str) -> anyhow::Result<Self> {
        let kafka = settings::kafka(servers, prefix);
        let topic = ensure_topic(&kafka, &CUSTOMER_CHANGE, Role::Owner).await?.name;
        let database = settings::database(servers, format!("{prefix}ours")).await?;
        let customers = database.collection::<bson::Document>(Customers::COLLECTION);
        customers.create_indexes(Store::<Customers>::indexes()).await?;
        let parts = Parts {
            database: database.clone(),
            producer: kafka.producer(),
            consumer: kafka.client(),
            topic,
            settings: WritePathSettings::default(),
            stop_patience: Duration::from_secs(30),
        };
        let (store, path) = Store::new(parts);
        let stop = CancellationToken::new();
        let task = tokio::spawn(path.run(stop.clone()));
        while store.refuses_writes().is_some() {
            anyhow::ensure!(!task.is_finished(), "the write path ended: {:?}", task.await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Self { store, database, stop, task })
    }

    /// A create per command.
    pub(crate) async fn creates(&self, load: Load) -> anyhow::Result<Outcome> {
        let store = self.store.clone();
        let outcome = load::run(load, move |caller, number| {
            let store = store.clone();
            async move {
                store.commit(proposal(&format!("c{caller}-{number}"), None)).await?;
                Ok(())
            }
        })
        .await?;
        self.published(outcome).await
    }

    /// An update per command.
    pub(crate) async fn updates(&self, load: Load) -> anyhow::Result<Outcome> {
        let (updater, bases) = (self.updater(), self.bases(load.callers).await?);
        let outcome = load::run(load, move |caller, number| {
            let (updater, bases) = (updater.clone(), Arc::clone(&bases));
            async move { updater.update(&bases, caller, number).await.map(drop) }
        })
        .await?;
        self.published(outcome).await
    }

    /// Creates what the callers will update, and waits until all of it is published.
    pub(crate) async fn bases(&self, callers: usize) -> anyhow::Result<Bases> {
        let mut bases = Vec::new();
        for caller in 0..callers {
            let creates =
                (0..DOCUMENTS_PER_CALLER).map(|i| self.store.commit(proposal(&format!("u{caller}-{i}"), None)));
            bases.push(Mutex::new(try_join_all(creates).await?));
        }
        self.until_published().await?;
        Ok(Arc::new(bases))
    }

    pub(crate) fn updater(&self) -> Updater {
        Updater(self.store.clone())
    }

    async fn published(&self, outcome: Outcome) -> anyhow::Result<Outcome> {
        Ok(Outcome { until_published_ms: self.until_published().await?, ..outcome })
    }

    /// Waits until Kafka has acknowledged every event; milliseconds.
    async fn until_published(&self) -> anyhow::Result<f64> {
        let begun = Instant::now();
        while self.store.unpublished() > 0 {
            anyhow::ensure!(begun.elapsed() < Duration::from_secs(60), "the events did not reach Kafka");
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        Ok(milliseconds_since(begun))
    }

    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.task.await??;
        Ok(self.database.drop().await?)
    }
}

/// Makes new versions of what there is.
#[derive(Clone)]
pub(crate) struct Updater(Store<Customers>);

impl Updater {
    /// The caller's next update: the id and its new version.
    pub(crate) async fn update(&self, bases: &Bases, caller: usize, number: usize) -> anyhow::Result<(String, u64)> {
        let base = &mut bases[caller].lock().await[number % DOCUMENTS_PER_CALLER];
        *base = self.0.commit(proposal(&base.id, Some(base.clone()))).await?;
        Ok((base.id.clone(), base.version))
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
