//! `POST /accounts/customers`.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use service_kit::http::body::Json;
use service_kit::http::call::Call;
use service_kit::http::idempotency::{IdempotencyKey, fingerprint};
use service_kit::http::openapi::{ConsistencyParameters, CreateProblems, IdempotencyParameters};
use service_kit::http::payload::JsonBody;
use service_kit::http::problem::Problem;
use service_kit::http::trace::TraceContext;
use service_kit::value::BrokenRule;
use service_kit::write_path::{Aggregate, CommitError};
use shared_events::customer::Customer;
use shared_events::time::Timestamp;
use uuid::Uuid;

use super::answer::{created, with_token};
use super::customers::{Customers, StoredCustomer};
use super::document;
use super::refusal::{commit_refused, invalid, not_json, refused};
use crate::customer::body::{NewCustomer, new_customer};
use crate::customer::command::Command;
use crate::customer::event::CustomerAggregate;
use crate::customer::id::CustomerId;
use crate::customer::profile::Profile;
use crate::customer::state::{Refusal, living};

/// Create a customer
///
/// Without `id` in the body the service makes a time-ordered one. With an `Idempotency-Key` (and then without `id`) the
/// request may be repeated: it is answered with the customer that the first one made, as it is now.
#[utoipa::path(
    tag = "customers",
    params(IdempotencyParameters, ConsistencyParameters),
    request_body(content = document::NewCustomer, example = json!(document::examples::new_customer())),
    responses(
        (status = 201, description = "The customer was created.", body = Customer, headers(
            ("Location" = String, description = "Where the customer is."),
            ("ETag" = String, description = "For `If-Match` and `If-None-Match`."),
            ("Consistency-Token" = String, description = "Carry it to the other service to read this state there."),
        )),
        CreateProblems,
    ),
)]
#[post("/accounts/customers")]
pub(super) async fn create_customer(
    body: JsonBody,
    call: Call,
    customers: Data<Customers>,
) -> Result<HttpResponse, Problem> {
    let json = Json::parse(&body.0).map_err(not_json)?;
    call.without_query()?;
    let key = call.idempotency_key()?;
    let (consistency, freshness) = customers.reach(&call).await?;
    if key.is_some() && json.member("id").is_some_and(|id| *id != Json::Null) {
        return Err(Problem::malformed_header("Idempotency-Key", "must not be sent together with an id in the body"));
    }
    let NewCustomer { id, profile } = new_customer(&json).map_err(invalid)?;
    let stored = match key {
        Some(key) => create_once(&customers, &key, profile, call.trace()).await?,
        None => {
            let id = id.map_or_else(fresh_id, Ok)?;
            let command = |at: Timestamp| Command::Create { id, profile, at };
            customers.create(command, None, call.trace()).await.map_err(id_taken)?
        }
    };
    let mut response = created(&stored);
    consistency.mark(freshness, &mut response);
    Ok(response.json(&stored.state))
}

/// A create that may be repeated: its id comes from the key, so a repeat finds what the first one made, whatever became
/// of its answer.
async fn create_once(
    customers: &Customers,
    key: &IdempotencyKey,
    profile: Profile,
    trace: TraceContext,
) -> Result<StoredCustomer, Problem> {
    let id = key.derive_id(CustomerAggregate::NAME);
    let request = fingerprint(&serde_json::to_value(&profile).map_err(Problem::internal)?);
    if let Some(stored) = customers.load(&id).await? {
        return repeated(stored, &request);
    }
    let id: CustomerId = id.parse().map_err(|rule: BrokenRule| Problem::internal(rule))?;
    let command = |at: Timestamp| Command::Create { id: id.clone(), profile, at };
    match customers.create(command, Some(request.clone()), trace).await {
        Ok(stored) => Ok(stored),
        // The same request was sent twice at once, and the other one won.
        Err(CommitError::VersionConflict) => match customers.load(id.as_str()).await? {
            Some(stored) => repeated(stored, &request),
            None => Err(id_taken(CommitError::VersionConflict)),
        },
        Err(error) => Err(commit_refused(error)),
    }
}

/// The answer to a repeat: the customer as it is now, if the request is the same.
fn repeated(stored: StoredCustomer, request: &str) -> Result<StoredCustomer, Problem> {
    if let Err(refusal) = living(Some(&stored.state)) {
        return Err(with_token(refused(refusal), Some(&stored)));
    }
    if stored.request.as_deref() == Some(request) { Ok(stored) } else { Err(Problem::idempotency_key_reused()) }
}

fn id_taken(error: CommitError) -> Problem {
    match error {
        CommitError::VersionConflict => refused(Refusal::IdTaken),
        CommitError::KeyTaken { .. }
        | CommitError::TooLarge
        | CommitError::Unavailable { .. }
        | CommitError::OutcomeUnknown { .. } => commit_refused(error),
    }
}

/// A time-ordered id: neighbours in time are neighbours in the index.
pub(super) fn fresh_id() -> Result<CustomerId, Problem> {
    Uuid::now_v7().to_string().parse().map_err(|rule: BrokenRule| Problem::internal(rule))
}
