//! Cursors: where the next page starts, opaque and bound to the list and its filters. A cursor that was changed, or
//! that is used with other filters, is noticed: it would silently skip or repeat items.
//!
//! The checksum has no key, so it is no proof against a person who reads this file. None is needed: a cursor gives no
//! right and names only a place in a list that its sender may read anyway.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// The format of what is inside, so that a later one can be told apart.
const FORMAT: u8 = 1;

/// So much of the SHA-256 is kept.
const CHECKSUM_BYTES: usize = 12;

/// No cursor of ours is longer; longer ones are not even decoded.
const MAX_TEXT: usize = 2048;

/// A list with its filters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope(Vec<u8>);

/// The text is no cursor for this scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a cursor of this list with these filters")]
pub struct NotACursor;

impl Scope {
    /// The list at this path with these filters, in whatever order they were given.
    pub fn new(path: &str, mut filters: Vec<(String, String)>) -> Self {
        filters.sort();
        // JSON is the separator: no two lists of filters have the same text.
        let text = serde_json::json!([path, filters]).to_string();
        Self(text.into_bytes())
    }

    fn checksum(&self, position: &[u8]) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update([FORMAT]);
        hash.update((self.0.len() as u64).to_be_bytes());
        hash.update(&self.0);
        hash.update(position);
        hash.finalize().iter().take(CHECKSUM_BYTES).copied().collect()
    }
}

/// The cursor for a position in a list; `None` for a position that JSON cannot hold.
pub fn encode<P: Serialize>(scope: &Scope, position: &P) -> Option<String> {
    let position = serde_json::to_vec(position).ok()?;
    let bytes = [&[FORMAT][..], &scope.checksum(&position), &position].concat();
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

/// The position that a cursor of this list stands for.
///
/// # Errors
/// [`NotACursor`] for anything else than what [`encode`] wrote for the same scope.
pub fn decode<P: DeserializeOwned>(scope: &Scope, text: &str) -> Result<P, NotACursor> {
    if text.len() > MAX_TEXT {
        return Err(NotACursor);
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotACursor)?;
    let (format, rest) = bytes.split_first().ok_or(NotACursor)?;
    let (checksum, position) = rest.split_at_checked(CHECKSUM_BYTES).ok_or(NotACursor)?;
    if *format != FORMAT || checksum != scope.checksum(position) {
        return Err(NotACursor);
    }
    serde_json::from_slice(position).map_err(|_| NotACursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(filters: &[(&str, &str)]) -> Scope {
        let owned = filters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Scope::new("/things", owned.collect())
    }

    #[test]
    fn a_cursor_stands_for_its_position_whatever_the_order_of_filters() {
        let position = (1_763_712_000_123_i64, "a|b".to_owned());
        let text = encode(&scope(&[("a", "1"), ("b", "2")]), &position).unwrap();
        assert_eq!(decode(&scope(&[("b", "2"), ("a", "1")]), &text), Ok(position));
    }

    #[test]
    fn other_filters_and_other_lists_refuse_it() {
        let text = encode(&scope(&[("a", "1")]), &7_u64).unwrap();
        let others =
            [scope(&[]), scope(&[("a", "2")]), scope(&[("a", "1"), ("b", "2")]), Scope::new("/others", vec![])];
        for other in others {
            assert_eq!(decode::<u64>(&other, &text), Err(NotACursor));
        }
    }

    #[test]
    fn a_change_of_any_character_is_noticed() {
        let scope = scope(&[]);
        let text = encode(&scope, &"position").unwrap();
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(decode::<String>(&scope, &changed), Err(NotACursor), "{changed}");
        }
        for bad in ["", "A", "é", &text[1..], &"A".repeat(5000)] {
            assert_eq!(decode::<String>(&scope, bad), Err(NotACursor), "{bad}");
        }
    }
}
