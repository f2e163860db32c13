//! `GET /orders/list` and `GET /orders/order/{customerId}`, for clients of the earlier system. Thin: the same copy, in the
//! shape that those clients know.

use actix_web::http::header::{self, HeaderName};
use actix_web::web::Data;
use actix_web::{HttpResponse, HttpResponseBuilder, get};
use serde::Serialize;
use service_kit::http::call::Call;
use service_kit::http::consistency::TOKEN_HEADER;
use service_kit::http::openapi::{ConsistencyParameters, ListProblems};
use service_kit::http::page::Paging;
use service_kit::http::problem::Problem;
use shared_events::customer::{Address, Contact, Name, Status};
use utoipa::ToSchema;

use super::answer::token;
use super::customers::Customers;
use crate::customer_copy::id::CustomerId;
use crate::customer_copy::view::{CopiedCustomer, Position};

/// What the earlier system answered when there was no such customer.
const NOT_FOUND: &str = "Customer not found!";

/// What succeeds the list.
const CUSTOMERS: &str = "/orders/customers";

/// So many customers an answer of the list has at most.
const PAGE: usize = 200;

/// RFC 9745: since when, in seconds (2026-11-21).
const DEPRECATION: (HeaderName, &str) = (HeaderName::from_static("deprecation"), "@1795219200");

/// A customer with orders, as the earlier system showed them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LegacyCustomer)]
struct Customer {
    #[schema(examples("12345"))]
    id: String,
    name: Name,
    contact: Contact,
    addresses: Vec<Address>,
    /// The newest 100.
    #[schema(max_items = 100)]
    orders: Vec<Order>,
}

/// An order, as the earlier system showed it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LegacyOrder)]
struct Order {
    /// The order's id.
    guid: String,
    order_items: Vec<OrderItem>,
}

/// A line of an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LegacyOrderItem)]
struct OrderItem {
    product: Product,
    quantity: u32,
}

/// What was ordered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LegacyProduct)]
struct Product {
    /// The item's id.
    guid: String,
    title: Option<String>,
    description: Option<String>,
    #[schema(value_type = Option<f64>)]
    price: Option<serde_json::Number>,
}

impl From<CopiedCustomer> for Customer {
    fn from(CopiedCustomer { id, view, .. }: CopiedCustomer) -> Self {
        Self { id, name: view.name, contact: view.contact, addresses: view.addresses, orders: Vec::new() }
    }
}

/// List customers with their orders
///
/// For clients of the earlier system; `GET /orders/customers` succeeds it.
#[utoipa::path(
    tag = "earlier system",
    params(
        ("cursor" = Option<String>, Query, description = "Where the answer starts: as in the `Link` of the answer before.",
            nullable = false),
        ConsistencyParameters,
    ),
    responses(
        (status = 200, description = "The first 200, in the order of their creation.", body = Vec<Customer>, headers(
            ("Deprecation" = String, description = "Since when (RFC 9745)."),
            ("Link" = String, description = "The next 200, as `rel=\"next\"`, and the operation that succeeds this one."),
        )),
        ListProblems,
    ),
)]
#[deprecated = "it is for clients of the earlier system"]
#[get("/orders/list")]
pub(super) async fn list_customers_with_orders(
    call: Call,
    customers: Data<Customers>,
) -> Result<HttpResponse, Problem> {
    list(&call, &customers).await.map_err(|problem| deprecated_problem(problem, CUSTOMERS))
}

async fn list(call: &Call, customers: &Customers) -> Result<HttpResponse, Problem> {
    let paging: Paging<Position> = call.query().page_of(PAGE)?;
    let (consistency, freshness) = customers.reach(call).await?;
    let found = customers.living(paging.after.as_ref(), paging.fetch()).await?;
    let page = paging.cut(found, Position::of);
    let mut response = paging.begin(&page);
    deprecated(&mut response, CUSTOMERS);
    consistency.mark(freshness, &mut response);
    Ok(response.json(page.map(Customer::from).items))
}

/// Read a customer with their orders
///
/// For clients of the earlier system; `GET /orders/customers/{id}` succeeds it.
#[utoipa::path(
    tag = "earlier system",
    params(
        ("customerId" = String, Path, description = "The customer's id.", pattern = r"^([A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*$",
            min_length = 1, max_length = 64, example = "12345"),
        ConsistencyParameters,
    ),
    responses(
        (status = 200, description = "The customer with the newest 100 orders.", body = Customer, headers(
            ("Consistency-Token" = String, description = "The state that this is."),
            ("Deprecation" = String, description = "Since when (RFC 9745)."),
            ("Link" = String, description = "The operation that succeeds this one."),
        )),
        (status = 404, description = "There is no such customer, or not any more.", body = String,
            content_type = "text/plain", headers(
                ("Deprecation" = String, description = "Since when (RFC 9745)."),
                ("Link" = String, description = "The operation that succeeds this one."),
            ), example = json!(NOT_FOUND)),
        ListProblems,
    ),
)]
#[deprecated = "it is for clients of the earlier system"]
#[get("/orders/order/{customerId}")]
pub(super) async fn get_customer_with_orders(call: Call, customers: Data<Customers>) -> Result<HttpResponse, Problem> {
    read(&call, &customers).await.map_err(|problem| deprecated_problem(problem, CUSTOMERS))
}

async fn read(call: &Call, customers: &Customers) -> Result<HttpResponse, Problem> {
    let id: CustomerId = call.parameter("customerId", str::parse)?;
    call.without_query()?;
    let (consistency, freshness) = customers.reach(call).await?;
    let found = customers.find(id.as_str()).await?;
    let token = found.as_ref().map(token);
    let living = found.filter(|customer| customer.view.status == Status::Active);
    let mut response = if living.is_some() { HttpResponse::Ok() } else { HttpResponse::NotFound() };
    deprecated(&mut response, &format!("{CUSTOMERS}/{}", id.as_str()));
    consistency.mark(freshness, &mut response);
    if let Some(token) = token {
        response.insert_header((TOKEN_HEADER, token));
    }
    Ok(match living {
        Some(customer) => response.json(Customer::from(customer)),
        None => response.content_type("text/plain; charset=utf-8").body(NOT_FOUND),
    })
}

fn deprecated(response: &mut HttpResponseBuilder, successor: &str) {
    response.insert_header(DEPRECATION);
    response.append_header((header::LINK, link(successor)));
}

fn deprecated_problem(problem: Problem, successor: &str) -> Problem {
    problem.with_header(DEPRECATION.0, DEPRECATION.1).with_header(header::LINK, &link(successor))
}

fn link(successor: &str) -> String {
    format!("<{successor}>; rel=\"successor-version\"")
}
