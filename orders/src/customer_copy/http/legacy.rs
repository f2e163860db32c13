//! `GET /orders/list` and `GET /orders/order/{customerId}`, for clients of the earlier system. Thin: the same copy, in the
//! shape that those clients know.

use actix_web::http::header::{self, HeaderName};
use actix_web::web::Data;
use actix_web::{HttpResponse, HttpResponseBuilder, get};
use serde::Serialize;
use serde_json::Number;
use service_kit::http::call::Call;
use service_kit::http::consistency::{Sources, TOKEN_HEADER};
use service_kit::http::openapi::{ConsistencyParameters, ListProblems};
use service_kit::http::page::Paging;
use service_kit::http::problem::Problem;
use shared_events::customer::{Address, Contact, Name, Status};
use shared_events::order::OrderLine;
use utoipa::ToSchema;

use super::answer::token;
use super::customers::Customers;
use crate::customer_copy::id::CustomerId;
use crate::customer_copy::view::{CopiedCustomer, Position};
use crate::order::http::Orders;
use crate::order::view::StoredOrder;

/// What the earlier system answered when there was no such customer.
const NOT_FOUND: &str = "Customer not found!";

/// What succeeds the list.
const CUSTOMERS: &str = "/orders/customers";

/// So many customers an answer of the list has at most.
const PAGE: usize = 200;

/// So many orders of a customer an answer has at most.
const NEWEST: i64 = 100;

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
    /// What one costs, in whatever currency it has.
    #[schema(value_type = Option<f64>)]
    price: Option<Number>,
}

impl Customer {
    fn new(CopiedCustomer { id, view, .. }: CopiedCustomer, orders: Vec<StoredOrder>) -> Self {
        let orders = orders.into_iter().map(Order::from).collect();
        Self { id, name: view.name, contact: view.contact, addresses: view.addresses, orders }
    }
}

impl From<StoredOrder> for Order {
    fn from(stored: StoredOrder) -> Self {
        Self { guid: stored.id, order_items: stored.state.items.into_iter().map(OrderItem::from).collect() }
    }
}

impl From<OrderLine> for OrderItem {
    fn from(OrderLine { item_id: guid, title, description, quantity, unit_price }: OrderLine) -> Self {
        // Those clients know numbers, so the nearest one has to do.
        let price = unit_price.and_then(|price| price.amount.parse().ok()).and_then(Number::from_f64);
        Self { product: Product { guid, title, description, price }, quantity }
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
    orders: Data<Orders>,
    sources: Data<Sources>,
) -> Result<HttpResponse, Problem> {
    let answer = list(&call, &customers, &orders, &sources).await;
    answer.map_err(|problem| deprecated_problem(problem, CUSTOMERS))
}

async fn list(call: &Call, customers: &Customers, orders: &Orders, sources: &Sources) -> Result<HttpResponse, Problem> {
    let paging: Paging<Position> = call.query().page_of(PAGE)?;
    let (consistency, freshness) = sources.reach(call).await?;
    let found = customers.living(paging.after.as_ref(), paging.fetch()).await?;
    let page = paging.cut(found, Position::of);
    let mut newest = orders.newest_of(page.items.iter().map(|customer| customer.id.as_str()), NEWEST).await?;
    let mut response = paging.begin(&page);
    deprecated(&mut response, CUSTOMERS);
    consistency.mark(freshness, &mut response);
    let with_orders = |customer: CopiedCustomer| {
        let orders = newest.remove(&customer.id).unwrap_or_default();
        Customer::new(customer, orders)
    };
    Ok(response.json(page.map(with_orders).items))
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
pub(super) async fn get_customer_with_orders(
    call: Call,
    customers: Data<Customers>,
    orders: Data<Orders>,
    sources: Data<Sources>,
) -> Result<HttpResponse, Problem> {
    let answer = read(&call, &customers, &orders, &sources).await;
    answer.map_err(|problem| deprecated_problem(problem, CUSTOMERS))
}

async fn read(call: &Call, customers: &Customers, orders: &Orders, sources: &Sources) -> Result<HttpResponse, Problem> {
    let id: CustomerId = call.parameter("customerId", str::parse)?;
    call.without_query()?;
    let (consistency, freshness) = sources.reach(call).await?;
    let found = customers.find(id.as_str()).await?;
    let token = found.as_ref().map(token);
    let living = match found.filter(|customer| customer.view.status == Status::Active) {
        Some(customer) => Some((orders.newest_of([id.as_str()], NEWEST).await?.remove(id.as_str()), customer)),
        None => None,
    };
    let mut response = if living.is_some() { HttpResponse::Ok() } else { HttpResponse::NotFound() };
    deprecated(&mut response, &format!("{CUSTOMERS}/{}", id.as_str()));
    consistency.mark(freshness, &mut response);
    if let Some(token) = token {
        response.insert_header((TOKEN_HEADER, token));
    }
    Ok(match living {
        Some((orders, customer)) => response.json(Customer::new(customer, orders.unwrap_or_default())),
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
