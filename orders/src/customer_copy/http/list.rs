//! `GET /orders/customers`.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use service_kit::http::call::Call;
use service_kit::http::consistency::Sources;
use service_kit::http::openapi::{ConsistencyParameters, ListProblems, PageParameters};
use service_kit::http::page::{Page, Paging};
use service_kit::http::problem::Problem;

use super::answer::Customer;
use super::customers::Customers;
use crate::customer_copy::view::Position;

/// List customers
///
/// Living ones, from this service's own copy, in the order of their creation. A page ends with `next`, the cursor of the
/// next one, unless it is the last.
#[utoipa::path(
    tag = "customers",
    params(PageParameters, ConsistencyParameters),
    responses(
        (status = 200, description = "A page of customers.", body = Page<Customer>, headers(
            ("Link" = String, description = "The next page, as `rel=\"next\"`; absent on the last one."),
        )),
        ListProblems,
    ),
)]
#[get("/orders/customers")]
pub(super) async fn list_customers(
    call: Call,
    customers: Data<Customers>,
    sources: Data<Sources>,
) -> Result<HttpResponse, Problem> {
    let paging: Paging<Position> = call.query().page()?;
    let (consistency, freshness) = sources.reach(&call).await?;
    let found = customers.living(paging.after.as_ref(), paging.fetch()).await?;
    let page = paging.cut(found, Position::of);
    let mut response = paging.begin(&page);
    consistency.mark(freshness, &mut response);
    Ok(response.json(page.map(Customer::from)))
}
