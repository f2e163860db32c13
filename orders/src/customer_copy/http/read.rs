//! `GET /orders/customers/{id}`.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use service_kit::http::call::Call;
use service_kit::http::openapi::{ConsistencyParameters, ReadParameters, ReadProblems};
use service_kit::http::problem::Problem;
use shared_events::customer::Status;

use super::answer::{CustomerWithOrders, about, etag, with_token};
use super::customers::Customers;
use crate::customer_copy::id::CustomerId;

/// Read a customer with their orders
///
/// From this service's own copy, which follows accounts within moments. A `Consistency-Token` of a change made in
/// accounts is waited for.
#[utoipa::path(
    tag = "customers",
    params(
        ("id" = String, Path, description = "The customer's id.", pattern = r"^([A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*$",
            min_length = 1, max_length = 64, example = "12345"),
        ReadParameters, ConsistencyParameters,
    ),
    responses(
        (status = 200, description = "The customer.", body = CustomerWithOrders, headers(
            ("ETag" = String, description = "For `If-None-Match`."),
            ("Consistency-Token" = String, description = "The state that this is."),
        )),
        (status = 304, description = "The answer is still the one that `If-None-Match` names.", headers(
            ("ETag" = String, description = "Its tag."),
            ("Consistency-Token" = String, description = "As with 200."),
        )),
        ReadProblems,
    ),
)]
#[get("/orders/customers/{id}")]
pub(super) async fn get_customer(call: Call, customers: Data<Customers>) -> Result<HttpResponse, Problem> {
    let id: CustomerId = call.parameter("id", str::parse)?;
    call.without_query()?;
    let precondition = call.precondition()?;
    let (consistency, freshness) = customers.reach(&call).await?;
    let found = customers.find(id.as_str()).await?;
    let customer = found.ok_or_else(|| Problem::not_found("there is no customer with this id"))?;
    match customer.view.status {
        Status::Active => {}
        Status::Deleted => {
            return Err(with_token(Problem::gone("the customer with this id was deleted"), &customer));
        }
    }
    let tag = etag(&customer);
    precondition.allow_read(&tag).map_err(|problem| with_token(problem, &customer))?;
    if precondition.not_modified(&tag) {
        return Ok(about(StatusCode::NOT_MODIFIED, &customer).finish());
    }
    let mut response = about(StatusCode::OK, &customer);
    consistency.mark(freshness, &mut response);
    Ok(response.json(CustomerWithOrders::from(customer)))
}
