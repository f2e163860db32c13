//! The id of a customer as accounts issues it. It stands in paths and tokens, so what cannot be one is refused at the edge.

use std::str::FromStr;

/// 1 to 64 of `A-Z a-z 0-9 . _ -`, not `.` or `..`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CustomerId(String);

impl CustomerId {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CustomerId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let allowed = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        if allowed && !matches!(text, "." | "..") && (1..=64).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must have 1 to 64 characters of A-Z a-z 0-9 . _ - and not be . or ..")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CustomerId;

    #[test]
    fn ids_are_short_and_need_no_escaping() {
        for good in ["12345", "a.B_c-9", "...", &"x".repeat(64)] {
            assert_eq!(good.parse::<CustomerId>().unwrap().as_str(), good);
        }
        for bad in ["", ".", "..", "a b", "a/b", "é", &"x".repeat(65)] {
            assert!(bad.parse::<CustomerId>().is_err(), "{bad:?}");
        }
    }
}
