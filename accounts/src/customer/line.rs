//! A line of free text: what people write about themselves, in any script, and nothing that breaks a screen, a label
//! or G8.

use std::str::FromStr;

use super::card_in_text;
use super::rule::BrokenRule;

/// `MIN` to `MAX` Unicode characters, no control characters, no card number; if something must be there (`MIN` > 0),
/// then more than white space. Kept as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<const MIN: usize, const MAX: usize>(String);

/// A part of a person's name, or the name on a card.
pub type NamePart = Line<1, 80>;
/// The customer's own words about something.
pub type Description = Line<0, 500>;

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
        if card_in_text::is_in(text) {
            return Err("must not hold a card number".into());
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
    fn names_of_people_are_unicode() {
        for good in ["José", "O'Brien", "Anne-Marie", "李", "J", " padded ", &"é".repeat(80)] {
            assert_eq!(String::from(good.parse::<NamePart>().unwrap()), good);
        }
    }

    #[test]
    fn empty_blank_long_and_control_are_refused() {
        for bad in ["", " ", "\u{a0}\u{3000}", "a\0b", "a\nb", "\u{85}a", "a\u{7f}", &"x".repeat(81)] {
            assert!(bad.parse::<NamePart>().is_err(), "{bad:?}");
        }
        assert!("".parse::<Description>().is_ok());
    }

    #[test]
    fn the_refusal_of_a_card_number_does_not_repeat_it() {
        let refused = "4111 1111 1111 1111".parse::<Description>().unwrap_err();
        assert_eq!(refused.to_string(), "must not hold a card number");
    }
}
