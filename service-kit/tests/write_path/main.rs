//! The write path against a real MongoDB and a real Kafka: what each rule promises, seen from outside.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what fails here fails the test")]

mod faults;
mod harness;
mod ordinary;
mod sweeping;
