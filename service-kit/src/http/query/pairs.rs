//! `name=value&…` as forms write it (<https://url.spec.whatwg.org/#urlencoded-parsing>), except that what is malformed
//! is told instead of repaired: a repaired filter would select something else.

use super::super::percent;
use super::super::problem::ParameterFault;
use super::fault;

type Pairs = Vec<(String, String)>;

/// The pairs that can be read, and a fault for each that cannot.
pub(super) fn read(query: &str) -> (Pairs, Vec<ParameterFault>) {
    let mut pairs = Pairs::new();
    let mut faults = Vec::new();
    for piece in query.split('&').filter(|piece| !piece.is_empty()) {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        match (decode(name), decode(value)) {
            (Some(name), Some(value)) => pairs.push((name, value)),
            (Some(name), None) => faults.push(fault(&name, "is not percent-encoded UTF-8")),
            (None, _) => faults.push(fault("?", "has a name that is not percent-encoded UTF-8")),
        }
    }
    (pairs, faults)
}

/// The same text encoded again, for links.
pub(in super::super) fn write(pairs: &[(String, String)]) -> String {
    let pieces: Vec<_> =
        pairs.iter().map(|(name, value)| format!("{}={}", percent::encode(name), percent::encode(value))).collect();
    pieces.join("&")
}

/// Forms write a space as `+`. NUL is valid UTF-8 and valid nowhere a filter goes.
fn decode(text: &str) -> Option<String> {
    percent::decode(&text.replace('+', " ")).filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_malformed_is_told_and_not_repaired() {
        for bad in ["a=%", "a=%4", "a=%zz", "a=%ff", "a=%00", "%ff=a", "a=%+1"] {
            assert_eq!(read(bad).1.len(), 1, "{bad}");
        }
    }

    #[test]
    fn empty_pieces_and_missing_values_are_what_browsers_send() {
        let (pairs, faults) = read("&a&b=&&c==&");
        let expected = [("a", ""), ("b", ""), ("c", "=")];
        assert!(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).eq(expected));
        assert!(faults.is_empty());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(name in "[^\0]{1,8}", value in "[^\0]{0,20}") {
            let pairs = vec![(name, value)];
            prop_assert_eq!(read(&write(&pairs)), (pairs, vec![]));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,60}") {
            read(&text);
        }
    }
}
