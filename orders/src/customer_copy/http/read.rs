//! `GET /orders/customers/{id}`: the customer and the first page of their orders.

use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use service_kit::http::call::Call;
use service_kit::http::consistency::Sources;
use service_kit::http::openapi::{ConsistencyParameters, ReadParameters, ReadProblems};
use service_kit::http::problem::Problem;
use shared_events::customer::Status;

use super::answer::{CustomerWithOrders, with_token};
use super::customers::Customers;
use crate::customer_copy::id::CustomerId;
use crate::order::http::{Orders, of_customer};

/// Read a customer with their orders
///
/// From this service's own copy, which follows accounts within moments. A `Consistency-Token` of a change made in
/// accounts is waited for. The orders are the first page of `GET /orders?customerId=…`, where their `next` leads on.
#[utoipa::path(
    tag = "customers",
    params(
        ("id" = String, Path, description = "The customer's id.", pattern = r"^([A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*$",
            min_length = 1, max_length = 64, example = "12345"),
        ReadParameters, ConsistencyParameters,
    ),
    responses(
        (status = 200, description = "The customer.", body = CustomerWithOrders, headers(
            ("ETag" = String, description = "For `If-None-Match`. It changes with the customer and with the orders."),
            ("Consistency-Token" = String, description = "The state of the customer that this is."),
            ("Link" = String, description = "The next page of the orders, as `rel=\"next\"`; absent when there is none."),
        )),
        (status = 304, description = "The answer is still the one that `If-None-Match` names.", headers(
            ("ETag" = String, description = "Its tag."),
            ("Consistency-Token" = String, description = "As with 200."),
        )),
        ReadProblems,
    ),
)]
#[get("/orders/customers/{id}")]
pub(super) async fn get_customer(
    call: Call,
    customers: Data<Customers>,
    orders: Data<Orders>,
    sources: Data<Sources>,
) -> Result<HttpResponse, Problem> {
    let id: CustomerId = call.parameter("id", str::parse)?;
    call.without_query()?;
    let precondition = call.precondition()?;
    let (consistency, freshness) = sources.reach(&call).await?;
    let found = customers.find(id.as_str()).await?;
    let customer = found.ok_or_else(|| Problem::not_found("there is no customer with this id"))?;
    match customer.view.status {
        Status::Active => {}
        Status::Deleted => {
            return Err(with_token(Problem::gone("the customer with this id was deleted"), &customer));
        }
    }
    let (filter, paging) = of_customer(&id)?;
    let page = orders.page(&filter, &paging).await?;
    let link = paging.link(&page);
    let shown = CustomerWithOrders::new(customer, page);
    let entity = shown.entity()?;
    precondition.allow_read(entity.tag()).map_err(|problem| entity.refuse(problem))?;
    if precondition.not_modified(entity.tag()) {
        return Ok(entity.begin(StatusCode::NOT_MODIFIED).finish());
    }
    let mut response = entity.begin(StatusCode::OK);
    if let Some(link) = link {
        response.insert_header((header::LINK, link));
    }
    consistency.mark(freshness, &mut response);
    Ok(response.json(shown))
}
