//! Decoding is total (D8): whatever stands in a topic, the answer is an event or an error, never a panic.

use proptest::{collection::vec, option, prelude::*};
use shared_events::envelope;

use crate::{
    found::{Found, OPTIONAL, REQUIRED},
    samples,
};

/// Headers that are nearly right: the names of the contract with anything in them.
fn any_header() -> impl Strategy<Value = (String, Option<Vec<u8>>)> {
    let name = prop_oneof![
        4 => prop::sample::select([REQUIRED.as_slice(), &OPTIONAL].concat()).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    (name, option::of(any_bytes()))
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..40),
        samples::any_text().prop_map(String::into_bytes),
        prop::sample::select(vec!["1.0", "application/json", "12345", "accounts.customer.updated", "{}"])
            .prop_map(|text| text.as_bytes().to_vec()),
    ]
}

/// If a record can be read then what was read can be written, and is read again as the same.
fn is_answered(record: &Found) {
    if let Ok(event) = record.decode() {
        assert_eq!(Found::new(envelope::encode(&event).unwrap()).decode(), Ok(event));
    }
}

proptest! {
    #[test]
    fn any_record_is_answered(
        key in option::of(any_bytes()),
        headers in vec(any_header(), 0..20),
        value in option::of(any_bytes()),
    ) {
        is_answered(&Found { key, headers, value });
    }

    #[test]
    fn a_spoilt_event_is_answered(
        event in samples::any_event(),
        headers in vec(any_header(), 0..3),
        dropped in option::of(0..14usize),
        (at, byte) in (any::<prop::sample::Index>(), any::<u8>()),
    ) {
        let mut record = Found::new(envelope::encode(&event).unwrap());
        if let Some(dropped) = dropped.filter(|&d| d < record.headers.len()) {
            record.headers.remove(dropped);
        }
        record.headers.extend(headers);
        if let Some(value) = record.value.as_mut() {
            let at = at.index(value.len());
            value[at] = byte;
        }
        is_answered(&record);
    }

    #[test]
    fn an_event_that_was_cut_off_is_refused(event in samples::any_event(), at in any::<prop::sample::Index>()) {
        let record = Found::new(envelope::encode(&event).unwrap());
        let value = record.value.clone().unwrap();
        prop_assert!(record.value(Some(&value[..at.index(value.len())])).decode().is_err());
    }
}
