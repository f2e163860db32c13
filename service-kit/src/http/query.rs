//! Query strings, read strictly: what is unknown, given twice or malformed is refused by name, all of it at once. A
//! misspelt filter that is ignored answers a question nobody asked.

mod pairs;

use std::fmt::Display;

use serde::Serialize;
use serde::de::DeserializeOwned;
use shared_events::time::{NotATime, Timestamp};

use super::cursor::{self, Scope};
use super::page::Paging;
use super::problem::{MAX_FAULTS, ParameterFault, Part, Problem};

pub(super) use pairs::write as write_pairs;

/// So many items a page has at most.
pub const MAX_LIMIT: usize = 200;

/// So many items a page has unless the request says otherwise.
pub const DEFAULT_LIMIT: usize = 50;

/// The parameters of one request. Ask for each that the operation knows, then [`finish`](Self::finish) or
/// [`page`](Self::page): what nobody asked for is unknown.
#[derive(Debug)]
pub struct Query {
    path: String,
    pairs: Vec<(String, String)>,
    asked: Vec<&'static str>,
    faults: Vec<ParameterFault>,
}

impl Query {
    /// Reads a query string (without `?`) of a request to this path.
    pub fn new(path: &str, query: &str) -> Self {
        let (pairs, faults) = pairs::read(query);
        Self { path: path.to_owned(), pairs, asked: Vec::new(), faults }
    }

    /// A parameter that may be absent. What `parse` refuses becomes a fault, and the value here is `None`; the text of
    /// its error continues the sentence "`name` …".
    pub fn optional<T, E: Display>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.asked.push(name);
        let mut values = self.pairs.iter().filter(|(given, _)| given == name).map(|(_, value)| value);
        let value = values.next()?;
        if values.next().is_some() {
            self.faults.push(fault(name, "must be given once"));
            return None;
        }
        match parse(value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.faults.push(fault(name, &error.to_string()));
                None
            }
        }
    }

    /// Refuses a parameter for a reason that more than its own text gives.
    pub fn refuse(&mut self, name: &str, detail: &str) {
        self.faults.push(fault(name, detail));
    }

    /// Whether the request has this parameter, whatever its value is.
    pub fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(given, _)| given == name)
    }

    /// The end of an operation that is not paged.
    ///
    /// # Errors
    /// 400 with every parameter that is unknown, given twice or malformed.
    pub fn finish(mut self) -> Result<(), Problem> {
        self.refuse_unknown();
        if self.faults.is_empty() { Ok(()) } else { Err(Problem::malformed_parameters(self.faults)) }
    }

    /// The end of a paged operation: `limit` and `cursor`. `P` is where a page starts: the sort key of the item before.
    ///
    /// # Errors
    /// 400 with every parameter that is unknown, given twice or malformed; a cursor that was changed or belongs to
    /// another path or other filters is one of them.
    pub fn page<P: Serialize + DeserializeOwned>(mut self) -> Result<Paging<P>, Problem> {
        let limit = self.optional("limit", parse_limit).unwrap_or(DEFAULT_LIMIT);
        self.page_of(limit)
    }

    /// The end of an operation whose pages have a length of their own: `cursor` alone.
    ///
    /// # Errors
    /// As [`page`](Self::page).
    pub fn page_of<P: Serialize + DeserializeOwned>(mut self, limit: usize) -> Result<Paging<P>, Problem> {
        let scope = self.scope();
        let after = self.optional("cursor", |text| cursor::decode(&scope, text));
        self.refuse_unknown();
        if !self.faults.is_empty() {
            return Err(Problem::malformed_parameters(self.faults));
        }
        let kept = self.pairs.into_iter().filter(|(name, _)| name != "cursor").collect();
        Ok(Paging::new(limit, after, scope, self.path, kept))
    }

    /// What a cursor is bound to: the path and everything that filters.
    fn scope(&self) -> Scope {
        let filters = self.pairs.iter().filter(|(name, _)| name != "limit" && name != "cursor");
        Scope::new(&self.path, filters.cloned().collect())
    }

    fn refuse_unknown(&mut self) {
        let mut told: Vec<&str> = Vec::new();
        for (name, _) in &self.pairs {
            // A query may hold thousands of names; no more of them are looked at than can be told.
            if self.faults.len() >= MAX_FAULTS {
                break;
            }
            if !self.asked.contains(&name.as_str()) && !told.contains(&name.as_str()) {
                told.push(name);
                self.faults.push(fault(name, "is unknown"));
            }
        }
    }
}

