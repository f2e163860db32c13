//! Both services together, as real processes on real servers, through their public doors: what a user may rely on
//! whatever dies in between.
//!
//! The ordinary run does enough of each to trust a change; `ECST_FULL=1` (`.ci/full`) does as much as the project
//! claims. Figures are printed: `cargo test -p local-stack --test pair -- --nocapture`.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

mod oracle;

mod load;
mod moved;

mod earlier_client;
mod read_your_writes;

mod one_trace;
mod one_winner;
mod ownership;

mod garbage;

mod broker_away;
mod killed_accounts;
mod killed_accumulation;
mod killed_orders;
mod stopped;
mod swept_by_another;
