//! How the parts of orders fit together: the only file that knows. What there is, is a visible list: the aggregates, the
//! projections, what tokens may name, the routes and the pages. Under them is what every service stands on
//! (`service_kit::application`).

use actix_web::web::Data;
use mongodb::Database;
use service_kit::application::{Application, Foundation};
use service_kit::http::consistency::{Sources, Waiters};
use service_kit::http::health::Health;
use service_kit::http::openapi::About;
use service_kit::http::server::RouteList;
use service_kit::http::site::Site;
use service_kit::projection::{CopyReader, Projection, ProjectionParts, TotalsReader, add_accumulation, add_copy};
use service_kit::settings::ServiceSettings;
use service_kit::write_path::{Aggregate, AggregateParts, add_aggregate};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::customer_copy::http::{self as customer_http, Customers};
use crate::customer_copy::projection::CustomerCopies;
use crate::item_sales::http::{self as reports_http, Reports};
use crate::item_sales::projection::ItemSales;
use crate::item_sales::view::Sales;
use crate::order::event::OrderAggregate;
use crate::order::http::{self as order_http, Orders};
use crate::order::view as stored_orders;
use crate::settings::Settings;

/// What the service says of itself.
pub const ABOUT: About = About {
    service: Settings::SERVICE,
    version: env!("CARGO_PKG_VERSION"),
    title: "Orders",
    description: "The system of record for orders, which ship to wherever their customers live by then. Keeps its own \
                  current copy of every customer from `accounts.customer.change`, and never asks accounts. Every change of \
                  an order is published with its complete state on `orders.order.change`. With a `Consistency-Token` that \
                  either service gave, a request is answered from a state that has what the token names.",
    sections: &[
        (
            "orders",
            "Orders, each with its customer as they are now, or as they were when it was fulfilled or cancelled.",
        ),
        ("customers", "The copy of every customer, as accounts publishes it."),
        (
            "reports",
            "Sales by item and by month, added up from the orders' events. [A page](/orders/reports/) draws them.",
        ),
        ("events", "What the service publishes."),
        ("earlier system", "Aliases for clients of the system that was here before; use the others instead."),
    ],
};

/// Pages for people. A new folder's is a line here.
const SITES: &[Site] = &[reports_http::PAGE];

/// Takes the ports and puts the parts together. No server is asked yet: that is done while the probes answer.
///
/// # Errors
/// A port is taken, or a setting can never work; one sentence names the remedy.
pub async fn build(settings: Settings) -> anyhow::Result<Application> {
    let mut service = Foundation::lay(ABOUT, &settings).await?.with_sites(SITES);

    let store = add_aggregate::<OrderAggregate>(&mut service.supervisor, aggregate_parts(&settings, &service.database));
    let opened = store.clone();
    service.ready_after(async move { opened.first_opened().await });

    let parts = projection_parts(&settings, &service.database);
    let copies = add_copy::<CustomerCopies>(&mut service.supervisor, &parts)?;
    let sales = add_accumulation::<ItemSales>(&mut service.supervisor, &parts);
    tell_positions(&service.health, copies.clone(), sales.clone());

    // A token of an order means the order itself, except to a report: there it means that the report counts it.
    let waiters = Waiters::new(settings.http.max_waiting, service.health.draining());
    let known = Sources::new(waiters.clone())
        .with(CustomerCopies::AGGREGATE, copies.clone())
        .with(OrderAggregate::NAME, store.clone());
    let counted =
        Sources::new(waiters).with(CustomerCopies::AGGREGATE, copies.clone()).with(ItemSales::AGGREGATE, sales.clone());
    let customers = Customers::new(copies);
    let orders = Orders::new(store, customers.clone(), settings.samples);
    let reports = Reports::new(Sales::new(sales), counted);
    service.serve(routes(customers, orders, reports, known))
}

/// What the public port answers. A new folder's routes are a line here.
pub fn routes(customers: Customers, orders: Orders, reports: Reports, sources: Sources) -> impl RouteList {
    move |config: &mut ServiceConfig<'_>| {
        // The reports come before the orders: "/orders/reports/…" is also below "/orders/{id}".
        config
            .app_data(Data::new(customers.clone()))
            .app_data(Data::new(orders.clone()))
            .app_data(Data::new(reports.clone()))
            .app_data(Data::new(sources.clone()))
            .configure(reports_http::routes)
            .configure(order_http::routes)
            .configure(customer_http::routes);
    }
}

/// What `/caughtup` answers.
fn tell_positions(health: &Health, copies: CopyReader<CustomerCopies>, sales: TotalsReader<ItemSales>) {
    health.tell_positions(move || std::future::ready([copies.standing(), sales.standing()].into_iter().collect()));
}

/// What an aggregate stands on.
fn aggregate_parts(settings: &Settings, database: &Database) -> AggregateParts {
    AggregateParts {
        database: database.clone(),
        kafka: settings.kafka.clone(),
        settings: settings.write_path.clone(),
        stop_patience: settings.stop.publications(),
        indexes: stored_orders::indexes(),
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