/// Reads an instant (RFC 3339). In a query a plus sign means a space, and the one before an offset is rarely encoded, so a
/// space there is read as the plus that was meant.
///
/// # Errors
/// [`NotATime`] when the text is something else.
pub fn instant(text: &str) -> Result<Timestamp, NotATime> {
    match text.rsplit_once(' ') {
        Some((time, offset)) if time.contains(['T', 't']) => Timestamp::parse(&format!("{time}+{offset}")),
        Some(_) | None => Timestamp::parse(text),
    }
}

fn parse_limit(text: &str) -> Result<usize, &'static str> {
    let digits = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let limit = if digits { text.parse().unwrap_or(0) } else { 0 };
    if (1..=MAX_LIMIT).contains(&limit) { Ok(limit) } else { Err("must be a whole number from 1 to 200") }
}

fn fault(name: &str, detail: &str) -> ParameterFault {
    // A name is the client's text; a long one need not come back in full.
    let name: String = name.chars().take(64).collect();
    ParameterFault::new(Part::Query, name, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any(text: &str) -> Result<String, &'static str> {
        Ok(text.to_owned())
    }

    fn faults(query: &str) -> Vec<String> {
        let mut query = Query::new("/things", query);
        query.optional("colour", any);
        match query.page::<u64>() {
            Ok(_) => Vec::new(),
            Err(problem) => {
                problem.to_string().replace("Malformed request: ", "").split("; ").map(str::to_owned).collect()
            }
        }
    }

    #[test]
    fn everything_wrong_is_told_by_name_at_once() {
        let told = faults("limit=0&color=red&colour=a&colour=b&cursor=x&color=c");
        assert_eq!(
            told,
            [
                "query parameter colour must be given once",
                "query parameter limit must be a whole number from 1 to 200",
                "query parameter cursor is not a cursor of this list with these filters",
                "query parameter color is unknown",
            ]
        );
    }

    #[test]
    fn no_more_faults_are_told_than_a_problem_holds() {
        let names: Vec<_> = (0..10_000).map(|n| format!("n{n}")).collect();
        assert_eq!(faults(&names.join("&")).len(), MAX_FAULTS);
    }

    #[test]
    fn a_limit_is_a_plain_number() {
        for good in ["", "limit=1", "limit=200", "limit=007"] {
            assert_eq!(faults(good), [""; 0], "{good}");
        }
        for bad in ["limit=", "limit=201", "limit=-1", "limit=+1", "limit=1.0", "limit=9999999999999999999999"] {
            assert_eq!(faults(bad).len(), 1, "{bad}");
        }
    }

    #[test]
    fn an_instant_has_an_offset_whether_or_not_its_plus_was_encoded() {
        let utc = instant("2026-11-21T07:58:27Z").unwrap();
        for same in ["2026-11-21T08:58:27+01:00", "2026-11-21T08:58:27 01:00", "2026-11-21t07:58:27.000z"] {
            assert_eq!(instant(same), Ok(utc), "{same}");
        }
        for bad in
            ["", " ", "2026-02-30T00:00:00Z", "2026-11-21", "2026-11-21T07:58:27", "now", "2026-11-21T07:58:27  01:00"]
        {
            assert!(instant(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_rule_between_parameters_is_told_with_the_others() {
        let mut query = Query::new("/things", "colour=a&x=1");
        query.optional("colour", any);
        query.refuse("colour", "must be lighter");
        let told = query.finish().unwrap_err().to_string();
        assert!(told.contains("colour must be lighter; query parameter x is unknown"), "{told}");
    }

    #[test]
    fn values_are_decoded_as_forms_are() {
        let mut query = Query::new("/things", "colour=dark+blue%2B%C3%A9");
        assert_eq!(query.optional("colour", any).as_deref(), Some("dark blue+é"));
        assert!(query.finish().is_ok());
    }
}
