//! Projections against a real Kafka and a real MongoDB: what is applied, what is parked, and what an outage, a restart, a
//! rebalance or another log change about it. Every test has a database, topics and a consumer group of its own.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a surprise is a failure")]

mod harness;
mod proxy;
mod thing;

mod accumulating;
mod applying;
mod log_identity;
mod outage;
mod parking;
mod sharing;
