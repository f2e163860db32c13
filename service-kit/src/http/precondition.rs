//! `ETag`, `If-Match` and `If-None-Match` (RFC 9110, sections 8.8.3 and 13): what keeps two clients from overwriting
//! each other's change. Part of G2: a version has exactly one successor.
//!
//! Must not: decide what a tag is made of; an aggregate's own `http.rs` says that.

use std::fmt;

use actix_web::http::header::{self, HeaderMap, HeaderName};

use super::header::combined;
use super::problem::Problem;

/// An entity tag as this system issues them: always strong, because equal tags mean equal bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ETag(String);

impl ETag {
    /// The tag `"7"` of version 7.
    pub fn of_version(version: u64) -> Self {
        Self(version.to_string())
    }

    /// The tag `"3.7"` of a representation that two versions make.
    pub fn of_versions(first: u64, second: u64) -> Self {
        Self(format!("{first}.{second}"))
    }

    /// The tag of a representation that a version makes together with what `digest` (hexadecimal) is of.
    pub fn of_version_and(version: u64, digest: &str) -> Self {
        Self(format!("{version}.{digest}"))
    }
}

/// As it stands in the header, with its quotes.
impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// A tag as a client sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SentTag {
    weak: bool,
    opaque: String,
}

/// The value of one of the two headers.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    Any,
    OneOf(Vec<SentTag>),
}

/// The conditions of a request, read and not yet judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Precondition {
    if_match: Option<Condition>,
    if_none_match: Option<Condition>,
}

impl Precondition {
    /// Reads both headers.
    ///
    /// # Errors
    /// 400 for a value that is neither `*` nor a list of entity tags.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, Problem> {
        Ok(Self {
            if_match: condition(headers, &header::IF_MATCH)?,
            if_none_match: condition(headers, &header::IF_NONE_MATCH)?,
        })
    }

    /// Judges a change of something that exists and whose change demands `If-Match`.
    ///
    /// # Errors
    /// 428 without `If-Match`, 412 (with the current tag) when it names other states, or `If-None-Match` this one.
    pub fn require_match(&self, current: &ETag) -> Result<(), Problem> {
        if self.if_match.is_none() {
            return Err(Problem::precondition_required());
        }
        self.allow_change(current)
    }

    /// Judges a change for which `If-Match` is optional.
    ///
    /// # Errors
    /// 412 (with the current tag) when `If-Match` names other states, or `If-None-Match` this one.
    pub fn allow_change(&self, current: &ETag) -> Result<(), Problem> {
        let matches = self.if_match.as_ref().is_none_or(|wanted| wanted.strongly(current));
        let excluded = self.if_none_match.as_ref().is_some_and(|unwanted| unwanted.weakly(current));
        if matches && !excluded { Ok(()) } else { Err(Problem::precondition_failed(current)) }
    }

    /// Whether a read may be answered with 304 and no body.
    pub fn not_modified(&self, current: &ETag) -> bool {
        self.if_none_match.as_ref().is_some_and(|known| known.weakly(current))
    }

    /// Judges `If-Match` of a read, which few clients send.
    ///
    /// # Errors
    /// 412 when it names other states.
    pub fn allow_read(&self, current: &ETag) -> Result<(), Problem> {
        let matches = self.if_match.as_ref().is_none_or(|wanted| wanted.strongly(current));
        if matches { Ok(()) } else { Err(Problem::precondition_failed(current)) }
    }
}

impl Condition {
    /// Strong comparison: a weak tag never matches (RFC 9110, section 8.8.3.2).
    fn strongly(&self, current: &ETag) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.iter().any(|tag| !tag.weak && tag.opaque == current.0),
        }
    }

    fn weakly(&self, current: &ETag) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.iter().any(|tag| tag.opaque == current.0),
        }
    }
}

