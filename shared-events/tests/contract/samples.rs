//! What the tests know of each aggregate's events. A new aggregate is one line in [`for_every_aggregate`] and one file
//! beside `customer.rs`; every test that the others have to pass is then a test of it too.

pub(crate) mod any;
mod customer;
mod order;

use std::fmt::Debug;

use proptest::strategy::BoxedStrategy;
use serde_json::Value;
use shared_events::{
    envelope::{Envelope, Event, EventData},
    time::Timestamp,
};

/// Makes each of the checks, functions over any [`Sampled`], a test of every aggregate: `customer::<check>` …
macro_rules! for_every_aggregate {
    ($($check:ident),+ $(,)?) => {
        $crate::samples::tests_of!(customer, shared_events::customer::CustomerChange, $($check)+);
        $crate::samples::tests_of!(order, shared_events::order::OrderChange, $($check)+);
    };
}

macro_rules! tests_of {
    ($noun:ident, $data:ty, $($check:ident)+) => {
        mod $noun {
            $(#[test]
            fn $check() {
                super::$check::<$data>();
            })+
        }
    };
}

pub(crate) use {for_every_aggregate, tests_of};

/// The data of an aggregate's events, with all that the tests need to know of it.
pub(crate) trait Sampled: EventData + Clone + Debug + PartialEq {
    /// Each type with the file that holds it and the event that it is the record of.
    fn golden() -> Vec<(&'static str, &'static str, Event<Self>)>;

    /// The one with everything that an envelope can carry, and text beyond ASCII: what the tests spoil.
    fn fullest() -> Event<Self>;

    /// Any data that keeps the contract's rules; its texts are anything that Unicode has.
    fn any() -> BoxedStrategy<Self>;

    /// Events that say what cannot be, with the words by which they are refused.
    fn against_the_rules() -> Vec<(Event<Self>, &'static str)>;

    /// Places in the fullest event with a value of another shape, which is neither decoded nor valid.
    fn misshapen() -> Vec<(&'static str, Value)>;

    /// The published schema.
    fn schema() -> Value;

    /// Members that are always there, by the place in the fullest event where they are.
    fn promised() -> Vec<(&'static str, &'static str)>;

    /// Places in the fullest event with a value that the schema refuses. The contract's types hold it: such rules are
    /// the domain's.
    fn against_the_schema() -> Vec<(&'static str, Value)>;

    /// Gives any data what the domain's rules demand of it.
    fn as_the_domain_makes_it(data: &mut Value);
}

/// An event with the plainest envelope that says the same as its data.
fn event<D: EventData>(kind: &str, id: &str, time: Timestamp, data: D) -> Event<D> {
    let envelope = Envelope {
        id: id.to_owned(),
        source: format!("{}{}", D::SOURCE_PREFIX, data.id()),
        kind: kind.to_owned(),
        subject: data.id().to_owned(),
        sequence: data.version(),
        time,
        dataschema: D::DATASCHEMA.to_owned(),
        traceparent: None,
        request_hash: None,
        snapshot: false,
    };
    Event { envelope, data }
}

/// The same event with everything that an envelope can carry.
fn with_all_headers<D>(mut event: Event<D>) -> Event<D> {
    event.envelope.traceparent = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
    event.envelope.request_hash = Some("n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg".to_owned());
    event.envelope.snapshot = true;
    event
}

fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn words(text: &[&str]) -> Vec<String> {
    text.iter().map(|&word| word.to_owned()).collect()
}
