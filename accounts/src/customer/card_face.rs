//! What is kept of a card number (G8). The number itself exists only inside the request: it is reduced while it is
//! parsed, and no type of this service can hold one.

use std::str::FromStr;

use service_kit::value::BrokenRule;

/// As a regular expression, for the API document.
pub const PATTERN: &str = r"^([ .-]*[0-9]){12,19}[ .-]*$";

/// Room for 19 digits with separators.
pub const MAX_LENGTH: usize = 40;

/// Brand and last four digits: enough for the holder to recognise the card, useless to anybody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardFace {
    brand: &'static str,
    last_four: String,
}

impl CardFace {
    /// `VISA` …, `UNKNOWN` when the number does not tell.
    pub fn brand(&self) -> &'static str {
        self.brand
    }

    /// Four digits.
    pub fn last_four(&self) -> &str {
        &self.last_four
    }
}

/// Reads a number of 12 to 19 digits, with separators or without. Its Luhn sum may be wrong: test numbers are welcome.
impl FromStr for CardFace {
    type Err = BrokenRule;

    fn from_str(number: &str) -> Result<Self, BrokenRule> {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let others_separate = number.bytes().all(|byte| byte.is_ascii_digit() || b" .-".contains(&byte));
        if !others_separate || !(12..=19).contains(&digits.len()) || number.len() > MAX_LENGTH {
            return Err(
                "must be a card number: 12 to 19 digits, separated by spaces, points or hyphens if at all".into()
            );
        }
        let last_four = digits[digits.len() - 4..].to_owned();
        Ok(Self { brand: brand(&digits), last_four })
    }
}

/// First digits (from, to), how many digits a number of that kind may have, and its brand.
type Range = (&'static str, &'static str, std::ops::RangeInclusive<usize>, &'static str);

/// The issuers' ranges (ISO/IEC 7812), as the brands publish them. The first that fits counts.
const RANGES: [Range; 22] = [
    ("34", "34", 15..=15, "AMEX"),
    ("37", "37", 15..=15, "AMEX"),
    ("300", "305", 14..=19, "DINERS"),
    ("3095", "3095", 14..=19, "DINERS"),
    ("36", "36", 14..=19, "DINERS"),
    ("38", "39", 14..=19, "DINERS"),
    ("3528", "3589", 16..=19, "JCB"),
    ("4", "4", 13..=13, "VISA"),
    ("4", "4", 16..=16, "VISA"),
    ("4", "4", 19..=19, "VISA"),
    ("51", "55", 16..=16, "MASTERCARD"),
    ("2221", "2720", 16..=16, "MASTERCARD"),
    ("6011", "6011", 16..=19, "DISCOVER"),
    ("644", "649", 16..=19, "DISCOVER"),
    ("65", "65", 16..=19, "DISCOVER"),
    ("62", "62", 16..=19, "UNIONPAY"),
    ("81", "81", 16..=19, "UNIONPAY"),
    ("50", "50", 12..=19, "MAESTRO"),
    ("56", "58", 12..=19, "MAESTRO"),
    ("6304", "6304", 12..=19, "MAESTRO"),
    ("639", "639", 12..=19, "MAESTRO"),
    ("67", "67", 12..=19, "MAESTRO"),
];

fn brand(digits: &str) -> &'static str {
    let fits = |(from, to, lengths, _): &&Range| {
        // Texts of digits of one length are ordered like the numbers they are.
        let first = &digits[..from.len()];
        (*from..=*to).contains(&first) && lengths.contains(&digits.len())
    };
    RANGES.iter().find(fits).map_or("UNKNOWN", |(_, _, _, brand)| brand)
}

/// Every brand that can be stored.
pub const BRANDS: [&str; 9] =
    ["VISA", "MASTERCARD", "AMEX", "DISCOVER", "DINERS", "JCB", "UNIONPAY", "MAESTRO", "UNKNOWN"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brands_are_told_by_first_digits_and_length() {
        let cases = [
            ("4111 1111 1111 1111", "VISA"),
            ("4222222222222", "VISA"),
            ("411111111111", "UNKNOWN"),
            ("5555-5555-5555-4444", "MASTERCARD"),
            ("2223 0031 2200 3222", "MASTERCARD"),
            ("2220 9999 9999 9999", "UNKNOWN"),
            ("3782 822463 10005", "AMEX"),
            ("6011.1111.1111.1117", "DISCOVER"),
            ("6500000000000000", "DISCOVER"),
            ("30569309025904", "DINERS"),
            ("3530 1113 3330 0000", "JCB"),
            ("6200 0000 0000 0005", "UNIONPAY"),
            ("6759 6498 2643 8453", "MAESTRO"),
            ("501800000009", "MAESTRO"),
            ("1234-6789-0000-0000", "UNKNOWN"),
            ("9999-8888-7777-6666", "UNKNOWN"),
        ];
        for (number, brand) in cases {
            let face: CardFace = number.parse().unwrap();
            assert_eq!(face.brand(), brand, "{number}");
            assert!(BRANDS.contains(&brand) && number.replace([' ', '-', '.'], "").ends_with(face.last_four()));
        }
        assert!(RANGES.iter().all(|(from, to, _, brand)| from.len() == to.len() && BRANDS.contains(brand)));
    }

    #[test]
    fn what_is_no_card_number_is_refused_without_repeating_it() {
        for bad in
            ["", "12345678901", "12345678901234567890", "4111 1111 1111 111x", "４１１１１１１１１１１１１１１１"]
        {
            let rule = bad.parse::<CardFace>().unwrap_err().to_string();
            assert!(bad.is_empty() || !rule.contains(bad), "{rule}");
        }
    }

    #[test]
    fn the_number_cannot_be_shown() {
        let face: CardFace = "4111 1111 1111 1234".parse().unwrap();
        assert_eq!(format!("{face:?}"), r#"CardFace { brand: "VISA", last_four: "1234" }"#);
    }
}
