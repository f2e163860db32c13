//! Reports as CSV (RFC 4180): a header line, lines that end with CRLF, and nothing that a spreadsheet would take for a
//! formula. Written line by line, so that a report of any length takes no more memory than a few of its lines.

use std::borrow::Cow;
use std::fmt::Display;

use actix_web::HttpResponseBuilder;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use service_kit::projection::ReadError;

use crate::item_sales::view::{ItemTotal, MonthTotal};

/// The media type as `Accept` names it.
pub(super) const NAME: &str = "text/csv";

const MEDIA_TYPE: &str = "text/csv; charset=utf-8; header=present";

/// So many lines are sent at once.
const LINES: usize = 256;

/// A cell that begins with one of these is a formula to a spreadsheet, which may call other programs and hosts
/// (<https://owasp.org/www-community/attacks/CSV_Injection>). Ids of items may begin with `-`.
const FORMULAS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A row of a report.
pub(super) trait Row {
    /// The names of its cells.
    const HEADER: &'static [&'static str];

    /// As a line.
    fn line(&self) -> String;
}

impl Row for ItemTotal {
    const HEADER: &'static [&'static str] = &["itemId", "totalOrdered", "orders", "lastOrderDate"];

    fn line(&self) -> String {
        line(&[&self.item_id, &self.total_ordered, &self.orders, &self.last_order_date])
    }
}

impl Row for MonthTotal {
    const HEADER: &'static [&'static str] = &["month", "label", "ordered"];

    fn line(&self) -> String {
        line(&[&self.month, &self.month.label(), &self.ordered])
    }
}

/// What the answer says of its form. `file` is the name that a browser saves it under; it has no character that needs
/// quoting.
pub(super) fn describe(response: &mut HttpResponseBuilder, file: &str) {
    response.content_type(MEDIA_TYPE);
    response.insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file}.csv\"")));
}

/// A report that is there already.
pub(super) fn text<R: Row>(rows: &[R]) -> String {
    rows.iter().fold(header::<R>(), |text, row| text + &row.line())
}

/// A report while it is read. A fault in the middle cuts the answer off, which its client can see: the last chunk is
/// missing.
pub(super) fn body<R: Row>(
    rows: impl Stream<Item = Result<R, ReadError>>,
) -> impl Stream<Item = Result<Bytes, ReadError>> {
    let lines = rows.map_ok(|row| row.line()).chunks(LINES);
    let parts = lines.map(|lines| lines.into_iter().collect::<Result<String, ReadError>>().map(Bytes::from));
    stream::once(std::future::ready(Ok(Bytes::from(header::<R>())))).chain(parts).inspect_err(|error| {
        tracing::error!(%error, "a report was cut off in the middle");
    })
}

fn header<R: Row>() -> String {
    R::HEADER.join(",") + "\r\n"
}

fn line(cells: &[&dyn Display]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(&harmless(&cell.to_string())).into_owned()).collect();
    cells.join(",") + "\r\n"
}

/// As text, whatever a spreadsheet would take it for.
fn harmless(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(FORMULAS) { format!("'{cell}").into() } else { cell.into() }
}

/// RFC 4180, section 2, rules 5 to 7.
fn quoted(cell: &str) -> Cow<'_, str> {
    if cell.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\"")).into()
    } else {
        cell.into()
    }
}

#[cfg(test)]
mod tests;
