//! The parameters and headers that operations share. An operation names a set: `params(("id" = …), IfMatchParameters)`.
//!
//! Their patterns say what the readers beside accept, so that whatever the document calls valid is not refused.

use utoipa::IntoParams;

/// What a conditional change sends. The example changes whatever the state is.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "described to the document and read elsewhere, by Precondition")]
pub struct IfMatchParameters {
    /// The `ETag` that was read, or `*` for any state. Without it: 428.
    #[param(
        rename = "If-Match",
        required = false,
        pattern = r#"^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$"#,
        max_length = 1000,
        example = "*"
    )]
    if_match: String,
}

/// What a conditional read sends.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "described to the document and read elsewhere, by Precondition")]
pub struct ReadParameters {
    /// The `ETag` of what the client has; when that is still the state, the answer is 304 without a body.
    #[param(
        rename = "If-None-Match",
        nullable = false,
        pattern = r#"^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$"#,
        max_length = 1000
    )]
    if_none_match: Option<String>,
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
    /// One or several tokens from earlier answers, separated by commas: the answer is not older than they say.
    #[param(rename = "Consistency-Token", nullable = false, pattern = "^[A-Za-z0-9_-]+( *, *[A-Za-z0-9_-]+)*$")]
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
    #[param(nullable = false)]
    cursor: Option<String>,
}
