//! `GET /orders/{id}`.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use service_kit::http::call::Call;
use service_kit::http::consistency::Sources;
use service_kit::http::openapi::{ConsistencyParameters, LastingReadProblems, ReadParameters};
use service_kit::http::problem::Problem;

use super::answer::Order;
use super::is_no_reserved_word;
use super::orders::Orders;
use crate::order::id::OrderId;

/// Read an order
///
/// While it is `PLACED`, with its customer's name and address as they are now; so its `ETag` changes with the customer,
/// too. A `Consistency-Token` of a change of the customer is waited for.
#[utoipa::path(
    tag = "orders",
    params(
        ("id" = String, Path, description = "The order's id.", pattern = r"^([A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*$",
            min_length = 1, max_length = 64, example = "6119"),
        ReadParameters, ConsistencyParameters,
    ),
    responses(
        (status = 200, description = "The order.", body = Order, headers(
            ("ETag" = String, description = "For `If-Match` and `If-None-Match`."),
            ("Consistency-Token" = String, description = "Carry it to a later request, which then knows this order."),
        )),
        (status = 304, description = "The order is still the one that `If-None-Match` names.", headers(
            ("ETag" = String, description = "Its tag."),
            ("Consistency-Token" = String, description = "As with 200."),
        )),
        LastingReadProblems,
    ),
)]
#[get("/orders/{id}", guard = "is_no_reserved_word")]
pub(super) async fn get_order(
    call: Call,
    orders: Data<Orders>,
    sources: Data<Sources>,
) -> Result<HttpResponse, Problem> {
    let id: OrderId = call.parameter("id", str::parse)?;
    call.without_query()?;
    let precondition = call.precondition()?;
    let (consistency, freshness) = sources.reach(&call).await?;
    let shown = orders.find(&id).await?;
    let entity = shown.entity();
    precondition.allow_read(entity.tag()).map_err(|problem| entity.refuse(problem))?;
    if precondition.not_modified(entity.tag()) {
        return Ok(entity.begin(StatusCode::NOT_MODIFIED).finish());
    }
    let mut response = entity.begin(StatusCode::OK);
    consistency.mark(freshness, &mut response);
    Ok(response.json(Order::from(shown)))
}
