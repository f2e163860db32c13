//! `GET /orders`: a page of orders, the newest first.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use service_kit::http::call::Call;
use service_kit::http::consistency::Sources;
use service_kit::http::openapi::{ConsistencyParameters, ListProblems, PageParameters};
use service_kit::http::page::{Page, Paging};
use service_kit::http::problem::Problem;
use service_kit::http::query::{Query, instant};
use shared_events::order::OrderStatus;

use super::answer::Order;
use super::orders::Orders;
use crate::customer_copy::id::CustomerId;
use crate::order::view::{Filter, Position};

/// Where the list is.
const PATH: &str = "/orders";

/// List orders
///
/// The newest first, each with its customer as reading it shows them. A page ends with `next`, the
/// cursor of the next one, unless it is the last.
#[utoipa::path(
    tag = "orders",
    params(
        ("customerId" = Option<String>, Query, description = "Of this customer.", nullable = false,
            pattern = r"^([A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*$", min_length = 1, max_length = 64),
        ("status" = Option<OrderStatus>, Query, description = "In this part of its life.", nullable = false),
        ("from" = Option<String>, Query, description = "Placed at this instant or later (RFC 3339, with an offset).",
            nullable = false, format = DateTime),
        ("to" = Option<String>, Query, description = "Placed before this instant, which is not before `from`.",
            nullable = false, format = DateTime),
        PageParameters, ConsistencyParameters,
    ),
    responses(
        (status = 200, description = "A page of orders.", body = Page<Order>, headers(
            ("Link" = String, description = "The next page, as `rel=\"next\"`; absent on the last one."),
        )),
        ListProblems,
    ),
)]
#[get("/orders")]
pub(super) async fn list_orders(
    call: Call,
    orders: Data<Orders>,
    sources: Data<Sources>,
) -> Result<HttpResponse, Problem> {
    let (filter, paging) = read(call.query())?;
    let (consistency, freshness) = sources.reach(&call).await?;
    let page = orders.page(&filter, &paging).await?;
    let mut response = paging.begin(&page);
    consistency.mark(freshness, &mut response);
    Ok(response.json(orders.show(page).await?))
}

/// The first page of a customer's orders, as if it had been asked for: its cursor and its `Link` lead on into the list.
///
/// # Errors
/// None in truth: the id of a customer is a good query.
pub fn of_customer(id: &CustomerId) -> Result<(Filter, Paging<Position>), Problem> {
    read(Query::new(PATH, &format!("customerId={id}")))
}

fn read(mut query: Query) -> Result<(Filter, Paging<Position>), Problem> {
    let customer_id = query.optional("customerId", str::parse::<CustomerId>).map(String::from);
    let status = query.optional("status", status);
    let from = query.optional("from", instant);
    let to = query.optional("to", instant);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        query.refuse("to", "must not be before from");
    }
    Ok((Filter { customer_id, status, from, to }, query.page()?))
}

fn status(text: &str) -> Result<OrderStatus, &'static str> {
    let found = OrderStatus::WORDS.iter().find(|(word, _)| *word == text);
    found.map(|(_, status)| *status).ok_or("must be PLACED, FULFILLED or CANCELLED")
}
