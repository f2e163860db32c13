//! Orders as a client sees it: the real service as a process, on real servers, fed with the events that accounts would
//! publish. Every test has a database, topics and a consumer group of its own.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a surprise is a failure")]

mod bodies;
mod customer;
mod harness;

mod address_rule;
mod events;
mod openapi;
mod orders_of_a_customer;
mod placing;
mod precedence;
mod queries;
mod refusals;
mod repeats;
mod starting;

mod earlier_system;
mod item_sales;
mod lists;
mod reading;
mod records;
mod tokens;
