//! The servers as their users see them: they answer, are shared, and are gone when nobody uses them.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a surprise is a failure")]

mod command;
mod fetching;
mod process;
mod shared;
mod support;
mod whole;
