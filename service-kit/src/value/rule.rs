//! What a value's parser says when a rule is broken.

use std::borrow::Cow;

/// The rule, as the end of a sentence that begins with the member's name: "must …". Never the value itself (G8).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BrokenRule(pub Cow<'static, str>);

impl From<&'static str> for BrokenRule {
    fn from(sentence: &'static str) -> Self {
        Self(Cow::Borrowed(sentence))
    }
}

impl From<String> for BrokenRule {
    fn from(sentence: String) -> Self {
        Self(Cow::Owned(sentence))
    }
}
