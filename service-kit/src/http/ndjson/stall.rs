//! The clock that ends a stream in which nothing moves.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

/// Runs out when it is not told for so long that something moved.
#[derive(Debug)]
pub(super) struct Stall {
    limit: Duration,
    last: Instant,
    /// Set anew only when it runs out: streams move thousands of times before that.
    sleep: Pin<Box<Sleep>>,
}

impl Stall {
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, last: Instant::now(), sleep: Box::pin(tokio::time::sleep(limit)) }
    }

    pub(super) fn moved(&mut self) {
        self.last = Instant::now();
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.sleep.as_mut().poll(cx).is_ready() {
            let deadline = self.last + self.limit;
            if deadline <= Instant::now() {
                return Poll::Ready(());
            }
            self.sleep.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}
