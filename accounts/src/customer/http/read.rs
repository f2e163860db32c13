//! `GET /accounts/customers/{id}`.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use service_kit::http::call::Call;
use service_kit::http::openapi::{ConsistencyParameters, ReadParameters, ReadProblems};
use service_kit::http::problem::Problem;
use shared_events::customer::Customer;

use super::answer::{about, etag, with_token};
use super::customers::Customers;
use super::refusal::refused;
use crate::customer::id::CustomerId;
use crate::customer::state::{Refusal, living};

/// Read a customer
///
/// As it is now. One that was deleted is 410 for ever.
#[utoipa::path(
    tag = "customers",
    params(
        ("id" = String, Path, description = "The customer's id.", pattern = r"^([A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*$",
            min_length = 1, max_length = 64, example = "12345"),
        ReadParameters, ConsistencyParameters,
    ),
    responses(
        (status = 200, description = "The customer.", body = Customer, headers(
            ("ETag" = String, description = "For `If-Match` and `If-None-Match`."),
            ("Consistency-Token" = String, description = "Carry it to the other service to read this state there."),
        )),
        (status = 304, description = "The customer is still the one that `If-None-Match` names.", headers(
            ("ETag" = String, description = "Its tag."),
            ("Consistency-Token" = String, description = "As with 200."),
        )),
        ReadProblems,
    ),
)]
#[get("/accounts/customers/{id}")]
pub(super) async fn get_customer(call: Call, customers: Data<Customers>) -> Result<HttpResponse, Problem> {
    let id: CustomerId = call.parameter("id", str::parse)?;
    call.without_query()?;
    let precondition = call.precondition()?;
    let (consistency, freshness) = customers.reach(&call).await?;
    let stored = customers.load(id.as_str()).await?.ok_or_else(|| refused(Refusal::NotFound))?;
    living(Some(&stored.state)).map_err(|refusal| with_token(refused(refusal), Some(&stored)))?;
    precondition.allow_read(&etag(&stored)).map_err(|problem| with_token(problem, Some(&stored)))?;
    if precondition.not_modified(&etag(&stored)) {
        return Ok(about(StatusCode::NOT_MODIFIED, &stored).finish());
    }
    let mut response = about(StatusCode::OK, &stored);
    consistency.mark(freshness, &mut response);
    Ok(response.json(&stored.state))
}
