//! The contract as a reader of it would check it: bytes that never change, a round trip that loses nothing, a decoder
//! that has an answer to everything, and a schema that an independent validator accepts.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod samples;

mod golden;

mod round_trip;

mod found;

mod decoding;

mod totality;

mod token;

mod schema;

#[cfg(feature = "bson")]
mod stored_time;
