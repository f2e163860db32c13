//! Orders as a client sees it: the real service as a process, on real servers, fed with the events that accounts would
//! publish. Every test has a database, topics and a consumer group of its own.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a surprise is a failure")]

mod customer;
mod harness;

mod earlier_system;
mod lists;
mod reading;
mod records;
mod tokens;
