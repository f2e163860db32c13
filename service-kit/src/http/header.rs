//! Reading request headers: several lines of one name are one list (RFC 9110, section 5.3), and a value that is not
//! visible ASCII is refused where it would be used, never guessed at.

use actix_web::http::header::{HeaderMap, HeaderName};

use super::problem::Problem;

/// All lines of a header, joined by commas; `None` when there is none.
///
/// # Errors
/// 400 when a line has bytes outside visible ASCII, spaces and tabs.
pub fn combined(headers: &HeaderMap, name: &HeaderName) -> Result<Option<String>, Problem> {
    let mut lines = Vec::new();
    for value in headers.get_all(name) {
        let text = value.to_str().map_err(|_| Problem::malformed_header(name.as_str(), "must be visible ASCII"))?;
        lines.push(text);
    }
    Ok((!lines.is_empty()).then(|| lines.join(", ")))
}

/// A header that may stand in a request once.
///
/// # Errors
/// 400 when it stands there more often, or has bytes outside visible ASCII, spaces and tabs.
pub fn single(headers: &HeaderMap, name: &HeaderName) -> Result<Option<String>, Problem> {
    if headers.get_all(name).count() > 1 {
        return Err(Problem::malformed_header(name.as_str(), "must be given once"));
    }
    combined(headers, name)
}
