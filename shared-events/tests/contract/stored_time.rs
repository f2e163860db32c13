//! In BSON a time is a date, also where the state stands flat in a document.

use serde::{Deserialize, Serialize};
use shared_events::time::Timestamp;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct State {
    at: Timestamp,
    later: Option<Timestamp>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Document {
    version: i64,
    #[serde(flatten)]
    state: State,
}

#[test]
fn a_time_is_a_date_in_bson_and_comes_back_also_from_a_flat_document() {
    let at = Timestamp::parse("2026-11-21T07:58:27.123Z").unwrap();
    let document = Document { version: 1, state: State { at, later: Some(at.next()) } };
    let bytes = bson::serialize_to_vec(&document).unwrap();
    let read: bson::Document = bson::deserialize_from_slice(&bytes).unwrap();
    assert_eq!(read.get_datetime("at").unwrap().timestamp_millis(), at.millis());
    assert_eq!(bson::deserialize_from_slice::<Document>(&bytes).unwrap(), document);
    assert_eq!(bson::deserialize_from_document::<Document>(read).unwrap(), document);
}
