//! Reading typed values from the tree, with every fault on the way.

use std::cell::RefCell;
use std::fmt::Display;
use std::str::FromStr;

use super::super::problem::{Fault, MAX_FAULTS};
use super::json::Json;
use super::path::Path;

/// What reading gives: the value, or the proof that a fault says why there is none.
pub type Read<T> = Result<T, Reported>;

/// A fault was reported. Only a report makes one, so a failed reading always has a fault to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported(());

/// Reads a body, or gives the faults that it has.
///
/// # Errors
/// Every fault in the order of reading, at least one, at most [`MAX_FAULTS`].
pub fn read<T>(json: &Json, reader: impl FnOnce(Node<'_>) -> Read<T>) -> Result<T, Vec<Fault>> {
    let faults = Faults::default();
    let value = reader(Node { json, path: &Path::Root, faults: &faults });
    let faults = faults.0.into_inner();
    match value {
        Ok(value) if faults.is_empty() => Ok(value),
        Ok(_) | Err(Reported(())) => Err(faults),
    }
}

/// The faults found so far. Shared by all nodes of one reading, which runs on one thread.
#[derive(Debug, Default)]
struct Faults(RefCell<Vec<Fault>>);

impl Faults {
    fn report(&self, path: &Path<'_>, detail: impl Into<String>) -> Reported {
        let mut faults = self.0.borrow_mut();
        if faults.len() < MAX_FAULTS {
            faults.push(Fault::new(path.pointer(), detail));
        }
        Reported(())
    }
}

/// One value of a body, and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    json: &'a Json,
    path: &'a Path<'a>,
    faults: &'a Faults,
}

impl<'a> Node<'a> {
    /// Reports that this value breaks a rule. The sentence goes on after the name of the member ("must …") and never
    /// repeats the value.
    pub fn refuse(&self, detail: impl Into<String>) -> Reported {
        self.faults.report(self.path, detail)
    }

    /// The value as it was sent, for a member that may have one of several types.
    pub fn json(&self) -> &'a Json {
        self.json
    }

    /// A string.
    ///
    /// # Errors
    /// Reported when it is something else.
    pub fn text(self) -> Read<&'a str> {
        match self.json {
            Json::Text(text) => Ok(text),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::List(_) | Json::Object(_) => {
                Err(self.refuse("must be a string"))
            }
        }
    }

    /// A string that is one of a few words.
    ///
    /// # Errors
    /// Reported, with the list of words, when it is something else.
    pub fn one_of<T: Copy>(self, words: &[(&str, T)]) -> Read<T> {
        let found = words.iter().find(|(word, _)| matches!(self.json, Json::Text(text) if text == word));
        found.map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.refuse(format!("must be one of {}", words.join(", ")))
        })
    }

    /// A list of at most so many items.
    ///
    /// # Errors
    /// Reported when it is no list, is too long, or an item cannot be read.
    pub fn list<T>(self, most: usize, mut item: impl FnMut(Node<'_>) -> Read<T>) -> Read<Vec<T>> {
        let items = match self.json {
            Json::List(items) => items,
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::Object(_) => {
                return Err(self.refuse("must be an array"));
            }
        };
        if items.len() > most {
            return Err(self.refuse(format!("must have at most {most} items")));
        }
        let mut read = Vec::with_capacity(items.len());
        for (index, json) in items.iter().enumerate() {
            read.push(item(Node { json, path: &Path::Item(self.path, index), faults: self.faults }));
        }
        read.into_iter().collect()
    }

    /// An object, by the table of its members; what the table does not ask for is unknown.
    ///
    /// # Errors
    /// Reported when it is no object, or what `table` returns.
    pub fn object<T>(self, table: impl FnOnce(&mut Members<'_>) -> Read<T>) -> Read<T> {
        let members = match self.json {
            Json::Object(members) => members,
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::List(_) => {
                return Err(self.refuse("must be an object"));
            }
        };
        let mut members = Members { members, path: self.path, faults: self.faults, asked: Vec::new() };
        let value = table(&mut members);
        members.refuse_unknown();
        value
    }
}

/// Reads a string that is the text of a value; what its parser says of the rule becomes the fault.
///
/// # Errors
/// Reported when it is no string, or the parser refuses it.
pub fn parsed<T: FromStr<Err: Display>>(node: Node<'_>) -> Read<T> {
    node.text()?.parse().map_err(|rule: T::Err| node.refuse(rule.to_string()))
}

/// Reads a whole number, 0 or more.
///
/// # Errors
/// Reported when it is something else.
pub fn whole_number(node: Node<'_>) -> Read<u64> {
    node.json.whole_number().ok_or_else(|| node.refuse("must be a whole number, 0 or more"))
}

/// The members of an object.
#[derive(Debug)]
pub struct Members<'a> {
    members: &'a [(String, Json)],
    path: &'a Path<'a>,
    faults: &'a Faults,
    asked: Vec<&'static str>,
}

