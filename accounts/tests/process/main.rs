//! accounts as a process: what its command line, its settings, its first line and its exit code promise. What follows
//! about the start holds for orders too, which is put together by the same kit.
#![expect(clippy::unwrap_used, reason = "a test: whatever fails here is a failure of the test")]

mod refusals;
mod running;
