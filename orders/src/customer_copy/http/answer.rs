//! What the API says about a customer of the copy.

use serde::Serialize;
use service_kit::http::consistency::TOKEN_HEADER;
use service_kit::http::entity::Entity;
use service_kit::http::idempotency::fingerprint;
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
use crate::order;
use crate::order::http::answer::{Order, Shown};
use crate::order::view::StoredOrder;

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
    orders: Page<Order>,
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

impl CustomerWithOrders {
    /// A customer with a page of their orders, each as reading it would show it.
    pub(super) fn new(customer: CopiedCustomer, orders: Page<StoredOrder>) -> Self {
        let current = order::customer::Customer::from(customer.clone());
        let orders = orders.map(|stored| Order::from(Shown::with(stored, &current)));
        Self { customer: customer.into(), orders }
    }

    /// What the headers of an answer say. What the orders say of the customer, the customer's version tells; all else of
    /// them is in the digest.
    ///
    /// # Errors
    /// A defect: the orders cannot be written as JSON.
    pub(super) fn entity(&self) -> Result<Entity, Problem> {
        let Self { customer: Customer { id, version, .. }, orders } = self;
        let tag = if orders.items.is_empty() {
            ETag::of_version(*version)
        } else {
            let digest = fingerprint(&serde_json::to_value(orders).map_err(Problem::internal)?);
            ETag::of_version_and(*version, &digest)
        };
        Ok(Entity::new(CustomerCopies::AGGREGATE, id, *version, tag))
    }
}

/// "This customer, at least at this version".
pub(super) fn token(customer: &CopiedCustomer) -> String {
    ConsistencyToken::new(CustomerCopies::AGGREGATE, &customer.id, customer.version).encode()
}

/// A refusal that is about a known customer says which state it is about.
pub(super) fn with_token(problem: Problem, customer: &CopiedCustomer) -> Problem {
    problem.with_header(TOKEN_HEADER, &token(customer))
}