impl Members<'_> {
    /// A member that must be there.
    ///
    /// # Errors
    /// Reported when it is absent, null or given twice, or what `value` returns.
    pub fn required<T>(&mut self, name: &'static str, value: impl FnOnce(Node<'_>) -> Read<T>) -> Read<T> {
        self.optional(name, value)?.ok_or_else(|| self.missing(name))
    }

    /// A member that may be absent or null.
    ///
    /// # Errors
    /// Reported when it is given twice, or what `value` returns.
    pub fn optional<T>(&mut self, name: &'static str, value: impl FnOnce(Node<'_>) -> Read<T>) -> Read<Option<T>> {
        self.asked.push(name);
        let mut given = self.members.iter().filter(|(member, _)| member == name).map(|(_, json)| json);
        let Some(json) = given.next() else { return Ok(None) };
        let path = Path::Member(self.path, name);
        let repeated = given.next().map(|_| self.faults.report(&path, "must be given once"));
        let read = match json {
            Json::Null => Ok(None),
            Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::List(_) | Json::Object(_) => {
                value(Node { json, path: &path, faults: self.faults }).map(Some)
            }
        };
        repeated.map_or(read, Err)
    }

    /// Reports that a member which other members demand is not there.
    pub fn missing(&self, name: &'static str) -> Reported {
        self.faults.report(&Path::Member(self.path, name), "is required")
    }

    fn refuse_unknown(&self) {
        let mut told: Vec<&str> = Vec::new();
        for (name, _) in self.members {
            if self.asked.contains(&name.as_str()) || told.contains(&name.as_str()) {
                continue;
            }
            told.push(name);
            if may_be_repeated(name) {
                self.faults.report(&Path::Member(self.path, name), "is unknown");
            } else {
                self.faults.report(self.path, "has an unknown member, whose name is not repeated here");
            }
        }
    }
}

/// A name is what somebody typed, too: one that could be a card number, or fills a page, is not sent back.
fn may_be_repeated(name: &str) -> bool {
    name.chars().count() <= 64 && name.chars().filter(|c| c.is_numeric()).count() < 12
}

#[cfg(test)]
mod tests {
    use super::*;

    type Thing = (String, Option<u64>, Vec<char>);

    fn thing(members: &mut Members<'_>) -> Read<Thing> {
        let name = members.required("name", parsed::<String>);
        let size = members.optional("size", whole_number);
        let marks = members.optional("marks", |marks| marks.list(3, parsed::<char>));
        Ok((name?, size?, marks?.unwrap_or_default()))
    }

    fn faults(body: &str) -> Vec<(String, String)> {
        let json = Json::parse(body.as_bytes()).unwrap();
        let faults = read(&json, |body| body.object(thing)).err().unwrap_or_default();
        faults.into_iter().map(|fault| (fault.pointer, fault.detail)).collect()
    }

    fn pointers(body: &str) -> Vec<String> {
        faults(body).into_iter().map(|(pointer, _)| pointer).collect()
    }

    #[test]
    fn a_right_body_is_read() {
        let json = Json::parse(br#"{"name": "n", "marks": ["x", "y"], "size": null}"#).unwrap();
        let expected = ("n".to_owned(), None, vec!['x', 'y']);
        assert_eq!(read(&json, |body| body.object(thing)), Ok(expected));
    }

    #[test]
    fn every_fault_is_told_with_its_place() {
        let body = r#"{"size": -1, "marks": ["x", 7, "long"], "colour": 1, "a/b": 2, "colour": 3}"#;
        let told = faults(body);
        let told: Vec<_> = told.iter().map(|(pointer, detail)| (pointer.as_str(), detail.as_str())).collect();
        assert_eq!(
            told,
            [
                ("/name", "is required"),
                ("/size", "must be a whole number, 0 or more"),
                ("/marks/1", "must be a string"),
                ("/marks/2", "too many characters in string"),
                ("/colour", "is unknown"),
                ("/a~1b", "is unknown"),
            ]
        );
    }

    #[test]
    fn null_is_absent_and_a_repeated_member_is_refused_even_if_null() {
        assert_eq!(pointers(r#"{"name": null}"#), ["/name"]);
        assert_eq!(faults(r#"{"name": "a", "name": null}"#), [("/name".to_owned(), "must be given once".to_owned())]);
        assert_eq!(pointers(r#"{"name": null, "name": null}"#), ["/name"]);
    }

    #[test]
    fn what_is_no_object_or_no_list_is_said_at_its_place() {
        for body in ["[]", "1", "null", "\"x\"", "true"] {
            assert_eq!(pointers(body), [""], "{body}");
        }
        for marks in ["{}", "\"xyz\"", "[\"a\",\"b\",\"c\",\"d\"]"] {
            assert_eq!(pointers(&format!(r#"{{"name": "n", "marks": {marks}}}"#)), ["/marks"], "{marks}");
        }
    }

    #[test]
    fn at_most_a_hundred_faults_are_told() {
        let members: Vec<_> = (0..1000).map(|n| format!("\"x{n}\": 1")).collect();
        assert_eq!(faults(&format!("{{{}}}", members.join(","))).len(), MAX_FAULTS);
    }

    #[test]
    fn a_name_like_a_card_number_is_not_repeated() {
        let told = faults(r#"{"name": "n", "4111 1111 1111 1111": 1, "４１１１１１１１１１１１１１１１": 2}"#);
        assert_eq!(told.len(), 2);
        assert!(told.iter().all(|(pointer, detail)| pointer.is_empty() && !detail.contains("1111")), "{told:?}");
    }

    #[test]
    fn words_are_listed_when_none_fits() {
        let json = Json::parse(b"\"MIDDLE\"").unwrap();
        let told = read(&json, |body| body.one_of(&[("LEFT", 1), ("RIGHT", 2)])).unwrap_err();
        assert_eq!(told, [Fault::new("", "must be one of LEFT, RIGHT")]);
    }
}
