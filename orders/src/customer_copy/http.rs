//! The copy over HTTP: one customer with their orders, a page of customers, and two aliases for clients of the earlier
//! system. Nothing here writes.

mod answer;
mod customers;

mod list;
mod read;

#[expect(deprecated, reason = "what marks them so in the API document marks them for the compiler too")]
mod legacy;

use utoipa_actix_web::service_config::ServiceConfig;

pub use customers::Customers;

/// Every operation on the copy. The server's `app_data` must have [`Customers`],
/// [`Orders`](crate::order::http::Orders) and [`Sources`](service_kit::http::consistency::Sources) as actix's `Data`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list::list_customers)
        .service(read::get_customer)
        .service(legacy::list_customers_with_orders)
        .service(legacy::get_customer_with_orders);
}
