//! Percent-encoding (RFC 3986, section 2.1), strictly: what is malformed is told, not repaired.

use std::fmt::Write;

/// The text behind an encoded one; `None` when an escape is malformed or the bytes are no UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let (byte, after) = if *first == b'%' { (hex_pair(after)?, after.get(2..)?) } else { (*first, after) };
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

/// The text with everything but RFC 3986's unreserved characters escaped: safe in any part of a URI.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            escape(byte, &mut encoded);
        }
    }
    encoded
}

/// Escapes only what may not stand in a path; escapes that are there already stay.
pub(super) fn as_path(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut path = String::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        let escaped = *byte == b'%' && bytes.get(at + 1..).and_then(hex_pair).is_some();
        if escaped || byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(byte) {
            path.push(char::from(*byte));
        } else {
            escape(*byte, &mut path);
        }
    }
    path
}

fn hex_pair(bytes: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[expect(clippy::let_underscore_must_use, reason = "writing to a String cannot fail")]
fn escape(byte: u8, into: &mut String) {
    let _ = write!(into, "%{byte:02X}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_uri_reference_whatever_was_asked_for() {
        assert_eq!(as_path("/things/a%20b"), "/things/a%20b");
        assert_eq!(as_path("/things/%zz|<é>%4"), "/things/%25zz%7C%3C%C3%A9%3E%254");
    }

    #[test]
    fn malformed_escapes_are_told() {
        for bad in ["%", "%4", "%zz", "%ff", "a%"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
        assert_eq!(decode("a%2Fb%2541+").as_deref(), Some("a/b%41+"));
    }
}
