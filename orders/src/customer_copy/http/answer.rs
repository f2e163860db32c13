//! What the API says about a customer of the copy.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder};
use serde::Serialize;
use service_kit::http::consistency::TOKEN_HEADER;
use service_kit::http::page::Page;
use service_kit::http::precondition::ETag;
use service_kit::http::problem::Problem;
use service_kit::projection::Projection;
use shared_events::customer::{Address, Contact, Name, Status};
use shared_events::time::Timestamp;
use shared_events::token::ConsistencyToken;
use utoipa::ToSchema;

use crate::customer_copy::projection::CustomerCopies;
use crate::customer_copy::view::CopiedCustomer;

/// A customer as orders knows them. They are changed in accounts, and only there.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Customer {
    /// The customer's id in accounts.
    #[schema(examples("12345"))]
    id: String,
    name: Name,
    contact: Contact,
    /// At most one per type.
    addresses: Vec<Address>,
    /// The version of the customer that this is.
    #[schema(minimum = 1)]
    version: u64,
    status: Status,
    /// When version 1 was made.
    created_at: Timestamp,
    /// When this version was made.
    updated_at: Timestamp,
}

/// A customer as orders knows them, with their orders.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct CustomerWithOrders {
    #[serde(flatten)]
    customer: Customer,
    /// The first page of the customer's orders.
    orders: Page<serde_json::Value>,
}

impl From<CopiedCustomer> for Customer {
    fn from(CopiedCustomer { id, version, view }: CopiedCustomer) -> Self {
        Self {
            id,
            name: view.name,
            contact: view.contact,
            addresses: view.addresses,
            version,
            status: view.status,
            created_at: view.created_at,
            updated_at: view.updated_at,
        }
    }
}

impl From<CopiedCustomer> for CustomerWithOrders {
    fn from(customer: CopiedCustomer) -> Self {
        Self { customer: customer.into(), orders: Page { items: Vec::new(), next: None } }
    }
}

/// The tag of a customer with their orders.
pub(super) fn etag(customer: &CopiedCustomer) -> ETag {
    ETag::of_version(customer.version)
}

/// "This customer, at least at this version".
pub(super) fn token(customer: &CopiedCustomer) -> String {
    ConsistencyToken::new(CustomerCopies::AGGREGATE, &customer.id, customer.version).encode()
}

/// A refusal that is about a known customer says which state it is about.
pub(super) fn with_token(problem: Problem, customer: &CopiedCustomer) -> Problem {
    problem.with_header(TOKEN_HEADER, &token(customer))
}

/// An answer about a customer, without a body yet.
pub(super) fn about(status: StatusCode, customer: &CopiedCustomer) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response.insert_header((TOKEN_HEADER, token(customer)));
    response.insert_header((header::ETAG, etag(customer).to_string()));
    response
}
