//! An e-mail address: shown as it was typed, compared without regard to case and surrounding spaces.

use std::str::FromStr;

use email_address::{EmailAddress, Options};
use service_kit::value::BrokenRule;

/// The longest address that can be used (RFC 3696, erratum 1690).
pub const MAX_LENGTH: usize = 254;

/// A syntactically valid address (RFC 5322), alone: no display name, no address literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl FromStr for Email {
    type Err = BrokenRule;

    fn from_str(text: &str) -> Result<Self, BrokenRule> {
        let options = Options { allow_display_text: false, allow_domain_literal: false, ..Options::default() };
        let address = text.trim_matches(' ');
        if text.chars().count() > MAX_LENGTH {
            return Err("must have at most 254 characters".into());
        }
        if text.chars().any(char::is_control) || EmailAddress::parse_with_options(address, options).is_err() {
            return Err("must be an e-mail address".into());
        }
        Ok(Self(text.to_owned()))
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

/// What two addresses are compared by: uniqueness and the filter of the list use the same.
pub fn comparable(address: &str) -> String {
    caseless::default_case_fold_str(address.trim())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_are_kept_as_typed() {
        let long = format!("{}@{}.{}.com", "a".repeat(64), "b".repeat(63), "c".repeat(63));
        for good in ["john.doe@internet.com", " John@Example.ORG ", "o'brien+x@a-b.co", "josé@españa.es", &long] {
            assert_eq!(String::from(good.parse::<Email>().unwrap()), good);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@{}.com", "a".repeat(64), vec!["b".repeat(63); 3].join("."));
        let bad =
            ["", "not an email", "a@", "@b", "a@@b", "John <a@b.com>", "<a@b.com>", "a@[10.0.0.1]", "a@b\n", &long];
        for bad in bad {
            assert!(bad.parse::<Email>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn case_and_spaces_do_not_make_another_address() {
        assert_eq!(comparable(" JOHN@Straße.de "), comparable("john@STRASSE.DE"));
        assert_ne!(comparable("john@a.de"), comparable("jon@a.de"));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in r#"[ -~é]{0,20}@?[ -~é"\\<>]{0,20}"#) {
            let _valid = text.parse::<Email>().is_ok();
        }
    }
}
