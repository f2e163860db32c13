//! An answer about one entity, or the refusal of something about it: which headers each carries, in one place. Part of G7:
//! whoever learns of a state can ask another service for nothing older.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder};
use shared_events::token::ConsistencyToken;

use super::consistency::TOKEN_HEADER;
use super::precondition::ETag;
use super::problem::Problem;

/// One entity in the state that an answer is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    token: String,
    tag: ETag,
}

impl Entity {
    /// This version of it; `tag` stands for what is shown of it.
    pub fn new(aggregate: &str, id: &str, version: u64, tag: ETag) -> Self {
        Self { token: ConsistencyToken::new(aggregate, id, version).encode(), tag }
    }

    /// The tag of what is shown.
    pub fn tag(&self) -> &ETag {
        &self.tag
    }

    /// "This entity, at least at this version".
    pub fn token(&self) -> &str {
        &self.token
    }

    /// An answer with token and tag, without a body yet.
    pub fn begin(&self, status: StatusCode) -> HttpResponseBuilder {
        let mut response = HttpResponse::build(status);
        response.insert_header((TOKEN_HEADER, self.token.as_str()));
        response.insert_header((header::ETAG, self.tag.to_string()));
        response
    }

    /// The refusal says which state it is about.
    pub fn refuse(&self, problem: Problem) -> Problem {
        problem.with_header(TOKEN_HEADER, &self.token)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::ResponseError;

    use super::*;

    #[test]
    fn answers_and_refusals_name_the_state_that_they_are_about() {
        let thing = Entity::new("thing", "t-7", 3, ETag::of_version(3));
        let answer = thing.begin(StatusCode::OK).finish();
        let refusal = thing.refuse(Problem::conflict("no")).error_response();
        let token = ConsistencyToken::new("thing", "t-7", 3).encode();
        for headers in [answer.headers(), refusal.headers()] {
            assert_eq!(headers.get(TOKEN_HEADER).unwrap(), &token);
        }
        assert_eq!(answer.headers().get(header::ETAG).unwrap(), "\"3\"");
    }
}
