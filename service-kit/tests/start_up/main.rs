//! What a service demands of MongoDB and Kafka before it works, on real ones: made when missing, accepted when right,
//! refused with the remedy when not.
#![expect(clippy::unwrap_used, reason = "a test: whatever fails here is a failure of the test")]

mod indexes;
mod topics;
