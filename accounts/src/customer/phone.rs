//! A telephone number, kept as it was typed: there is no one right way to write it.

use std::str::FromStr;

use service_kit::value::BrokenRule;

/// As a regular expression, for the API document.
pub const PATTERN: &str = r"^[+]?([ ()./-]*[0-9]){7,15}[ ()./-]*$";

/// Room for 15 digits (ITU-T E.164) with separators.
pub const MAX_LENGTH: usize = 40;

/// 7 to 15 digits with the common separators, and a `+` in front at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone(String);

impl FromStr for Phone {
    type Err = BrokenRule;

    fn from_str(text: &str) -> Result<Self, BrokenRule> {
        let number = text.strip_prefix('+').unwrap_or(text);
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        let others_separate = number.bytes().all(|byte| byte.is_ascii_digit() || b" ()./-".contains(&byte));
        if others_separate && (7..=15).contains(&digits) && text.len() <= MAX_LENGTH {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be a telephone number: 7 to 15 digits, separated by spaces or ( ) . / - if at all, with at most \
                 a + in front, 40 characters in all"
                .into())
        }
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_ways_to_write_a_number_are_kept() {
        for good in ["555-666-7777", "+49 (0) 30 / 123.456-7", "5556667", "(555) 666-7777", "123456789012345"] {
            assert_eq!(String::from(good.parse::<Phone>().unwrap()), good);
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let long = format!("5556667{}", " ".repeat(40));
        for bad in ["", "555666", "1234567890123456", "555-CALL-NOW", "++5556667", "555+6667", "５５５６６６７", &long]
        {
            assert!(bad.parse::<Phone>().is_err(), "{bad}");
        }
    }
}
