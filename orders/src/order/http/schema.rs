//! `GET /schemas/order/v1.json`: what `ce_dataschema` of the events points at.

use actix_web::{HttpResponse, get};
use service_kit::http::call::Call;
use service_kit::http::openapi::PlainProblems;
use service_kit::http::problem::Problem;

/// Read the JSON Schema of the order's events
///
/// What the attribute `dataschema` of the events on `orders.order.change` points at.
#[utoipa::path(
    tag = "events",
    responses(
        (status = 200, description = "A JSON Schema 2020-12.", body = Object, content_type = "application/schema+json"),
        PlainProblems,
    ),
)]
#[get("/schemas/order/v1.json")]
pub(super) async fn order_schema(call: Call) -> Result<HttpResponse, Problem> {
    call.without_query()?;
    Ok(HttpResponse::Ok().content_type("application/schema+json").body(shared_events::schema::order().to_string()))
}