fn condition(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Condition>, Problem> {
    let Some(text) = combined(headers, name)? else { return Ok(None) };
    if text.trim() == "*" {
        return Ok(Some(Condition::Any));
    }
    let tags = tag_list(&text)
        .ok_or_else(|| Problem::malformed_header(name.as_str(), "must be * or entity tags in double quotes"))?;
    Ok(Some(Condition::OneOf(tags)))
}

/// A list of tags; a comma may stand inside a tag, so the text cannot just be split. `None` when it is no such list.
fn tag_list(text: &str) -> Option<Vec<SentTag>> {
    let mut tags = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        // RFC 9110, section 5.6.1.2: empty list elements are to be ignored.
        if let Some(after) = rest.strip_prefix(',') {
            rest = after.trim_start();
            continue;
        }
        let (tag, after) = first_tag(rest)?;
        tags.push(tag);
        rest = after.trim_start();
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
    (!tags.is_empty()).then_some(tags)
}

fn first_tag(text: &str) -> Option<(SentTag, &str)> {
    let (weak, quoted) = text.strip_prefix("W/").map_or((false, text), |rest| (true, rest));
    let (opaque, after) = quoted.strip_prefix('"')?.split_once('"')?;
    let allowed = opaque.bytes().all(|byte| byte == 0x21 || (0x23..=0x7e).contains(&byte));
    allowed.then(|| (SentTag { weak, opaque: opaque.to_owned() }, after))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use proptest::prelude::*;

    use super::super::problem::Kind;
    use super::*;

    fn sent(name: HeaderName, values: &[&str]) -> Result<Precondition, Problem> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name.clone(), HeaderValue::from_str(value).unwrap());
        }
        Precondition::from_headers(&headers)
    }

    fn verdict(values: &[&str]) -> Result<(), Kind> {
        let precondition = sent(header::IF_MATCH, values).map_err(|problem| problem.kind())?;
        precondition.require_match(&ETag::of_version(7)).map_err(|problem| problem.kind())
    }

    #[test]
    fn a_change_needs_the_current_state() {
        let cases: [(&[&str], Result<(), Kind>); 13] = [
            (&[], Err(Kind::PreconditionRequired)),
            (&["*"], Ok(())),
            (&["\"7\""], Ok(())),
            (&["\"6\""], Err(Kind::PreconditionFailed)),
            (&["\"6\", \"7\""], Ok(())),
            (&["\"6\"", "\"7\""], Ok(())),
            (&[" , \"7\" ,, "], Ok(())),
            (&["W/\"7\""], Err(Kind::PreconditionFailed)),
            (&["\"a,b\",\"7\""], Ok(())),
            (&["7"], Err(Kind::Malformed)),
            (&["\"7"], Err(Kind::Malformed)),
            (&["\"7\"\"8\""], Err(Kind::Malformed)),
            (&[""], Err(Kind::Malformed)),
        ];
        for (values, expected) in cases {
            assert_eq!(verdict(values), expected, "If-Match: {values:?}");
        }
    }

    #[test]
    fn a_read_compares_weakly() {
        let precondition = sent(header::IF_NONE_MATCH, &["W/\"7\", \"9\""]).unwrap();
        assert!(precondition.not_modified(&ETag::of_version(7)));
        assert!(!precondition.not_modified(&ETag::of_version(8)));
        assert!(!Precondition::default().not_modified(&ETag::of_version(7)));
    }

    #[test]
    fn a_change_only_of_what_is_not_there_meets_what_is() {
        let precondition = sent(header::IF_NONE_MATCH, &["*"]).unwrap();
        let refused = precondition.allow_change(&ETag::of_versions(3, 7)).unwrap_err();
        assert_eq!(refused.kind(), Kind::PreconditionFailed);
    }

    proptest! {
        #[test]
        fn any_header_is_read_or_refused(text in "[ -~]{0,40}") {
            let read = sent(header::IF_MATCH, &[&text]);
            prop_assert!(read.is_ok() || read.unwrap_err().kind() == Kind::Malformed);
        }
    }
}
