//! Customers over HTTP. Each handler takes the request apart in the order that the API promises (415, 413, 400,
//! 404/410, 428, 412, 422, 409), asks the rules, commits and answers; one file per operation.

pub mod customers;

mod create;
pub mod import;
pub mod list;
mod read;

mod delete;
mod replace;

pub mod legacy;
mod schema;

pub mod document;

mod answer;
mod refusal;

use utoipa_actix_web::service_config::ServiceConfig;

pub use customers::Customers;
pub use import::Importer;

/// Every operation on customers. The server's `app_data` must have [`Customers`] and [`Importer`] as actix's `Data`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(create::create_customer)
        .service(import::import_customers)
        .service(list::list_customers)
        .service(read::get_customer)
        .service(replace::replace_customer)
        .service(replace::patch_customer)
        .service(delete::delete_customer)
        .service(legacy::create_or_replace)
        .service(legacy::print_sample)
        .service(schema::customer_schema);
}
