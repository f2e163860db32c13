//! `POST /orders`.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use service_kit::http::body::Json;
use service_kit::http::call::Call;
use service_kit::http::consistency::Sources;
use service_kit::http::idempotency::{IdempotencyKey, fingerprint};
use service_kit::http::openapi::{ConsistencyParameters, IdempotencyParameters, LastingCreateProblems};
use service_kit::http::payload::JsonBody;
use service_kit::http::problem::Problem;
use service_kit::value::BrokenRule;
use service_kit::write_path::Aggregate;
use uuid::Uuid;

use super::answer::Order;
use super::document;
use super::orders::{Orders, Placed};
use super::refusal::refused;
use crate::order::body::{NewOrder, new_order};
use crate::order::event::OrderAggregate;
use crate::order::id::OrderId;
use crate::order::state::Refusal;

/// The id of an order that is to be placed, and whose choice it was.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) id: OrderId,
    by: By,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Caller,
    Key,
    Service,
}

/// Place an order
///
/// For a customer that this service knows from accounts; a `Consistency-Token` of the customer is waited for. While it is
/// `PLACED` the order ships to wherever the customer lives by then. The same request may be repeated: with the same `id`,
/// or with an `Idempotency-Key` (and then without `id`), it is answered with the order that the first one placed, as it
/// is now.
#[utoipa::path(
    tag = "orders",
    params(IdempotencyParameters, ConsistencyParameters),
    request_body(content = document::NewOrder, example = json!(document::examples::new_order())),
    responses(
        (status = 201, description = "The order was placed.", body = Order, headers(
            ("Location" = String, description = "Where the order is."),
            ("ETag" = String, description = "For `If-Match` and `If-None-Match`."),
            ("Consistency-Token" = String, description = "Carry it to a later request, which then knows this order."),
        )),
        (status = 200, description = "It was placed before, by the same request with this `id`.", body = Order, headers(
            ("Location" = String, description = "Where the order is."),
            ("ETag" = String, description = "For `If-Match` and `If-None-Match`."),
            ("Consistency-Token" = String, description = "Carry it to a later request, which then knows this order."),
        )),
        LastingCreateProblems,
    ),
)]
#[post("/orders")]
pub(super) async fn place_order(
    body: JsonBody,
    call: Call,
    orders: Data<Orders>,
    sources: Data<Sources>,
) -> Result<HttpResponse, Problem> {
    let json = body.parse()?;
    call.without_query()?;
    let key = call.idempotency_key()?;
    if key.is_some() && json.member("id").is_some_and(|id| *id != Json::Null) {
        return Err(Problem::malformed_header("Idempotency-Key", "must not be sent together with an id in the body"));
    }
    let (consistency, freshness) = sources.reach(&call).await?;
    let NewOrder { id, draft } = new_order(&json, orders.placed_at()).map_err(Problem::invalid)?;
    let identity = Identity::new(id, key.as_ref())?;
    let request = fingerprint(&serde_json::to_value(&draft).map_err(Problem::internal)?);
    let (status, shown) = match orders.place(&identity, &draft, &request, call.trace()).await? {
        Placed::New(shown) => (StatusCode::CREATED, shown),
        Placed::Repeated(shown) => (identity.status_of_a_repeat(), shown),
    };
    let mut response = shown.entity().begin(status);
    response.insert_header((header::LOCATION, format!("/orders/{}", identity.id)));
    consistency.mark(freshness, &mut response);
    Ok(response.json(Order::from(shown)))
}

impl Identity {
    fn new(chosen: Option<OrderId>, key: Option<&IdempotencyKey>) -> Result<Self, Problem> {
        let made = |id: String| id.parse().map_err(|rule: BrokenRule| Problem::internal(rule));
        Ok(match (chosen, key) {
            (Some(id), _) => Self { id, by: By::Caller },
            (None, Some(key)) => Self { id: made(key.derive_id(OrderAggregate::NAME))?, by: By::Key },
            // Time-ordered: neighbours in time are neighbours in the index.
            (None, None) => Self { id: made(Uuid::now_v7().to_string())?, by: By::Service },
        })
    }

    /// Whether an order with this id may be there already.
    pub(super) fn may_exist(&self) -> bool {
        match self.by {
            By::Caller | By::Key => true,
            By::Service => false,
        }
    }

    /// What to say when the order that is there was placed by another request.
    pub(super) fn taken(&self) -> Problem {
        match self.by {
            By::Key => Problem::idempotency_key_reused(),
            By::Caller | By::Service => refused(Refusal::IdTaken, ""),
        }
    }

    /// A repeat with a key is answered as the first one was (D9); one with an id learns that it is a repeat.
    fn status_of_a_repeat(&self) -> StatusCode {
        match self.by {
            By::Key => StatusCode::CREATED,
            By::Caller | By::Service => StatusCode::OK,
        }
    }
}
