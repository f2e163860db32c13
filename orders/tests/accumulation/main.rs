//! The model test of the reports: whatever happens between an order's events and the totals, both reports are what the
//! final orders add up to (G3). Random histories of orders that are placed, amended, fulfilled and cancelled; of records
//! that come twice, late, or again from an earlier offset; of consumers that are killed at any moment, stopped, and joined
//! by a second one. Real servers, the service's own projection and reader.
//!
//! 20 histories in the ordinary run, 200 with `ECST_FULL=1`; `ECST_SEED=…` repeats one of them.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "../api/item_sales/sample.rs"]
mod sample;

mod history;
mod instance;
mod orders;
mod recount;
mod world;

use std::panic::{AssertUnwindSafe, resume_unwind};

use futures_util::{FutureExt, StreamExt, stream};
use local_stack::extent::{extent, seeds};

/// So many histories at once: most of their time is waiting for a consumer group.
const AT_ONCE: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_any_history_both_reports_are_what_the_final_orders_add_up_to() {
    let seeds = seeds("histories of orders", extent(20, 200));
    stream::iter(seeds).for_each_concurrent(AT_ONCE, play).await;
}

/// Names the history that fails.
async fn play(seed: u64) {
    if let Err(failure) = AssertUnwindSafe(history::run(seed)).catch_unwind().await {
        eprintln!("this history is repeated by ECST_SEED={seed}");
        resume_unwind(failure);
    }
}
