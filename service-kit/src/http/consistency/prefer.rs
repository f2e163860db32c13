//! `Prefer` (RFC 7240): `wait=N` and `handling=lenient`. Whatever is unknown or malformed is ignored, because a
//! preference is a wish and never a reason to refuse.

use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName};

use super::super::header::combined;

/// So long a request with a token waits unless it says otherwise.
pub const DEFAULT_WAIT: Duration = Duration::from_secs(2);

/// So long at most.
pub const MAX_WAIT: Duration = Duration::from_secs(30);

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// The preferences this system knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Preferences {
    /// `wait=N` in seconds, capped.
    pub(super) wait: Option<Duration>,
    /// `handling=lenient`.
    pub(super) lenient: bool,
}

pub(super) fn read(headers: &HeaderMap) -> Preferences {
    let Ok(Some(text)) = combined(headers, &PREFER) else { return Preferences::default() };
    Preferences {
        wait: first(&text, "wait").and_then(|value| seconds(&value)),
        lenient: first(&text, "handling").is_some_and(|value| value.eq_ignore_ascii_case("lenient")),
    }
}

/// The value of a preference; of several with the same name only the first counts (RFC 7240, section 2).
fn first(text: &str, name: &str) -> Option<String> {
    split_unquoted(text, ',').into_iter().find_map(|preference| {
        // Parameters after a semicolon belong to the preference; none of ours has any.
        let preference = split_unquoted(preference, ';').into_iter().next()?;
        let (given, value) = preference.split_once('=')?;
        let value = value.trim().trim_matches('"').to_owned();
        given.trim().eq_ignore_ascii_case(name).then_some(value)
    })
}

fn seconds(text: &str) -> Option<Duration> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // So many digits that they are no u64 still say "long".
    plain.then(|| text.parse().map_or(MAX_WAIT, Duration::from_secs).min(MAX_WAIT))
}

/// Splits where the separator is not inside double quotes.
fn split_unquoted(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    text.split(|character| {
        quoted ^= character == '"';
        !quoted && character == separator
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn sent(text: &str) -> Preferences {
        let mut headers = HeaderMap::new();
        headers.append(PREFER, HeaderValue::from_str(text).unwrap());
        read(&headers)
    }

    #[test]
    fn wishes_are_understood_and_the_rest_is_ignored() {
        let cases = [
            ("wait=5", Some(5), false),
            ("Wait = 5; x=y, HANDLING=Lenient", Some(5), true),
            ("wait=\"7\", wait=9", Some(7), false),
            ("foo=\"a, wait=3\", wait=4", Some(4), false),
            ("wait=0", Some(0), false),
            ("wait=99999999999999999999999", Some(30), false),
            ("handling=strict, handling=lenient", None, false),
            ("respond-async, wait", None, false),
            ("wait=-1", None, false),
            ("wait=1.5", None, false),
            ("wait=, handling=", None, false),
        ];
        for (text, wait, lenient) in cases {
            let expected = Preferences { wait: wait.map(Duration::from_secs), lenient };
            assert_eq!(sent(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_wish_is_too_odd_to_be_ignored(text in "[ -~]{0,60}") {
            sent(&text);
        }
    }
}
