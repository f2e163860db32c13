//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a create that may be repeated. The id of what is
//! created is derived from the key, so a repeat finds the same document, on whichever instance, and no table of keys
//! can be lost or grow. Protects G3.
//!
//! Must not: hash what a client sent. A hash over a card number can be searched; what is hashed is what is stored.

use actix_web::http::header::{HeaderMap, HeaderName};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::header::single;
use super::problem::Problem;

/// The request header.
pub const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

/// The longest key that is taken, in bytes.
pub const MAX_BYTES: usize = 255;

/// Ids derived from keys live in this namespace (RFC 9562, section 5.5). Changing it would let every repeat create anew.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f0c_3c1a_8f0e_4a5b_9d2e_5b1f_7c44_e0d3);

/// A key of 1 to 255 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Reads the header.
    ///
    /// # Errors
    /// 400 when it is empty, too long, given twice, or not visible ASCII.
    pub fn from_headers(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        single(headers, &HEADER)?.map(|text| Self::parse(&text)).transpose()
    }

    /// Reads one key.
    ///
    /// # Errors
    /// As [`from_headers`](Self::from_headers).
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if visible && (1..=MAX_BYTES).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            let detail = "must be 1 to 255 visible ASCII characters";
            Err(Problem::malformed_header("Idempotency-Key", detail))
        }
    }

    /// The id of what a request with this key creates: the same for ever. `resource` keeps the keys of different
    /// collections apart (`customer`, `order`).
    pub fn derive_id(&self, resource: &str) -> String {
        // The resource's name has no NUL, so no two pairs make the same text.
        Uuid::new_v5(&NAMESPACE, format!("{resource}\0{}", self.0).as_bytes()).to_string()
    }
}

/// The fingerprint of a request: SHA-256 in hexadecimal over canonical JSON, in which the order of members and white
/// space say nothing. Give it the *parsed* body as it will be stored.
pub fn fingerprint(body: &Value) -> String {
    let mut hash = Sha256::new();
    hash.update(canonical(body).to_string());
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The same value with the members of every object in order; whether `serde_json` keeps an order of its own depends on
/// a feature that any dependency can switch on.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            sorted.into_iter().map(|(name, value)| (name.clone(), canonical(value))).collect()
        }
        Value::Array(items) => items.iter().map(canonical).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_id_of_a_key_never_changes() {
        let key = IdempotencyKey::parse("8e03978e-40d5-43e8-bc93-6894a57f9324").unwrap();
        assert_eq!(key.derive_id("customer"), "6d3d1720-b5ff-5a2c-8dc9-714685394bcc");
        assert_ne!(key.derive_id("customer"), key.derive_id("order"));
    }

    #[test]
    fn keys_are_visible_ascii_of_bounded_length() {
        for good in ["a", "~!\"", &"k".repeat(255)] {
            assert!(IdempotencyKey::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "é", "\u{7f}", &"k".repeat(256)] {
            assert!(IdempotencyKey::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_order_of_members_says_nothing_and_that_of_items_does() {
        let one: Value = serde_json::from_str(r#"{"b": [1, {"y": 1, "x": 2}], "a": null}"#).unwrap();
        let same: Value = serde_json::from_str(r#"{"a": null, "b": [1, {"x": 2, "y": 1}]}"#).unwrap();
        assert_eq!(fingerprint(&one), fingerprint(&same));
        assert_ne!(fingerprint(&one), fingerprint(&json!({"a": null, "b": [{"x": 2, "y": 1}, 1]})));
        assert_eq!(fingerprint(&json!({})), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }
}
