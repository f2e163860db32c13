//! The bytes of a report, and that no cell of it is anything but text.

use proptest::prelude::*;

use super::*;

fn item(item_id: &str, total_ordered: i64) -> ItemTotal {
    ItemTotal { item_id: item_id.to_owned(), total_ordered, orders: 1, last_order_date: "2026-11-27".parse().unwrap() }
}

async fn collected(rows: Vec<Result<ItemTotal, ReadError>>) -> Result<(usize, String), ReadError> {
    let parts: Vec<Bytes> = body(stream::iter(rows)).try_collect().await?;
    Ok((parts.len(), parts.iter().map(|part| std::str::from_utf8(part).unwrap()).collect()))
}

#[test]
fn a_report_has_a_header_and_lines_that_end_as_the_standard_says() {
    let rows = [item("z3333", 6), item("z4444", 3)];
    let expected = "itemId,totalOrdered,orders,lastOrderDate\r\nz3333,6,1,2026-11-27\r\nz4444,3,1,2026-11-27\r\n";
    assert_eq!(text(&rows), expected);
    let months = [MonthTotal { month: "2026-11".parse().unwrap(), ordered: 6 }];
    assert_eq!(text(&months), "month,label,ordered\r\n2026-11,November 2026,6\r\n");
    assert_eq!(text::<MonthTotal>(&[]), "month,label,ordered\r\n");
}

#[test]
fn what_a_spreadsheet_would_calculate_is_text() {
    for (id, cell) in [
        ("-1", "'-1"),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "\"'\r=1\""),
        ("＝1", "'＝1"),
        ("a-1", "a-1"),
        ("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""),
        ("a,b", "\"a,b\""),
        ("a\r\nb", "\"a\r\nb\""),
    ] {
        assert_eq!(item(id, 6).line(), format!("{cell},6,1,2026-11-27\r\n"), "{id:?}");
    }
}

#[tokio::test]
async fn a_long_report_goes_out_in_parts_and_is_the_same() {
    let rows: Vec<ItemTotal> = (1..=600).map(|n| item(&format!("i{n}"), n)).collect();
    let (parts, streamed) = collected(rows.iter().cloned().map(Ok).collect()).await.unwrap();
    assert_eq!((parts, streamed), (4, text(&rows)));
    assert_eq!(collected(Vec::new()).await.unwrap(), (1, text::<ItemTotal>(&[])));
}

#[tokio::test]
async fn a_fault_in_the_middle_ends_the_report_with_it() {
    let lost = || ReadError::Unavailable(std::io::Error::other("away").into());
    let rows = vec![Ok(item("a", 1)), Err(lost()), Ok(item("b", 1))];
    assert!(collected(rows).await.is_err());
}

/// A reader of one line that knows nothing of how it was written.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted, mut rest) = (vec![String::new()], false, line.strip_suffix("\r\n").unwrap());
    while let Some(next) = rest.chars().next() {
        rest = &rest[next.len_utf8()..];
        let cell = cells.last_mut().unwrap();
        match (next, quoted) {
            ('"', true) if rest.starts_with('"') => {
                cell.push('"');
                rest = &rest[1..];
            }
            ('"', _) => quoted = !quoted,
            (',', false) => cells.push(String::new()),
            (other, _) => cell.push(other),
        }
    }
    cells
}

proptest! {
    #[test]
    fn any_text_is_one_cell_and_no_formula(id in any::<String>()) {
        let line = item(&id, 6).line();
        let cells = cells(&line);
        prop_assert_eq!(cells.len(), 4);
        let cell = cells[0].strip_prefix('\'').filter(|_| !id.starts_with('\'')).unwrap_or(&cells[0]);
        prop_assert_eq!(cell, id);
        prop_assert!(!cells[0].starts_with(FORMULAS));
    }
}
