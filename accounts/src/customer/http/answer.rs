//! What an answer about one customer looks like: the headers that each carries, in one place.

use actix_web::HttpResponseBuilder;
use actix_web::http::StatusCode;
use actix_web::http::header;
use service_kit::http::entity::Entity;
use service_kit::http::precondition::ETag;
use service_kit::http::problem::Problem;
use service_kit::write_path::Aggregate;

use super::customers::StoredCustomer;
use crate::customer::event::CustomerAggregate;

/// The tag of a customer's version.
pub(super) fn etag(stored: &StoredCustomer) -> ETag {
    ETag::of_version(stored.version)
}

/// The refusal of something about a customer says what is known of it.
pub(super) fn with_token(problem: Problem, stored: Option<&StoredCustomer>) -> Problem {
    match stored {
        Some(stored) => entity(stored).refuse(problem),
        None => problem,
    }
}

/// An answer about a customer, without a body yet.
pub(super) fn about(status: StatusCode, stored: &StoredCustomer) -> HttpResponseBuilder {
    entity(stored).begin(status)
}

/// 201 without a body yet: where the customer is.
pub(super) fn created(stored: &StoredCustomer) -> HttpResponseBuilder {
    let mut response = about(StatusCode::CREATED, stored);
    response.insert_header((header::LOCATION, format!("/accounts/customers/{}", stored.id)));
    response
}

fn entity(stored: &StoredCustomer) -> Entity {
    Entity::new(CustomerAggregate::NAME, &stored.id, stored.version, etag(stored))
}
