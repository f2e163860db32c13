//! A JSON text as it was sent: the order of members and repeated names are kept, numbers are not rounded to floats
//! when they are whole.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

/// How deeply lists and objects may be nested. Reading and dropping a tree recurse, so the depth is bounded (RFC 8259,
/// section 9, allows it); no body of ours needs more than five.
pub const MAX_DEPTH: usize = 32;

/// 2^53: up to here every whole number is a float of its own.
const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;

/// A JSON value. `Debug` shows its shape and never its content: the content may be a card number (G8).
#[derive(Clone, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number; whole ones up to 64 bits exactly.
    Number(Number),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object: its members in the order they were sent, also those whose name was there before.
    Object(Vec<(String, Json)>),
}

/// The bytes are not one JSON value. The sentence has the place, never the content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is not JSON: {what} at line {line} column {column}")]
pub struct NotJson {
    what: String,
    line: usize,
    column: usize,
}

impl NotJson {
    fn of(error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        // serde_json quotes content only when a type is unexpected, and `Level` expects every type.
        let said = error.to_string();
        let what = said.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&said).to_owned();
        Self { what, line, column }
    }

    /// The fault of a text that is one line of several, where "line 1" would mislead; it goes on after "the line …".
    pub fn in_one_line(&self) -> String {
        format!("is not JSON: {} at column {}", self.what, self.column)
    }
}

impl Json {
    /// Reads exactly one value (RFC 8259) from UTF-8.
    ///
    /// # Errors
    /// [`NotJson`] for anything else, and for more than [`MAX_DEPTH`] levels.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotJson> {
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let read = Level(0).deserialize(&mut deserializer).and_then(|json| deserializer.end().map(|()| json));
        read.map_err(|error| NotJson::of(&error))
    }

    /// A whole number, 0 or more. JSON does not tell 7 from 7.0, and JSON Schema calls both an integer; above 2^53 a
    /// fraction's digits may have been rounded away, so there only the plain form counts.
    pub fn whole_number(&self) -> Option<u64> {
        let number = match self {
            Self::Number(number) => number,
            Self::Null | Self::Bool(_) | Self::Text(_) | Self::List(_) | Self::Object(_) => return None,
        };
        let exact = |float: &f64| float.fract() == 0.0 && (0.0..=EXACT_BELOW).contains(float);
        number.as_u64().or_else(|| number.as_f64().filter(exact).map(|float| float as u64))
    }

    /// The first member of this name, of an object.
    pub fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(member, _)| member == name).map(|(_, value)| value),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => None,
        }
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(number) => Self::Number(number),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Object(members) => {
                Self::Object(members.into_iter().map(|(name, value)| (name, Self::from(value))).collect())
            }
        }
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(_) => f.write_str("a boolean"),
            Self::Number(_) => f.write_str("a number"),
            Self::Text(text) => write!(f, "a string of {} bytes", text.len()),
            Self::List(items) => write!(f, "an array of {} items", items.len()),
            Self::Object(members) => write!(f, "an object of {} members", members.len()),
        }
    }
}

/// Reads a value that stands inside so many lists and objects.
#[derive(Clone, Copy)]
struct Level(usize);

impl Level {
    fn inner<E: Error>(self) -> Result<Self, E> {
        if self.0 < MAX_DEPTH { Ok(Self(self.0 + 1)) } else { Err(E::custom("it is nested too deeply")) }
    }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        // JSON has no infinity, so there is none to be lost.
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let inner = self.inner()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let inner = self.inner()?;
        let mut object = Vec::new();
        while let Some(name) = members.next_key()? {
            object.push((name, members.next_value_seed(inner)?));
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn order_and_repeated_names_are_kept() {
        let json = Json::parse(br#"{"b": 1, "a": [true, null], "b": -2.5}"#).unwrap();
        let members = [
            ("b".to_owned(), Json::Number(1.into())),
            ("a".to_owned(), Json::List(vec![Json::Bool(true), Json::Null])),
            ("b".to_owned(), Json::Number(Number::from_f64(-2.5).unwrap())),
        ];
        assert_eq!(json, Json::Object(members.to_vec()));
    }

    #[test]
    fn what_is_not_one_value_is_refused() {
        for bad in [&b""[..], b" ", b"{", b"{}}", b"{} {}", b"{'a':1}", b"[1,]", b"nul", b"\"\xff\"", b"\xef\xbb\xbf{}"]
        {
            assert!(Json::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let error = Json::parse(b"{\"a\":\n nul}").unwrap_err();
        assert_eq!(error.to_string(), "the body is not JSON: expected ident at line 2 column 5");
        let error = Json::parse(b"{\"a\": nul}").unwrap_err();
        assert_eq!(error.in_one_line(), "is not JSON: expected ident at column 10");
    }

    #[test]
    fn a_tree_has_a_bounded_depth() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Json::parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert!(Json::parse(nested(MAX_DEPTH + 1).as_bytes()).is_err());
        assert!(Json::parse(nested(100_000).as_bytes()).is_err());
    }

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        let cases = [
            ("7", Some(7)),
            ("7.0", Some(7)),
            ("7e3", Some(7000)),
            ("-0", Some(0)),
            ("18446744073709551615", Some(u64::MAX)),
            ("9007199254740992.0", Some(1 << 53)),
            ("9007199254740994.0", None),
            ("1e30", None),
            ("7.5", None),
            ("-1", None),
            ("-1.0", None),
            ("\"7\"", None),
            ("null", None),
        ];
        for (text, number) in cases {
            assert_eq!(Json::parse(text.as_bytes()).unwrap().whole_number(), number, "{text}");
        }
    }

    #[test]
    fn content_is_shown_neither_by_debug_nor_by_errors() {
        let json = Json::parse(br#"{"number": "4111111111111111"}"#).unwrap();
        assert_eq!(format!("{json:?}"), "an object of 1 members");
        let error = Json::parse(br#"{"number": "4111111111111111}"#).unwrap_err();
        assert!(!error.to_string().contains("4111"), "{error}");
        assert!(!error.in_one_line().contains("4111"), "{error}");
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(".*", inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>) {
            drop(Json::parse(&bytes));
        }

        #[test]
        fn what_serde_json_writes_is_read_alike(value in any_value()) {
            let read = Json::parse(value.to_string().as_bytes()).unwrap();
            let again: Value = serde_json::from_str(&value.to_string()).unwrap();
            prop_assert_eq!(read, Json::from(again));
        }
    }
}
