//! The consistency token: a client may hand back what it was given, and nothing else.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::{collection::vec, prelude::*};
use shared_events::token::{ConsistencyToken, MalformedToken};

use crate::samples::any::{any_version, some_text};

fn any_token() -> impl Strategy<Value = ConsistencyToken> {
    ("[a-z_]{1,12}", some_text(), any_version()).prop_map(|(aggregate, id, version)| ConsistencyToken {
        aggregate,
        id,
        version,
    })
}

proptest! {
    #[test]
    fn a_token_comes_back_as_it_was(token in any_token()) {
        prop_assert_eq!(ConsistencyToken::decode(&token.encode()), Ok(token));
    }

    #[test]
    fn a_token_needs_no_quoting_in_a_header(token in any_token()) {
        prop_assert!(token.encode().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
    }

    #[test]
    fn a_list_comes_back_in_its_order(tokens in vec(any_token(), 1..4), gap in "[ \t]{0,2}") {
        let header = tokens.iter().map(ConsistencyToken::encode).collect::<Vec<_>>().join(&format!("{gap},{gap}"));
        let expected = if header.len() > 4096 { Err(MalformedToken) } else { Ok(tokens) };
        prop_assert_eq!(ConsistencyToken::decode_list(&header), expected);
    }

    #[test]
    fn any_text_is_a_token_or_is_refused(text in any::<String>(), plain in any::<String>()) {
        for text in [text, URL_SAFE_NO_PAD.encode(plain)] {
            if let Ok(token) = ConsistencyToken::decode(&text) {
                prop_assert_eq!(token.encode(), text);
            }
        }
    }
}

/// What the malformed ones differ from: this is a token.
const TOKEN: &str = "1:7:customer:12345";

#[test]
fn the_format_is_stable() {
    assert_eq!(ConsistencyToken::new("customer", "12345", 7).encode(), URL_SAFE_NO_PAD.encode(TOKEN));
    assert_eq!(ConsistencyToken::new("customer", "12345", 7).encode(), "MTo3OmN1c3RvbWVyOjEyMzQ1");
}

#[test]
fn a_text_that_was_never_issued_is_malformed() {
    let plain = [
        ("another format", "2:7:customer:12345"),
        ("no format", ":7:customer:12345"),
        ("a part too few", "1:7:customer"),
        ("version 0", "1:0:customer:12345"),
        ("a negative version", "1:-7:customer:12345"),
        ("a signed version", "1:+7:customer:12345"),
        ("a padded version", "1:07:customer:12345"),
        ("no version", "1::customer:12345"),
        ("a version beyond the highest", "1:9223372036854775808:customer:12345"),
        ("a version that no number holds", "1:99999999999999999999:customer:12345"),
        ("no aggregate", "1:7::12345"),
        ("no id", "1:7:customer:"),
    ];
    for (what, plain) in plain {
        assert_eq!(ConsistencyToken::decode(&URL_SAFE_NO_PAD.encode(plain)), Err(MalformedToken), "{what}");
    }
    let token = URL_SAFE_NO_PAD.encode(TOKEN);
    let texts = [
        ("nothing", String::new()),
        ("no base64", "????".to_owned()),
        ("plain text", TOKEN.to_owned()),
        ("padding", format!("{}=", URL_SAFE_NO_PAD.encode("1:7:customer:1234"))),
        ("quotes", format!("\"{token}\"")),
        ("not UTF-8", URL_SAFE_NO_PAD.encode(b"1:7:customer:\xff")),
        ("cut off within a byte", token[..token.len() - 3].to_owned()),
    ];
    for (what, text) in texts {
        assert_eq!(ConsistencyToken::decode(&text), Err(MalformedToken), "{what}");
    }
}

#[test]
fn one_malformed_token_spoils_the_header() {
    let token = URL_SAFE_NO_PAD.encode(TOKEN);
    for header in ["", ",", &format!("{token},"), &format!("{token},,{token}"), &format!("{token} {token}")] {
        assert_eq!(ConsistencyToken::decode_list(header), Err(MalformedToken), "{header:?}");
    }
    let long = vec![token; 200].join(",");
    assert_eq!(ConsistencyToken::decode_list(&long), Err(MalformedToken), "longer than 4,096 bytes");
}
