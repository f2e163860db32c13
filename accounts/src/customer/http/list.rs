//! `GET /accounts/customers`: a page of customers in the order of their creation, and the indexes that make it cheap.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use bson::{Document, doc};
use serde::{Deserialize, Serialize};
use service_kit::http::call::Call;
use service_kit::http::openapi::{ConsistencyParameters, ListProblems, PageParameters};
use service_kit::http::page::{Page, Paging};
use service_kit::http::problem::Problem;
use service_kit::mongo::IndexSpec;
use shared_events::customer::{Customer, Status};

use super::customers::{Customers, StoredCustomer};
use crate::customer::email::{self, comparable};
use crate::customer::event::{EMAIL, FORMER_EMAIL, LAST_NAME, folded};

/// Where an item stands in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Position {
    created_at_ms: i64,
    id: String,
}

/// What the list is filtered by.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Filter {
    status: Status,
    email: Option<String>,
    last_name: Option<String>,
}

/// List customers
///
/// In the order of their creation. A page ends with `next`, the cursor of the next one, unless it is the last.
#[utoipa::path(
    tag = "customers",
    params(
        ("email" = Option<String>, Query, description = "Exactly this address, whatever its case.", nullable = false,
            min_length = 1, max_length = 254),
        ("lastName" = Option<String>, Query, description = "The beginning of the last name, whatever its case.",
            nullable = false, min_length = 1, max_length = 80),
        ("status" = Option<Status>, Query, description = "`ACTIVE` unless said.", nullable = false),
        PageParameters, ConsistencyParameters,
    ),
    responses(
        (status = 200, description = "A page of customers.", body = Page<Customer>, headers(
            ("Link" = String, description = "The next page, as `rel=\"next\"`; absent on the last one."),
        )),
        ListProblems,
    ),
)]
#[get("/accounts/customers")]
pub(super) async fn list_customers(call: Call, customers: Data<Customers>) -> Result<HttpResponse, Problem> {
    let mut query = call.query();
    let filter = Filter {
        email: query.optional("email", text_of_at_most(email::MAX_LENGTH)).map(|email| comparable(&email)),
        last_name: query.optional("lastName", text_of_at_most(80)).map(|name| folded(&name)),
        status: query.optional("status", status).unwrap_or(Status::Active),
    };
    let paging: Paging<Position> = query.page()?;
    let (consistency, freshness) = customers.reach(&call).await?;
    let limit = i64::try_from(paging.fetch()).map_err(Problem::internal)?;
    let documents = filter.documents(paging.after.as_ref());
    let found = customers.store().find(documents, doc! { "createdAt": 1, "_id": 1 }, limit).await;
    let page = paging.cut(found?, Position::of);
    let mut response = paging.begin(&page);
    consistency.mark(freshness, &mut response);
    Ok(response.json(page.map(|stored| stored.state)))
}

/// The indexes that the list and its filters need.
pub fn indexes() -> Vec<IndexSpec> {
    vec![
        IndexSpec::new("list_by_creation", doc! { "status": 1, "createdAt": 1, "_id": 1 }),
        IndexSpec::new("list_by_last_name", doc! { format!("keys.{LAST_NAME}"): 1 }),
        IndexSpec::new("list_by_former_email", doc! { format!("keys.{FORMER_EMAIL}"): 1 }),
    ]
}

impl Filter {
    fn documents(&self, after: Option<&Position>) -> Document {
        let (status, email) = match self.status {
            Status::Active => ("ACTIVE", EMAIL),
            Status::Deleted => ("DELETED", FORMER_EMAIL),
        };
        let mut filter = doc! { "status": status };
        if let Some(address) = &self.email {
            filter.insert(format!("keys.{email}"), address);
        }
        if let Some(beginning) = &self.last_name {
            // Texts with a beginning are a range of the index; the last character there is ends it.
            let end = format!("{beginning}\u{10ffff}");
            filter.insert(format!("keys.{LAST_NAME}"), doc! { "$gte": beginning, "$lt": end });
        }
        if let Some(Position { created_at_ms, id }) = after {
            let at = bson::DateTime::from_millis(*created_at_ms);
            filter.insert("$or", [doc! { "createdAt": { "$gt": at } }, doc! { "createdAt": at, "_id": { "$gt": id } }]);
        }
        filter
    }
}

impl Position {
    fn of(stored: &StoredCustomer) -> Self {
        Self { created_at_ms: stored.state.created_at.millis(), id: stored.id.clone() }
    }
}

fn status(text: &str) -> Result<Status, &'static str> {
    match text {
        "ACTIVE" => Ok(Status::Active),
        "DELETED" => Ok(Status::Deleted),
        _ => Err("must be ACTIVE or DELETED"),
    }
}

fn text_of_at_most(most: usize) -> impl FnOnce(&str) -> Result<String, String> {
    move |text| {
        let length = text.chars().count();
        if (1..=most).contains(&length) {
            Ok(text.to_owned())
        } else {
            Err(format!("must have 1 to {most} characters"))
        }
    }
}
