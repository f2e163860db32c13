//! Decoding is total (D8): whatever stands in a topic, the answer is an event or an error, never a panic.

use std::marker::PhantomData;

use proptest::{collection::vec, option, prelude::*};

use crate::{
    found::{Found, OPTIONAL, REQUIRED},
    samples::{
        Sampled,
        any::{any_event, any_text},
        for_every_aggregate,
    },
};

for_every_aggregate!(any_record_is_answered, a_spoilt_event_is_answered, an_event_that_was_cut_off_is_refused,);

/// Headers that are nearly right: the names of the contract with anything in them.
fn any_header<D: Sampled>() -> impl Strategy<Value = (String, Option<Vec<u8>>)> {
    let name = prop_oneof![
        4 => prop::sample::select([REQUIRED.as_slice(), &OPTIONAL].concat()).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    (name, option::of(any_bytes::<D>()))
}

fn any_bytes<D: Sampled>() -> impl Strategy<Value = Vec<u8>> {
    let right = D::fullest().envelope;
    let right = ["1.0", "application/json", "{}", &right.subject, &right.source, &right.kind].map(str::to_owned);
    prop_oneof![
        vec(any::<u8>(), 0..40),
        any_text().prop_map(String::into_bytes),
        prop::sample::select(right.to_vec()).prop_map(String::into_bytes)
    ]
}

/// If a record can be read then what was read can be written, and is read again as the same.
fn is_answered<D: Sampled>(record: &Found<D>) {
    if let Ok(event) = record.decode() {
        assert_eq!(Found::of(&event).decode(), Ok(event));
    }
}

fn any_record_is_answered<D: Sampled>() {
    proptest!(|(
        key in option::of(any_bytes::<D>()),
        headers in vec(any_header::<D>(), 0..20),
        value in option::of(any_bytes::<D>()),
    )| {
        is_answered::<D>(&Found { key, headers, value, data: PhantomData });
    });
}

fn a_spoilt_event_is_answered<D: Sampled>() {
    proptest!(|(
        event in any_event::<D>(),
        headers in vec(any_header::<D>(), 0..3),
        dropped in option::of(0..14usize),
        (at, byte) in (any::<prop::sample::Index>(), any::<u8>()),
    )| {
        let mut record = Found::of(&event);
        if let Some(dropped) = dropped.filter(|&d| d < record.headers.len()) {
            record.headers.remove(dropped);
        }
        record.headers.extend(headers);
        if let Some(value) = record.value.as_mut() {
            let at = at.index(value.len());
            value[at] = byte;
        }
        is_answered(&record);
    });
}

fn an_event_that_was_cut_off_is_refused<D: Sampled>() {
    proptest!(|(event in any_event::<D>(), at in any::<prop::sample::Index>())| {
        let record = Found::of(&event);
        let value = record.value.clone().unwrap();
        prop_assert!(record.value(Some(&value[..at.index(value.len())])).decode().is_err());
    });
}
