//! Reading JSON bodies strictly, and telling *every* fault at once.
//!
//! serde stops at the first thing that is wrong, keeps the last of two members of one name and says nothing of the
//! other. A caller who mends a form wants the whole list, with places. So a body is parsed into a tree that keeps what
//! was sent ([`Json`]), and a business folder reads its own types from that tree ([`read`], [`Node`], [`Members`]);
//! what is missing, unknown, given twice, of the wrong type or against a rule becomes a [`Fault`] with its JSON Pointer
//! (RFC 6901), and reading goes on.
//!
//! The reading code of a resource is a table of its members:
//!
//! ```
//! use service_kit::http::body::{Json, Members, Read, parsed, read};
//!
//! struct Name { first: String, middle: Option<String> }
//!
//! fn name(members: &mut Members<'_>) -> Read<Name> {
//!     let first = members.required("firstName", parsed);
//!     let middle = members.optional("middleName", parsed);
//!     Ok(Name { first: first?, middle: middle? })
//! }
//!
//! let json = Json::parse(br#"{"middleName": 7, "lastname": "Doe"}"#).unwrap();
//! let faults = read(&json, |body| body.object(name)).err().unwrap();
//! let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
//! assert_eq!(pointers, ["/firstName", "/middleName", "/lastname"]);
//! ```
//!
//! Fetch every member first and use `?` afterwards: a `?` on the spot would leave the later ones unread.
//!
//! `null` and absent mean the same here. Must not: repeat what was sent. A fault is shown and logged, and the value
//! may be a card number (G8); nor does `Debug` of the tree show content.

mod json;
mod merge_patch;
mod node;
mod path;

pub use json::{Json, MAX_DEPTH, NotJson};
pub use merge_patch::merge_patch;
pub use node::{Members, Node, Read, Reported, parsed, read, whole_number};

pub use super::problem::Fault;
