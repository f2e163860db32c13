//! The parameters and headers that operations share. An operation names a set: `params(("id" = …), IfMatchParameters)`.
//!
//! Their patterns say what the readers accept. A cursor and a token are opaque: their formats say only that they come
//! from an earlier answer.

use serde_json::json;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema, Type};

/// What a change sends that is refused without a condition. The example changes whatever the state is.
#[derive(Clone, Copy, Debug)]
pub struct IfMatchParameters;

/// What a change may send whose condition is optional.
#[derive(Clone, Copy, Debug)]
pub struct OptionalIfMatchParameters;

/// What a conditional read may send.
#[derive(Clone, Copy, Debug)]
pub struct ReadParameters;

impl IntoParams for IfMatchParameters {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let what = "The `ETag` that was read, or `*` for any state. Without it: 428.";
        vec![tags("If-Match", what).required(Required::True).example(Some(json!("*"))).build()]
    }
}

impl IntoParams for OptionalIfMatchParameters {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![tags("If-Match", "The `ETag` that was read, or `*` for any state.").build()]
    }
}

impl IntoParams for ReadParameters {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let what = "The `ETag` of what the client has; when that is still the state, the answer is 304 without a body.";
        vec![tags("If-None-Match", what).build()]
    }
}

/// A header with entity tags in double quotes, or `*`. Its schema has two alternatives rather than one pattern, which the
/// derive cannot say: fuzzers do not find `*` in a pattern. Swagger UI makes a field of the first, so that comes first.
fn tags(name: &str, what: &str) -> ParameterBuilder {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let any = text().enum_values(Some(["*"])).build();
    let list = text().pattern(Some(r#"^(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*$"#)).build();
    let schema = AnyOfBuilder::new().schema_type(Type::String).item(list).item(any).build();
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(what))
        .schema(Some(Schema::from(schema)))
}

/// What a create that may be repeated sends.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "described to the document and read elsewhere, by IdempotencyKey")]
pub struct IdempotencyParameters {
    /// 1 to 255 visible ASCII characters. A repeat with the same key and body finds what the first one created.
    #[param(rename = "Idempotency-Key", nullable = false, pattern = "^[!-~]+$", min_length = 1, max_length = 255)]
    idempotency_key: Option<String>,
}

/// What a read that must not be older than a write sends.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "described to the document and read elsewhere, by Consistency")]
pub struct ConsistencyParameters {
    /// Up to 20 tokens from earlier answers, separated by commas: the answer is not older than they say.
    #[param(rename = "Consistency-Token", nullable = false, format = "consistency-token")]
    consistency_token: Option<String>,
    /// `wait=N`: seconds to wait for that state (2 unless said, at most 30). `handling=lenient`: then answer with what
    /// there is (`Consistency: stale`) instead of 503.
    #[param(rename = "Prefer", nullable = false)]
    prefer: Option<String>,
}

/// What a list takes besides its filters.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "described to the document and read elsewhere, by Query")]
pub struct PageParameters {
    /// So many items at most.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// Where the page starts: `next` of the page before, with the same filters.
    #[param(nullable = false, format = "cursor")]
    cursor: Option<String>,
}
