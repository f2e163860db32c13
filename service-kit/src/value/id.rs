//! Ids: chosen by a caller, derived from an `Idempotency-Key`, or made by a service. They stand in paths, record keys and
//! tokens, so their characters need no escaping anywhere.

use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::str::FromStr;

use super::rule::BrokenRule;
use crate::http::body::{Json, Node, Read};

/// As a regular expression, for API documents. `.` and `..` would be swallowed by clients that normalise paths.
pub const PATTERN: &str = r"^([A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*$";

/// The longest id.
pub const MAX_LENGTH: usize = 64;

/// What an id is the id of. Two kinds are two types, and neither is taken for the other.
pub trait IdKind: Clone + fmt::Debug + PartialEq + Eq + Hash + 'static {
    /// Words that mean something else where the id stands in a path.
    const RESERVED: &'static [&'static str] = &[];
}

/// 1 to 64 of `A-Z a-z 0-9 . _ -`, not `.` or `..`, and no word that is reserved.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Id<Of>(String, PhantomData<fn() -> Of>);

impl<Of: IdKind> Id<Of> {
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

impl<Of: IdKind> FromStr for Id<Of> {
    type Err = BrokenRule;

    fn from_str(text: &str) -> Result<Self, BrokenRule> {
        let allowed = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        let dots = matches!(text, "." | "..");
        if !allowed || dots || !(1..=MAX_LENGTH).contains(&text.len()) {
            return Err("must have 1 to 64 characters of A-Z a-z 0-9 . _ - and not be . or ..".into());
        }
        if Of::RESERVED.contains(&text) {
            return Err(format!("must be none of the reserved words {}", Of::RESERVED.join(", ")).into());
        }
        Ok(Self(text.to_owned(), PhantomData))
    }
}

impl<Of> fmt::Display for Id<Of> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<Of> From<Id<Of>> for String {
    fn from(id: Id<Of>) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::body::read;

    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    enum Thing {}

    impl IdKind for Thing {
        const RESERVED: &'static [&'static str] = &["list"];
    }

    #[test]
    fn ids_are_short_and_need_no_escaping() {
        for good in ["1", "a.B_c-9", "...", "-", "lists", &"x".repeat(64)] {
            assert_eq!(good.parse::<Id<Thing>>().unwrap().as_str(), good);
        }
        for bad in ["", ".", "..", "a b", "a/b", "é", "a\n", "'", "$x", "📦", &"x".repeat(65)] {
            assert!(bad.parse::<Id<Thing>>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_reserved_word_is_no_id_of_its_kind() {
        let refused = "list".parse::<Id<Thing>>().unwrap_err();
        assert_eq!(refused.to_string(), "must be none of the reserved words list");
    }

    #[test]
    fn a_whole_number_is_read_as_text() {
        let id = |body: &str| read(&Json::parse(body.as_bytes()).unwrap(), Id::<Thing>::read).map(String::from).ok();
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
