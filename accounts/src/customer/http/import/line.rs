//! A line as the customer that it asks for, or everything that is wrong with it.

use service_kit::http::body::{Fault, Json};
use service_kit::http::ndjson::Line;

use crate::customer::body::{NewCustomer, named_id, new_customer};
use crate::customer::id::CustomerId;

/// A line that asks for nothing that can be made.
#[derive(Debug)]
pub(super) struct Refused {
    /// The id that it names, when that can be read.
    pub(super) id: Option<CustomerId>,
    /// Every fault, at least one.
    pub(super) faults: Vec<Fault>,
}

pub(super) fn read(line: Line) -> Result<NewCustomer, Refused> {
    let content = line.content.map_err(|too_long| Refused::whole(too_long.to_string()))?;
    let json = Json::parse(&content).map_err(|error| Refused::whole(error.in_one_line()))?;
    new_customer(&json).map_err(|faults| Refused { id: named_id(&json), faults })
}

impl Refused {
    fn whole(detail: String) -> Self {
        Self { id: None, faults: vec![Fault::new("", detail)] }
    }
}

#[cfg(test)]
mod tests {
    use service_kit::http::ndjson::TooLong;

    use super::*;

    fn refused(content: Result<&[u8], TooLong>) -> (Option<String>, Vec<(String, String)>) {
        let line = Line { number: 7, content: content.map(<[u8]>::to_vec) };
        let refused = read(line).unwrap_err();
        let faults = refused.faults.into_iter().map(|fault| (fault.pointer, fault.detail)).collect();
        (refused.id.map(String::from), faults)
    }

    #[test]
    fn what_is_no_json_is_one_fault_of_the_whole_line() {
        let whole = |detail: &str| (None, vec![(String::new(), detail.to_owned())]);
        assert_eq!(refused(Ok(b"{\"id\": }")), whole("is not JSON: expected value at column 8"));
        assert_eq!(refused(Ok(b"{} {}")), whole("is not JSON: trailing characters at column 4"));
        assert_eq!(refused(Ok(b"\"\xff\"")).1.len(), 1);
        assert_eq!(refused(Err(TooLong(9))), whole("must have at most 9 bytes"));
    }

    #[test]
    fn every_fault_is_told_and_the_id_that_the_line_names() {
        let (id, faults) = refused(Ok(br#"{"id": 7, "name": {"firstName": "A"}, "colour": 1}"#));
        let pointers: Vec<_> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!((id.as_deref(), &*pointers), (Some("7"), &["/name/lastName", "/contact", "/colour"][..]));
        assert_eq!(refused(Ok(br#"{"id": "a b"}"#)).0, None);
    }
}
