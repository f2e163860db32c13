//! How the parts of orders fit together: the only file that knows. What there is, is a visible list: the routes, the
//! projections, and the tasks in the order in which they stop.

use actix_web::web::Data;
use mongodb::Database;
use service_kit::http::consistency::Waiters;
use service_kit::http::health::Health;
use service_kit::http::openapi::About;
use service_kit::http::server::{Addresses, HttpService, Listeners, RouteList};
use service_kit::mongo;
use service_kit::projection::{ProjectionParts, add_copy};
use service_kit::settings::ServiceSettings;
use service_kit::supervisor::{Outcome, Refused, Stage, Stop, Supervisor};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::customer_copy::http::{self as customer_http, Customers};
use crate::customer_copy::projection::CustomerCopies;
use crate::settings::Settings;

/// What the service says of itself.
pub const ABOUT: About = About {
    service: Settings::SERVICE,
    version: env!("CARGO_PKG_VERSION"),
    title: "Orders",
    description: "Keeps its own current copy of every customer from `accounts.customer.change`, and never asks accounts. \
                  With a `Consistency-Token` that accounts gave, a request is answered from a state that has what the \
                  token names.",
    sections: &[
        ("customers", "The copy of every customer, as accounts publishes it."),
        ("earlier system", "Aliases for clients of the system that was here before; use the others instead."),
    ],
};

/// orders, bound to its ports and not running yet.
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

        let mut supervisor = Supervisor::new(settings.stop.deadline());
        supervisor.check("start-up", prepare(database.clone(), health.clone()));
        let copies = add_copy::<CustomerCopies>(&mut supervisor, &projection_parts(&settings, &database))?;
        let standing = copies.clone();
        health.tell_positions(move || std::future::ready([standing.standing()].into_iter().collect()));
        let customers = Customers::new(copies, Waiters::new(settings.http.max_waiting, health.draining()));

        let public = http.clone();
        supervisor
            .add(Stage::Http, "public-port", |stop| public.serve_public(listeners.public, routes(customers), stop));
        supervisor.add(Stage::Background, "mongodb-watch", |stop| mongo::watch(database, health, stop));
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

/// What a projection stands on.
fn projection_parts(settings: &Settings, database: &Database) -> ProjectionParts {
    ProjectionParts {
        service: Settings::SERVICE,
        database: database.clone(),
        kafka: settings.kafka.clone(),
        settings: settings.projection.clone(),
    }
}

/// Makes sure of what the service cannot do without, and says that it has started. Kafka is not among it: what the copy
/// already holds is shown without.
async fn prepare(database: Database, health: Health) -> anyhow::Result<()> {
    mongo::until_usable(&database).await?;
    health.started();
    Ok(())
}
