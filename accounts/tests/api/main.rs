//! The API of accounts, through its public door, on real servers.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test: what is not as expected is a failure")]

mod bodies;
mod harness;

mod create;
mod events;
mod faults;
mod idempotency;
mod import;
mod legacy;
mod list;
mod openapi;
mod precedence;
mod preconditions;
mod replace;
