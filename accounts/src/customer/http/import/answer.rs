//! The lines that an import answers with.

use serde::Serialize;
use service_kit::http::body::Fault;
use service_kit::http::ndjson::LineAnswer;
use utoipa::ToSchema;

use crate::customer::id::CustomerId;

/// What became of one line of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImportResult {
    /// Which line, from 1; blank ones are counted too.
    #[schema(minimum = 1)]
    line: u64,
    /// What became of it.
    status: ImportStatus,
    /// The customer: the id that the line names, or the one that the service made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    id: Option<String>,
    /// The version of the customer that is there now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1)]
    version: Option<u64>,
    /// All that is wrong with the line, or what is taken; pointers are into the line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
}

/// What can become of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ImportStatus {
    /// The customer is new.
    Created,
    /// A customer with this id and this content was there already.
    Unchanged,
    /// The id or the e-mail address is another customer's.
    Conflict,
    /// The line is no customer.
    Invalid,
}

/// The last line of an import that is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct ImportSummary {
    /// What the lines came to.
    pub(super) summary: ImportCounts,
}

/// How many lines came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct ImportCounts {
    /// All, but blank ones.
    lines: u64,
    /// Customers that are new.
    created: u64,
    /// Customers that were there already.
    unchanged: u64,
    /// Lines that want what is another customer's.
    conflict: u64,
    /// Lines that are no customer.
    invalid: u64,
}

impl ImportResult {
    pub(super) fn created(line: u64, id: CustomerId, version: u64) -> Self {
        let (id, version) = (Some(id.into()), Some(version));
        Self { line, status: ImportStatus::Created, id, version, errors: Vec::new() }
    }

    pub(super) fn unchanged(line: u64, id: CustomerId, version: u64) -> Self {
        Self { status: ImportStatus::Unchanged, ..Self::created(line, id, version) }
    }

    /// The id is that of the line, if it names one.
    pub(super) fn conflict(line: u64, id: Option<CustomerId>, taken: Fault) -> Self {
        Self { status: ImportStatus::Conflict, ..Self::invalid(line, id, vec![taken]) }
    }

    /// The id is that of the line, if it names one.
    pub(super) fn invalid(line: u64, id: Option<CustomerId>, errors: Vec<Fault>) -> Self {
        Self { line, status: ImportStatus::Invalid, id: id.map(String::from), version: None, errors }
    }
}

impl LineAnswer for ImportResult {
    fn outcome(&self) -> &'static str {
        match self.status {
            ImportStatus::Created => "created",
            ImportStatus::Unchanged => "unchanged",
            ImportStatus::Conflict => "conflict",
            ImportStatus::Invalid => "invalid",
        }
    }
}

impl ImportCounts {
    pub(super) fn add(&mut self, result: &ImportResult) {
        let count = match result.status {
            ImportStatus::Created => &mut self.created,
            ImportStatus::Unchanged => &mut self.unchanged,
            ImportStatus::Conflict => &mut self.conflict,
            ImportStatus::Invalid => &mut self.invalid,
        };
        *count += 1;
        self.lines += 1;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_result_shows_what_there_is_to_show() {
        let id = || "7".parse::<CustomerId>().unwrap();
        let shown = |result: ImportResult| serde_json::to_value(result).unwrap();
        assert_eq!(
            shown(ImportResult::created(1, id(), 1)),
            json!({"line": 1, "status": "created", "id": "7", "version": 1})
        );
        let taken = Fault::new("/contact/email", "is taken");
        assert_eq!(
            shown(ImportResult::conflict(2, None, taken)),
            json!({"line": 2, "status": "conflict", "errors": [{"pointer": "/contact/email", "detail": "is taken"}]})
        );
    }

    #[test]
    fn every_line_is_counted_once() {
        let id = || "7".parse::<CustomerId>().unwrap();
        let mut counts = ImportCounts::default();
        counts.add(&ImportResult::created(1, id(), 1));
        counts.add(&ImportResult::unchanged(2, id(), 3));
        counts.add(&ImportResult::conflict(3, Some(id()), Fault::new("/id", "is taken")));
        counts.add(&ImportResult::invalid(4, None, vec![Fault::new("", "is not JSON")]));
        assert_eq!(counts, ImportCounts { lines: 4, created: 1, unchanged: 1, conflict: 1, invalid: 1 });
    }
}
