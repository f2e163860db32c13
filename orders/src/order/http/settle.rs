//! `POST /orders/{id}/cancel` and `POST /orders/{id}/fulfil`: the two ends of an order. Neither takes a body; one that is
//! sent is not looked at.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use service_kit::http::call::Call;
use service_kit::http::consistency::Sources;
use service_kit::http::openapi::{ActionProblems, ConsistencyParameters, OptionalIfMatchParameters};
use service_kit::http::problem::Problem;
use shared_events::time::Timestamp;

use super::answer::Order;
use super::is_no_reserved_word;
use super::orders::Orders;
use crate::order::command::Command;
use crate::order::customer::Customer;
use crate::order::id::OrderId;

/// Cancel an order
///
/// Name and address of the customer are frozen into it as they were last shown, and it counts in no report any more.
/// Repeating it changes nothing.
#[utoipa::path(
    tag = "orders",
    params(
        ("id" = String, Path, description = "The order's id.", pattern = r"^([A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*$",
            min_length = 1, max_length = 64, example = "sample-cancel"),
        OptionalIfMatchParameters, ConsistencyParameters,
    ),
    responses(
        (status = 200, description = "The order, which is cancelled.", body = Order, headers(
            ("ETag" = String, description = "For `If-None-Match`."),
            ("Consistency-Token" = String, description = "Carry it to a later request, which then knows this order."),
        )),
        ActionProblems,
    ),
)]
#[post("/orders/{id}/cancel", guard = "is_no_reserved_word")]
pub(super) async fn cancel_order(
    call: Call,
    orders: Data<Orders>,
    sources: Data<Sources>,
) -> Result<HttpResponse, Problem> {
    settle(&call, &orders, &sources, |customer, at| Command::Cancel { customer, at }).await
}

/// Fulfil an order
///
/// Name and address of the customer are frozen into it; a later change of the customer does not reach it. With `If-Match`
/// that is exactly the address that the client saw. Repeating it changes nothing.
#[utoipa::path(
    tag = "orders",
    params(
        ("id" = String, Path, description = "The order's id.", pattern = r"^([A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*$",
            min_length = 1, max_length = 64, example = "sample-fulfil"),
        OptionalIfMatchParameters, ConsistencyParameters,
    ),
    responses(
        (status = 200, description = "The order, which is fulfilled.", body = Order, headers(
            ("ETag" = String, description = "For `If-None-Match`."),
            ("Consistency-Token" = String, description = "Carry it to a later request, which then knows this order."),
        )),
        ActionProblems,
    ),
)]
#[post("/orders/{id}/fulfil", guard = "is_no_reserved_word")]
pub(super) async fn fulfil_order(
    call: Call,
    orders: Data<Orders>,
    sources: Data<Sources>,
) -> Result<HttpResponse, Problem> {
    settle(&call, &orders, &sources, |customer, at| Command::Fulfil { customer, at }).await
}

async fn settle(
    call: &Call,
    orders: &Orders,
    sources: &Sources,
    command: impl Fn(Option<Customer>, Timestamp) -> Command,
) -> Result<HttpResponse, Problem> {
    let id: OrderId = call.parameter("id", str::parse)?;
    call.without_query()?;
    let precondition = call.precondition()?;
    let (consistency, freshness) = sources.reach(call).await?;
    let shown = orders.settle(&id, &precondition, call.trace(), command).await?;
    let mut response = shown.entity().begin(StatusCode::OK);
    consistency.mark(freshness, &mut response);
    Ok(response.json(Order::from(shown)))
}
