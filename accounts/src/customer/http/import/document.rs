//! How the API document describes the lines. JSON Schema has no word for several JSON texts in a row, and what is wrong
//! with a line makes no wrong request: so the schema of a stream demands nothing, and the components that its lines are
//! made of are named in it and described beside it. It does not say `contentMediaType`, which its media type says
//! already: Swagger UI would ask for a file instead of showing the example.

use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::answer::{ImportResult, ImportSummary};
use crate::customer::http::document::NewCustomer;

/// What is sent.
#[derive(Debug)]
pub(super) struct CustomerLines;

/// What is answered.
#[derive(Debug)]
pub(super) struct ImportLines;

impl PartialSchema for CustomerLines {
    fn schema() -> RefOr<Schema> {
        lines("Each line is a `NewCustomer`.")
    }
}

impl PartialSchema for ImportLines {
    fn schema() -> RefOr<Schema> {
        lines("Each line is an `ImportResult`, the last one an `ImportSummary`.")
    }
}

impl ToSchema for CustomerLines {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        add::<NewCustomer>(schemas);
    }
}

impl ToSchema for ImportLines {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        add::<ImportResult>(schemas);
        add::<ImportSummary>(schemas);
    }
}

fn lines(about: &str) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(SchemaType::AnyValue).description(Some(about)).build().into()
}

fn add<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

/// What the example of the request is answered with on a fresh stack, but for the ids.
pub(super) const EXAMPLE: &str = r#"{"line":1,"status":"created","id":"0198c5a2-6c1e-7d0a-8a53-1f7f2a2f0c11","version":1}
{"line":2,"status":"created","id":"0198c5a2-6c1e-7d0a-8a53-1f7f2a2f0c12","version":1}
{"summary":{"lines":2,"created":2,"unchanged":0,"conflict":0,"invalid":0}}
"#;
