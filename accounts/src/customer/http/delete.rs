//! `DELETE /accounts/customers/{id}`: the id is spent, the e-mail is free again.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, delete};
use service_kit::http::call::Call;
use service_kit::http::openapi::{ConsistencyParameters, IfMatchParameters, RemoveProblems};
use service_kit::http::problem::Problem;

use super::answer::{about, etag};
use super::customers::{Customers, StoredCustomer};
use super::refusal::refused;
use crate::customer::command::Command;
use crate::customer::id::CustomerId;
use crate::customer::state::{Refusal, living};

/// Delete a customer
///
/// For ever: the id is never used again, only the e-mail address is free.
#[utoipa::path(
    tag = "customers",
    params(
        ("id" = String, Path, description = "The customer's id.", pattern = r"^([A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*$",
            min_length = 1, max_length = 64, example = "sample-delete"),
        IfMatchParameters, ConsistencyParameters,
    ),
    responses(
        (status = 204, description = "The customer is deleted.", headers(
            ("Consistency-Token" = String, description = "Carry it to the other service to see it deleted there."),
        )),
        RemoveProblems,
    ),
)]
#[delete("/accounts/customers/{id}")]
pub(super) async fn delete_customer(call: Call, customers: Data<Customers>) -> Result<HttpResponse, Problem> {
    let id: CustomerId = call.parameter("id", str::parse)?;
    call.without_query()?;
    let precondition = call.precondition()?;
    let (consistency, freshness) = customers.reach(&call).await?;
    let plan = |base: Option<&StoredCustomer>, at| {
        let base = base.ok_or_else(|| refused(Refusal::NotFound))?;
        living(Some(&base.state)).map_err(refused)?;
        precondition.require_match(&etag(base))?;
        Ok(Command::Delete { at })
    };
    let stored = customers.change(id.as_str(), call.trace(), plan).await?;
    let mut response = about(StatusCode::NO_CONTENT, &stored);
    consistency.mark(freshness, &mut response);
    let mut response = response.finish();
    // There is no representation left that a tag could stand for.
    response.headers_mut().remove(header::ETAG);
    Ok(response)
}
