//! Orders over HTTP. Each handler takes the request apart in the order that the API promises (415, 413, 400, 404, 412,
//! 422, 409), asks the rules, commits and answers; one file per operation.

pub mod orders;

mod list;
mod place;
mod read;
mod settle;

mod schema;

pub mod document;

pub mod answer;
mod refusal;

use actix_web::guard::GuardContext;
use service_kit::value::IdKind;
use utoipa_actix_web::service_config::ServiceConfig;

use super::id::OfOrder;
pub use list::of_customer;
pub use orders::Orders;

/// Every operation on orders. The server's `app_data` must have [`Orders`] and
/// [`Sources`](service_kit::http::consistency::Sources) as actix's `Data`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(place::place_order)
        .service(list::list_orders)
        .service(read::get_order)
        .service(settle::cancel_order)
        .service(settle::fulfil_order)
        .service(schema::order_schema);
}

/// Keeps `/orders/{id}` away from the paths that stand beside it, such as `/orders/list`, whatever order the routes are in.
fn is_no_reserved_word(request: &GuardContext<'_>) -> bool {
    let part = request.head().uri.path().split('/').nth(2);
    part.is_none_or(|part| !OfOrder::RESERVED.contains(&part))
}
