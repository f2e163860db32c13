//! The table of reasons: slug, title and status of each. Slugs are part of the API: they never change, and
//! `docs/problems.md` has a section for each (a test in this file compares the two).

use actix_web::http::StatusCode;

/// Why a request was refused. A client decides on the `type`, which is made of the slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 400, `malformed-request`.
    Malformed,
    /// 401, `unauthenticated`.
    Unauthenticated,
    /// 403, `forbidden`.
    Forbidden,
    /// 404, `not-found`.
    NotFound,
    /// 405, `method-not-allowed`.
    MethodNotAllowed,
    /// 408, `request-timeout`.
    RequestTimeout,
    /// 409, `conflict`.
    Conflict,
    /// 410, `gone`.
    Gone,
    /// 412, `precondition-failed`.
    PreconditionFailed,
    /// 413, `content-too-large`.
    ContentTooLarge,
    /// 415, `unsupported-media-type`.
    UnsupportedMediaType,
    /// 422, `invalid-content`.
    Invalid,
    /// 422, `idempotency-key-reused`.
    KeyReused,
    /// 428, `precondition-required`.
    PreconditionRequired,
    /// 429, `too-many-requests`.
    TooManyRequests,
    /// 500, `internal`.
    Internal,
    /// 503, `unavailable`.
    Unavailable,
    /// 503, `outcome-unknown`.
    OutcomeUnknown,
    /// 503, `not-yet-consistent`.
    NotYetConsistent,
}

impl Kind {
    /// Every kind, by status.
    pub const ALL: [Self; 19] = [
        Self::Malformed,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::RequestTimeout,
        Self::Conflict,
        Self::Gone,
        Self::PreconditionFailed,
        Self::ContentTooLarge,
        Self::UnsupportedMediaType,
        Self::Invalid,
        Self::KeyReused,
        Self::PreconditionRequired,
        Self::TooManyRequests,
        Self::Internal,
        Self::Unavailable,
        Self::OutcomeUnknown,
        Self::NotYetConsistent,
    ];

    /// The stable name.
    pub fn slug(self) -> &'static str {
        self.row().0
    }

    /// The same for every problem of this kind.
    pub fn title(self) -> &'static str {
        self.row().1
    }

    /// The status of its answers.
    pub fn status(self) -> StatusCode {
        self.row().2
    }

    /// The `type` member: a URI reference that stays the same whatever host or version answers. It identifies and is
    /// not served; what it means is in `docs/problems.md`.
    pub fn type_reference(self) -> String {
        format!("/problems/{}", self.slug())
    }

    /// The kind that stands for a status set by somebody else (the web framework).
    pub fn of_status(status: StatusCode) -> Self {
        let same = Self::ALL.into_iter().find(|kind| kind.status() == status);
        let fallback = if status.is_client_error() { Self::Malformed } else { Self::Internal };
        same.unwrap_or(fallback)
    }

    fn row(self) -> (&'static str, &'static str, StatusCode) {
        match self {
            Self::Malformed => ("malformed-request", "Malformed request", StatusCode::BAD_REQUEST),
            Self::Unauthenticated => ("unauthenticated", "Unauthenticated", StatusCode::UNAUTHORIZED),
            Self::Forbidden => ("forbidden", "Forbidden", StatusCode::FORBIDDEN),
            Self::NotFound => ("not-found", "Not found", StatusCode::NOT_FOUND),
            Self::MethodNotAllowed => ("method-not-allowed", "Method not allowed", StatusCode::METHOD_NOT_ALLOWED),
            Self::RequestTimeout => ("request-timeout", "Request timeout", StatusCode::REQUEST_TIMEOUT),
            Self::Conflict => ("conflict", "Conflict", StatusCode::CONFLICT),
            Self::Gone => ("gone", "Gone", StatusCode::GONE),
            Self::PreconditionFailed => ("precondition-failed", "Precondition failed", StatusCode::PRECONDITION_FAILED),
            Self::ContentTooLarge => ("content-too-large", "Content too large", StatusCode::PAYLOAD_TOO_LARGE),
            Self::UnsupportedMediaType => {
                ("unsupported-media-type", "Unsupported media type", StatusCode::UNSUPPORTED_MEDIA_TYPE)
            }
            Self::Invalid => ("invalid-content", "Invalid content", StatusCode::UNPROCESSABLE_ENTITY),
            Self::KeyReused => ("idempotency-key-reused", "Idempotency key reused", StatusCode::UNPROCESSABLE_ENTITY),
            Self::PreconditionRequired => {
                ("precondition-required", "Precondition required", StatusCode::PRECONDITION_REQUIRED)
            }
            Self::TooManyRequests => ("too-many-requests", "Too many requests", StatusCode::TOO_MANY_REQUESTS),
            Self::Internal => ("internal", "Internal error", StatusCode::INTERNAL_SERVER_ERROR),
            Self::Unavailable => ("unavailable", "Unavailable", StatusCode::SERVICE_UNAVAILABLE),
            Self::OutcomeUnknown => ("outcome-unknown", "Outcome unknown", StatusCode::SERVICE_UNAVAILABLE),
            Self::NotYetConsistent => ("not-yet-consistent", "Not yet consistent", StatusCode::SERVICE_UNAVAILABLE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_for_users_lists_exactly_these_kinds() {
        let page = include_str!("../../../../docs/problems.md");
        let listed: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        let known: Vec<_> =
            Kind::ALL.iter().map(|kind| format!("{} — {}", kind.slug(), kind.status().as_u16())).collect();
        assert_eq!(listed, known);
    }

    #[test]
    fn a_status_of_the_framework_becomes_the_first_kind_with_it() {
        assert_eq!(Kind::of_status(StatusCode::SERVICE_UNAVAILABLE), Kind::Unavailable);
        assert_eq!(Kind::of_status(StatusCode::IM_A_TEAPOT), Kind::Malformed);
        assert_eq!(Kind::of_status(StatusCode::BAD_GATEWAY), Kind::Internal);
    }
}
