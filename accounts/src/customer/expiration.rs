//! When a card expires. An expired card is a card like any other here.

use std::fmt;
use std::str::FromStr;

use service_kit::value::BrokenRule;

/// As a regular expression, for the API document.
pub const PATTERN: &str = r"^((0?[1-9]|1[0-2])/(20)?[0-9]{2}|20[0-9]{2}-(0[1-9]|1[0-2]))$";

/// A month of this century, read as `6/19`, `06/2019` or `2019-06`, written as `2019-06`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiration {
    year: u16,
    month: u8,
}

impl FromStr for Expiration {
    type Err = BrokenRule;

    fn from_str(text: &str) -> Result<Self, BrokenRule> {
        parse(text).ok_or_else(|| "must be a month such as 6/19, 06/2019 or 2019-06".into())
    }
}

fn parse(text: &str) -> Option<Expiration> {
    let (year, month) = if let Some((month, year)) = text.split_once('/') {
        let century = if year.len() == 2 { 2000 } else { 0 };
        (century + number(year, &[2, 4])?, number(month, &[1, 2])?)
    } else {
        let (year, month) = text.split_once('-')?;
        (number(year, &[4])?, number(month, &[2])?)
    };
    let valid = (2000..2100).contains(&year) && (1..=12).contains(&month);
    valid.then_some(Expiration { year, month: u8::try_from(month).ok()? })
}

/// Digits alone, in one of these lengths: the standard parser would take a sign, too.
fn number(text: &str, lengths: &[usize]) -> Option<u16> {
    let digits = lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

impl fmt::Display for Expiration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_written_alike() {
        for form in ["6/19", "06/19", "6/2019", "06/2019", "2019-06"] {
            assert_eq!(form.parse::<Expiration>().unwrap().to_string(), "2019-06", "{form}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let bad = [
            "",
            "6",
            "13/19",
            "0/19",
            "00/2019",
            "2019-6",
            "19-06",
            "06-2019",
            "+6/19",
            "6/019",
            "1999-12",
            "6/19/1",
            "2019/06",
            "0006/19",
            "2019-06-01",
            "６/19",
            "6/0019",
        ];
        for bad in bad {
            assert!(bad.parse::<Expiration>().is_err(), "{bad}");
        }
    }
}
