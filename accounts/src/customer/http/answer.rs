//! What an answer about one customer looks like: the headers that each carries, in one place.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder};
use service_kit::http::consistency::TOKEN_HEADER;
use service_kit::http::precondition::ETag;
use service_kit::http::problem::Problem;
use service_kit::write_path::Aggregate;
use shared_events::token::ConsistencyToken;

use super::customers::StoredCustomer;
use crate::customer::event::CustomerAggregate;

/// The tag of a customer's version.
pub(super) fn etag(stored: &StoredCustomer) -> ETag {
    ETag::of_version(stored.version)
}

/// "This customer, at least at this version", for the other service.
pub(super) fn token(stored: &StoredCustomer) -> String {
    ConsistencyToken::new(CustomerAggregate::NAME, &stored.id, stored.version).encode()
}

/// The refusal of something about a customer says what is known of it.
pub(super) fn with_token(problem: Problem, stored: Option<&StoredCustomer>) -> Problem {
    match stored {
        Some(stored) => problem.with_header(TOKEN_HEADER, &token(stored)),
        None => problem,
    }
}

/// An answer about a customer, without a body yet.
pub(super) fn about(status: StatusCode, stored: &StoredCustomer) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response.insert_header((TOKEN_HEADER, token(stored)));
    response.insert_header((header::ETAG, etag(stored).to_string()));
    response
}

/// 201 without a body yet: where the customer is.
pub(super) fn created(stored: &StoredCustomer) -> HttpResponseBuilder {
    let mut response = about(StatusCode::CREATED, stored);
    response.insert_header((header::LOCATION, format!("/accounts/customers/{}", stored.id)));
    response
}
