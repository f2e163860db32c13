//! A line of free text, in any script, and nothing that breaks a screen or a label.

use std::str::FromStr;

use super::rule::BrokenRule;

/// `MIN` to `MAX` Unicode characters, no control characters; if something must be there (`MIN` > 0), then more than white
/// space. Kept as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<const MIN: usize, const MAX: usize>(String);

impl<const MIN: usize, const MAX: usize> FromStr for Line<MIN, MAX> {
    type Err = BrokenRule;

    fn from_str(text: &str) -> Result<Self, BrokenRule> {
        let length = text.chars().count();
        if !(MIN..=MAX).contains(&length) {
            return Err(format!("must have {MIN} to {MAX} characters").into());
        }
        if MIN > 0 && text.trim().is_empty() {
            return Err("must not be blank".into());
        }
        if text.chars().any(char::is_control) {
            return Err("must have no control characters".into());
        }
        Ok(Self(text.to_owned()))
    }
}

impl<const MIN: usize, const MAX: usize> From<Line<MIN, MAX>> for String {
    fn from(line: Line<MIN, MAX>) -> Self {
        line.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_unicode_and_kept_as_typed() {
        for good in ["José", "O'Brien", "李", "J", " padded ", &"é".repeat(80)] {
            assert_eq!(String::from(good.parse::<Line<1, 80>>().unwrap()), good);
        }
    }

    #[test]
    fn empty_blank_long_and_control_are_refused() {
        for bad in ["", " ", "\u{a0}\u{3000}", "a\0b", "a\nb", "\u{85}a", "a\u{7f}", &"x".repeat(81)] {
            assert!(bad.parse::<Line<1, 80>>().is_err(), "{bad:?}");
        }
        assert!("".parse::<Line<0, 500>>().is_ok());
    }
}
