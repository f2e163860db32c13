//! The HTTP kit through real sockets, with a toy resource behind it: what a client sees of limits, refusals, probes,
//! pages and the end of a server.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test: what is not there is a failure")]

mod client;
mod draining;
mod duplex;
mod echo;
mod limits;
mod logging;
mod pages;
mod probes;
mod reading;
mod refusals;
mod running;
mod streams;
mod things;
