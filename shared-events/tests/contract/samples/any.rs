//! Anything, for the property tests: events, texts, versions and times.

use proptest::{option, prelude::*};
use shared_events::{
    envelope::{Event, MAX_VERSION},
    time::Timestamp,
};

use super::{Sampled, event};

/// Any event that keeps the contract's rules; its texts are anything that Unicode has.
pub(crate) fn any_event<D: Sampled>() -> impl Strategy<Value = Event<D>> {
    let envelope =
        (some_text(), "[a-z]{1,12}", option::of(some_text()), option::of(some_text()), any::<bool>(), any_time());
    (D::any(), envelope).prop_map(|(data, envelope)| {
        let (id, word, traceparent, request_hash, snapshot, time) = envelope;
        let mut event = event(&format!("{}{word}", D::TYPE_PREFIX), &id, time, data);
        event.envelope.traceparent = traceparent;
        event.envelope.request_hash = request_hash;
        event.envelope.snapshot = snapshot;
        event
    })
}

/// Text that some layer below might take for something else: an operator, a path, an escape, a number, nothing.
pub(crate) fn any_text() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec!["", "$set", "$where", "a.b", "\u{0}", "\u{feff}", "null", "1e5", "\"\\"]);
    prop_oneof![any::<String>(), "[$.]{1,2}[a-z]{0,5}", special.prop_map(str::to_owned)]
}

/// The same, but not empty: an empty attribute is no attribute.
pub(crate) fn some_text() -> impl Strategy<Value = String> {
    any_text().prop_map(|text| if text.is_empty() { "0".to_owned() } else { text })
}

/// Small, large and the largest.
pub(crate) fn any_version() -> impl Strategy<Value = u64> {
    prop_oneof![1..=5u64, 1..=MAX_VERSION, Just(MAX_VERSION)]
}

/// Any instant that RFC 3339 can write.
pub(crate) fn any_time() -> impl Strategy<Value = Timestamp> {
    let ends = prop_oneof![Just(-62_167_219_200_000i64), Just(253_402_300_799_999), Just(-1), Just(0)];
    let millis = prop_oneof![8 => -62_167_219_200_000..=253_402_300_799_999i64, 1 => ends];
    millis.prop_map(|millis| Timestamp::from_millis(millis).unwrap())
}
