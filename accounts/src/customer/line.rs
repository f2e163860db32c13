//! A line of free text: what people write about themselves, in any script, and nothing that breaks a screen, a label
//! or G8.

use std::str::FromStr;

use service_kit::value::{self, BrokenRule};

use super::card_in_text;

/// [`value::Line`], and no card number in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<const MIN: usize, const MAX: usize>(value::Line<MIN, MAX>);

/// A part of a person's name, or the name on a card.
pub type NamePart = Line<1, 80>;
/// The customer's own words about something.
pub type Description = Line<0, 500>;

impl<const MIN: usize, const MAX: usize> FromStr for Line<MIN, MAX> {
    type Err = BrokenRule;

    fn from_str(text: &str) -> Result<Self, BrokenRule> {
        let line = text.parse()?;
        if card_in_text::is_in(text) {
            return Err("must not hold a card number".into());
        }
        Ok(Self(line))
    }
}

impl<const MIN: usize, const MAX: usize> From<Line<MIN, MAX>> for String {
    fn from(line: Line<MIN, MAX>) -> Self {
        line.0.into()
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
