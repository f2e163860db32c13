//! The customer's id: chosen by the caller, derived from an `Idempotency-Key`, or made by the service. It stands in
//! paths, record keys and tokens, so its characters need no escaping anywhere.

use std::fmt;
use std::str::FromStr;

use service_kit::http::body::{Json, Node, Read};

use super::rule::BrokenRule;

/// As a regular expression, for the API document. `.` and `..` would be swallowed by clients that normalise paths.
pub const PATTERN: &str = r"^([A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*$";

/// The longest id.
pub const MAX_LENGTH: usize = 64;

/// 1 to 64 of `A-Z a-z 0-9 . _ -`, not `.` or `..`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CustomerId(String);

impl CustomerId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads the member of a body: a string, or a whole number from 0 to 2^63-1, which is read as its text.
    ///
    /// # Errors
    /// Reported when it is something else.
    pub fn read(node: Node<'_>) -> Read<Self> {
        let text = match node.json() {
            Json::Text(text) => text.clone(),
            Json::Number(_) => match node.json().whole_number().filter(|number| i64::try_from(*number).is_ok()) {
                Some(number) => number.to_string(),
                None => return Err(node.refuse("must be a whole number from 0 to 2^63-1, or a string")),
            },
            Json::Null | Json::Bool(_) | Json::List(_) | Json::Object(_) => {
                return Err(node.refuse("must be a string or a whole number"));
            }
        };
        text.parse().map_err(|rule: BrokenRule| node.refuse(rule.to_string()))
    }
}

impl FromStr for CustomerId {
    type Err = BrokenRule;

    fn from_str(text: &str) -> Result<Self, BrokenRule> {
        let allowed = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        let dots = matches!(text, "." | "..");
        if allowed && !dots && (1..=MAX_LENGTH).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must have 1 to 64 characters of A-Z a-z 0-9 . _ - and not be . or ..".into())
        }
    }
}

impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<CustomerId> for String {
    fn from(id: CustomerId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use service_kit::http::body::read;

    use super::*;

    #[test]
    fn ids_are_short_and_need_no_escaping() {
        for good in ["1", "a.B_c-9", "...", "-", &"x".repeat(64)] {
            assert_eq!(good.parse::<CustomerId>().unwrap().as_str(), good);
        }
        for bad in ["", ".", "..", "a b", "a/b", "é", "a\n", &"x".repeat(65)] {
            assert!(bad.parse::<CustomerId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_whole_number_is_read_as_text() {
        let id = |body: &str| read(&Json::parse(body.as_bytes()).unwrap(), CustomerId::read).map(String::from).ok();
        assert_eq!(id("12345").as_deref(), Some("12345"));
        assert_eq!(id("0").as_deref(), Some("0"));
        assert_eq!(id("7.0").as_deref(), Some("7"));
        assert_eq!(id("9223372036854775807").as_deref(), Some("9223372036854775807"));
        assert_eq!(id("\"12345\"").as_deref(), Some("12345"));
        for bad in ["-1", "1.5", "9223372036854775808", "true", "[]"] {
            assert_eq!(id(bad), None, "{bad}");
        }
    }
}
