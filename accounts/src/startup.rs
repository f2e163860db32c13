//! How the parts of accounts fit together: the only file that knows. What there is, is a visible list: the routes, the
//! aggregates with their topics and indexes, and the tasks in the order in which they stop.

use std::time::Duration;

use actix_web::web::Data;
use bson::Document;
use mongodb::Database;
use service_kit::http::consistency::{Sources, Waiters};
use service_kit::http::health::Health;
use service_kit::http::openapi::About;
use service_kit::http::server::{Addresses, HttpService, Listeners, RouteList};
use service_kit::kafka::{KafkaSettings, keep_own_topic, try_own_topic};
use service_kit::mongo::{self, IndexSpec, ensure_index};
use service_kit::settings::ServiceSettings;
use service_kit::supervisor::{Outcome, Refused, Stage, Stop, Supervisor};
use service_kit::write_path::{Aggregate, Parts, Store};
use tokio_util::sync::CancellationToken;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::customer::event::CustomerAggregate;
use crate::customer::http::{self as customer_http, Customers};
use crate::settings::Settings;

/// What the service says of itself.
pub const ABOUT: About = About {
    service: Settings::SERVICE,
    version: env!("CARGO_PKG_VERSION"),
    title: "Accounts",
    description: "The system of record for customers. Every change is published with its complete state on \
                  `accounts.customer.change`; every answer about a customer carries a `Consistency-Token` for the \
                  services that keep a copy.",
    sections: &[
        ("customers", "Customers, with their addresses and what is kept of their cards."),
        ("events", "What the service publishes."),
        ("earlier system", "Aliases for clients of the system that was here before; use the others instead."),
    ],
};

/// How long "starting" lasts at most, once MongoDB answers.
const OPENING: Duration = Duration::from_secs(3);

/// accounts, bound to its ports and not running yet.
#[derive(Debug)]
pub struct Application {
    addresses: Addresses,
    supervisor: Supervisor,
}

impl Application {
    /// Takes the ports and puts the parts together. No server is asked yet: that is done while the probes answer.
    ///
    /// # Errors
    /// A port is taken, or a setting can never work; one sentence names the remedy.
    pub async fn build(settings: Settings) -> anyhow::Result<Self> {
        let listeners = Listeners::bind(&settings.http).map_err(|error| Refused::new(error.to_string()))?;
        let addresses = listeners.addresses()?;
        let database = mongo::open(&settings.mongo).await?;
        let health = Health::new();
        let http = HttpService::new(ABOUT, health.clone(), settings.http.clone());

        let (store, write_path) = Store::<CustomerAggregate>::new(parts::<CustomerAggregate>(&settings, &database));
        let waiters = Waiters::new(settings.http.max_waiting, health.draining());
        let sources = Sources::new(waiters).with(CustomerAggregate::NAME, store.clone());
        let customers = Customers::new(store.clone(), sources);

        let mut supervisor = Supervisor::new(settings.stop.deadline());
        supervisor.check("start-up", prepare(database.clone(), settings.kafka.clone()));
        let public = http.clone();
        supervisor
            .add(Stage::Http, "public-port", |stop| public.serve_public(listeners.public, routes(customers), stop));
        supervisor.add(Stage::Commits, "write-path:customer", |stop| write_path.run(stop));
        supervisor.add(Stage::Background, "topic:customer", |stop| {
            keep_own_topic(settings.kafka, CustomerAggregate::TOPIC, stop)
        });
        supervisor.add(Stage::Background, "readiness", |stop| readiness(store, database, health, stop));
        supervisor.add(Stage::Operations, "operations-port", |stop| {
            http.serve_operations(listeners.operations, |_: &mut ServiceConfig<'_>| {}, stop)
        });
        Ok(Self { addresses, supervisor })
    }

    /// Where it can be reached, also when a port was 0.
    pub fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// Runs until a stop is asked for or a part fails, then stops in order.
    pub async fn run_until_stopped(self, stop: Stop) -> Outcome {
        self.supervisor.run_until_stopped(stop).await
    }
}

/// What the public port answers. A new folder's routes are a line here.
pub fn routes(customers: Customers) -> impl RouteList {
    move |config: &mut ServiceConfig<'_>| {
        config.app_data(Data::new(customers.clone())).configure(customer_http::routes);
    }
}

/// What the write path of one kind of aggregate stands on.
fn parts<A: Aggregate>(settings: &Settings, database: &Database) -> Parts {
    Parts {
        database: database.clone(),
        producer: settings.kafka.producer(),
        consumer: settings.kafka.consumer(A::COLLECTION),
        topic: settings.kafka.topic(&A::TOPIC),
        settings: settings.write_path.clone(),
        stop_patience: settings.stop.publications(),
    }
}

/// Makes sure of what the service cannot do without.
async fn prepare(database: Database, kafka: KafkaSettings) -> anyhow::Result<()> {
    tokio::try_join!(prepare_database(&database), try_own_topic(&kafka, &CustomerAggregate::TOPIC))?;
    Ok(())
}

/// Ready is when the first write is taken, so that a client which waited for it is not refused. But Kafka that is away
/// keeps nobody from reading: after a moment the service is ready without.
async fn readiness(
    store: Store<CustomerAggregate>,
    database: Database,
    health: Health,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    // Whichever it was, opened, too long or stopped: from here on the probes tell.
    let _opened = tokio::time::timeout(OPENING, stop.run_until_cancelled(store.first_opened())).await;
    health.started();
    mongo::watch(database, health, stop).await
}

/// Waits for MongoDB and makes the indexes: without the unique ones, two customers could share an e-mail.
async fn prepare_database(database: &Database) -> Result<(), Refused> {
    mongo::until_usable(database).await?;
    let customers = database.collection::<Document>(CustomerAggregate::COLLECTION);
    for index in indexes() {
        ensure_index(&customers, &index).await?;
    }
    Ok(())
}

/// The indexes of customers: the write path's and those of the list.
fn indexes() -> Vec<IndexSpec> {
    let of_the_write_path = Store::<CustomerAggregate>::indexes();
    of_the_write_path.iter().map(IndexSpec::from).chain(customer_http::list::indexes()).collect()
}
