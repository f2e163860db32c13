//! What a problem looks like in JSON, and in the OpenAPI document.

use std::fmt;

use serde::Serialize;
use utoipa::ToSchema;

/// The media type of every refusal.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// One thing that is wrong in a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// Where, as a JSON Pointer (RFC 6901) into the body that was sent; empty for the whole of it.
    #[schema(examples("/contact/email"))]
    pub pointer: String,
    /// What is wrong, without echoing what was sent.
    #[schema(examples("must be an e-mail address"))]
    pub detail: String,
}

impl Fault {
    /// A fault at a place.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

/// Which part of a request, apart from its body. The words are those of OpenAPI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The query string.
    Query,
    /// The path.
    Path,
    /// The header section.
    Header,
}

/// One parameter or header that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ParameterFault {
    /// The part it stands in.
    #[serde(rename = "in")]
    pub part: Part,
    /// Its name.
    #[schema(examples("limit"))]
    pub name: String,
    /// What is wrong.
    #[schema(examples("must be a whole number from 1 to 200"))]
    pub detail: String,
}

impl ParameterFault {
    /// A fault of a parameter; `detail` continues the sentence "limit …".
    pub fn new(part: Part, name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { part, name: name.into(), detail: detail.into() }
    }
}

impl fmt::Display for ParameterFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.part {
            Part::Query => "query parameter",
            Part::Path => "path parameter",
            Part::Header => "header",
        };
        write!(f, "{part} {} {}", self.name, self.detail)
    }
}

/// A problem document (RFC 9457): why a request was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// What kind of problem: a stable URI reference, the thing to decide on.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference", examples("/problems/not-found"))]
    pub type_: String,
    /// The kind in words; the same for every problem of a type.
    #[schema(examples("Not found"))]
    pub title: String,
    /// The HTTP status, repeated.
    #[schema(minimum = 400, maximum = 599, examples(404))]
    pub status: u16,
    /// This case in one sentence, for a person.
    pub detail: String,
    /// The path of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri-reference")]
    pub instance: Option<String>,
    /// The request's id, as in the header `X-Request-Id` and in the log.
    #[serde(rename = "requestId", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub request_id: Option<String>,
    /// Every fault of the body (the first 100).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub errors: Vec<Fault>,
    /// Every parameter and header that cannot be read (the first 100).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub parameters: Vec<ParameterFault>,
}
