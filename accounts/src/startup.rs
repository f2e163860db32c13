//! How the parts of accounts fit together: the only file that knows. What there is, is a visible list: the aggregates
//! with their indexes, and the routes. Under them is what every service stands on (`service_kit::application`).

use actix_web::web::Data;
use mongodb::Database;
use service_kit::application::{Application, Foundation};
use service_kit::http::consistency::{Sources, Waiters};
use service_kit::http::openapi::About;
use service_kit::http::server::RouteList;
use service_kit::settings::ServiceSettings;
use service_kit::write_path::{Aggregate, AggregateParts, add_aggregate};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::customer::event::CustomerAggregate;
use crate::customer::http::{self as customer_http, Customers, Importer};
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

/// Takes the ports and puts the parts together. No server is asked yet: that is done while the probes answer.
///
/// # Errors
/// A port is taken, or a setting can never work; one sentence names the remedy.
pub async fn build(settings: Settings) -> anyhow::Result<Application> {
    let mut service = Foundation::lay(ABOUT, &settings).await?;
    let waiters = Waiters::new(settings.http.max_waiting, service.health.draining());
    // Half of the queue is left to those who change one customer.
    let importing = settings.write_path.queue / 2;

    let parts = aggregate_parts(settings, &service.database);
    let store = add_aggregate::<CustomerAggregate>(&mut service.supervisor, parts);
    let opened = store.clone();
    service.ready_after(async move { opened.first_opened().await });

    let sources = Sources::new(waiters).with(CustomerAggregate::NAME, store.clone());
    let customers = Customers::new(store, sources);
    let importer = Importer::new(customers.clone(), importing, service.health.draining());
    service.serve(routes(customers, importer))
}

/// What the public port answers. A new folder's routes are a line here.
pub fn routes(customers: Customers, importer: Importer) -> impl RouteList {
    move |config: &mut ServiceConfig<'_>| {
        config
            .app_data(Data::new(customers.clone()))
            .app_data(Data::new(importer.clone()))
            .configure(customer_http::routes);
    }
}

/// What the aggregate stands on.
fn aggregate_parts(settings: Settings, database: &Database) -> AggregateParts {
    AggregateParts {
        database: database.clone(),
        kafka: settings.kafka,
        settings: settings.write_path,
        stop_patience: settings.stop.publications(),
        indexes: customer_http::list::indexes(),
    }
}
