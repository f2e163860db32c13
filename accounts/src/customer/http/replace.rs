//! `PUT /accounts/customers/{id}` and `PATCH /accounts/customers/{id}`: a patch is a replacement by what it makes of
//! the customer.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpResponse, patch, put};
use service_kit::http::body::{Json, merge_patch};
use service_kit::http::call::Call;
use service_kit::http::openapi::{ChangeProblems, ConsistencyParameters, IfMatchParameters};
use service_kit::http::payload::{JsonBody, MergePatchBody};
use service_kit::http::problem::Problem;
use shared_events::customer::Customer;

use super::answer::{about, etag};
use super::customers::{Customers, StoredCustomer};
use super::document;
use super::refusal::{invalid, not_json, refused};
use crate::customer::body::replacement;
use crate::customer::command::Command;
use crate::customer::id::CustomerId;
use crate::customer::state::{Refusal, living};

/// Replace a customer
///
/// The body is everything that the customer is to be. A card without `number` keeps the stored number of its `type`.
/// A body that is already so changes nothing: the version stays, and nothing is published.
#[utoipa::path(
    tag = "customers",
    params(
        ("id" = String, Path, description = "The customer's id.", pattern = r"^([A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*$",
            min_length = 1, max_length = 64, example = "sample-put"),
        IfMatchParameters, ConsistencyParameters,
    ),
    request_body(content = document::CustomerReplacement, example = json!(document::examples::replacement())),
    responses(
        (status = 200, description = "The customer as it is now.", body = Customer, headers(
            ("ETag" = String, description = "Its tag; the one before, when nothing changed."),
            ("Consistency-Token" = String, description = "Carry it to the other service to read this state there."),
        )),
        ChangeProblems,
    ),
)]
#[put("/accounts/customers/{id}")]
pub(super) async fn replace_customer(
    body: JsonBody,
    call: Call,
    customers: Data<Customers>,
) -> Result<HttpResponse, Problem> {
    replace(&body.0, call, &customers, |body, _| Ok(body)).await
}

/// Change parts of a customer
///
/// A JSON merge patch (RFC 7396): `null` removes a member, an array is replaced whole, what is left out stays.
#[utoipa::path(
    tag = "customers",
    params(
        ("id" = String, Path, description = "The customer's id.", pattern = r"^([A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*$",
            min_length = 1, max_length = 64, example = "sample-patch"),
        IfMatchParameters, ConsistencyParameters,
    ),
    request_body(content(
        (document::CustomerPatch = "application/merge-patch+json", example = json!(document::examples::patch())),
        (document::CustomerPatch = "application/json", example = json!(document::examples::patch())),
    )),
    responses(
        (status = 200, description = "The customer as it is now.", body = Customer, headers(
            ("ETag" = String, description = "Its tag; the one before, when nothing changed."),
            ("Consistency-Token" = String, description = "Carry it to the other service to read this state there."),
        )),
        ChangeProblems,
    ),
)]
#[patch("/accounts/customers/{id}")]
pub(super) async fn patch_customer(
    body: MergePatchBody,
    call: Call,
    customers: Data<Customers>,
) -> Result<HttpResponse, Problem> {
    replace(&body.0, call, &customers, |patch, stored| {
        let target = serde_json::to_value(stored).map_err(Problem::internal)?;
        Ok(merge_patch(target.into(), patch))
    })
    .await
}

async fn replace(
    bytes: &Bytes,
    call: Call,
    customers: &Customers,
    whole: impl Fn(Json, &Customer) -> Result<Json, Problem>,
) -> Result<HttpResponse, Problem> {
    let json = Json::parse(bytes).map_err(not_json)?;
    let id: CustomerId = call.parameter("id", str::parse)?;
    call.without_query()?;
    let precondition = call.precondition()?;
    let (consistency, freshness) = customers.reach(&call).await?;
    let plan = |base: Option<&StoredCustomer>, at| {
        let base = base.ok_or_else(|| refused(Refusal::NotFound))?;
        let state = living(Some(&base.state)).map_err(refused)?;
        precondition.require_match(&etag(base))?;
        let profile = replacement(&whole(json.clone(), state)?, state).map_err(invalid)?;
        Ok(Command::Replace { profile, at })
    };
    let stored = customers.change(id.as_str(), call.trace(), plan).await?;
    let mut response = about(StatusCode::OK, &stored);
    consistency.mark(freshness, &mut response);
    Ok(response.json(&stored.state))
}
