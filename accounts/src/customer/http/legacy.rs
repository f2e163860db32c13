//! `POST /accounts/customer/create` and `GET /accounts/customer/print`, for clients of the earlier system. Thin: the
//! rules are those of the operations that succeed them.

#![expect(
    deprecated,
    reason = "the attribute is how the API document learns of it; actix's macro then uses the function"
)]

use actix_web::http::header::{self, HeaderName};
use actix_web::web::Data;
use actix_web::{HttpResponse, HttpResponseBuilder, get, post};
use service_kit::http::body::Json;
use service_kit::http::call::Call;
use service_kit::http::openapi::{ConsistencyParameters, CreateProblems, PlainProblems};
use service_kit::http::payload::JsonBody;
use service_kit::http::problem::Problem;
use shared_events::customer::Customer;

use super::answer::created;
use super::create::fresh_id;
use super::customers::{Customers, StoredCustomer};
use super::document;
use super::refusal::{invalid, not_json, refused};
use crate::customer::body::{named_id, new_customer, replacement};
use crate::customer::command::Command;
use crate::customer::state::{Refusal, living};

/// The well-known sample of this domain, in the shape that a create accepts. Its card numbers are test numbers.
pub const SAMPLE: &str = include_str!("../sample.json");

/// What a create answered in the earlier system.
pub const CREATED: &str = "Customer account created!";

const TEXT: &str = "text/plain";
const JSON: &str = "application/json";

/// RFC 9745: since when, in seconds (2026-11-21).
const DEPRECATION: (HeaderName, &str) = (HeaderName::from_static("deprecation"), "@1795219200");
const SUCCESSOR: &str = "</accounts/customers>; rel=\"successor-version\"";

/// Create or replace a customer
///
/// For clients of the earlier system; `POST /accounts/customers` and `PUT /accounts/customers/{id}` succeed it. An `id`
/// that exists is replaced whatever its state is.
#[utoipa::path(
    tag = "earlier system",
    params(ConsistencyParameters),
    request_body(content = document::NewCustomer, example = json!(document::examples::sample())),
    responses(
        (status = 201, description = "The customer is so; as JSON when `Accept` prefers it.",
            content((String = "text/plain", example = json!(CREATED)), (Customer = "application/json")),
            headers(
                ("Location" = String, description = "Where the customer is."),
                ("ETag" = String, description = "For `If-Match` and `If-None-Match`."),
                ("Consistency-Token" = String, description = "Carry it to the other service to read this state there."),
                ("Deprecation" = String, description = "Since when (RFC 9745)."),
                ("Link" = String, description = "The operation that succeeds this one."),
            )
        ),
        CreateProblems,
    ),
)]
#[deprecated = "it is for clients of the earlier system"]
#[post("/accounts/customer/create")]
pub(super) async fn create_or_replace(
    body: JsonBody,
    call: Call,
    customers: Data<Customers>,
) -> Result<HttpResponse, Problem> {
    let answer = answer(body, call, &customers).await;
    answer.map_err(|problem| problem.with_header(DEPRECATION.0, DEPRECATION.1).with_header(header::LINK, SUCCESSOR))
}

async fn answer(body: JsonBody, call: Call, customers: &Customers) -> Result<HttpResponse, Problem> {
    let json = Json::parse(&body.0).map_err(not_json)?;
    call.without_query()?;
    let (consistency, freshness) = customers.reach(&call).await?;
    let id = named_id(&json).map_or_else(fresh_id, Ok)?;
    let plan = |base: Option<&StoredCustomer>, at| match base.map(|base| (&base.state, living(Some(&base.state)))) {
        Some((state, Ok(_))) => {
            let profile = replacement(&json, state).map_err(invalid)?;
            Ok(Command::Replace { profile, at })
        }
        Some((_, Err(_))) => {
            new_customer(&json).map_err(invalid)?;
            Err(refused(Refusal::IdTaken))
        }
        None => {
            let profile = new_customer(&json).map_err(invalid)?.profile;
            Ok(Command::Create { id: id.clone(), profile, at })
        }
    };
    let stored = customers.change(id.as_str(), call.trace(), plan).await?;
    let mut response = created(&stored);
    deprecated(&mut response).insert_header((header::VARY, "Accept"));
    consistency.mark(freshness, &mut response);
    Ok(if call.preferred(&[TEXT, JSON]) == JSON {
        response.json(&stored.state)
    } else {
        response.content_type("text/plain; charset=utf-8").body(CREATED)
    })
}

/// Print a sample
///
/// The well-known sample customer, as a create accepts it. Its card numbers are test numbers.
#[utoipa::path(
    tag = "earlier system",
    responses(
        (status = 200, description = "The sample.", body = document::NewCustomer, headers(
            ("Deprecation" = String, description = "Since when (RFC 9745)."),
            ("Link" = String, description = "The operation that succeeds this one."),
        )),
        PlainProblems,
    ),
)]
#[deprecated = "it is for clients of the earlier system"]
#[get("/accounts/customer/print")]
pub(super) async fn print_sample(call: Call) -> Result<HttpResponse, Problem> {
    call.without_query()?;
    Ok(deprecated(&mut HttpResponse::Ok()).content_type(JSON).body(SAMPLE))
}

fn deprecated(response: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    response.insert_header(DEPRECATION).insert_header((header::LINK, SUCCESSOR))
}
