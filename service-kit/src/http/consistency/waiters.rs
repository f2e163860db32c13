//! Waiting until a state has arrived. Looking costs one read by id, and the pause between two looks grows from 1 to
//! 25 ms: the usual copy arrives within a few milliseconds, and a late one is not asked for in a tight loop. The number
//! of those who wait is bounded, and all waiting ends when the service drains.

use std::sync::Arc;
use std::time::Duration;

use shared_events::token::ConsistencyToken;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::super::problem::Problem;
use super::{Consistency, Freshness};

const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(25);

/// Requests that wait for a state.
pub(in super::super) const WAITING: &str = "http_server_requests_waiting";

/// When a client should ask again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// All requests of a service that wait for a state. Cheap to clone; clones share the bound.
#[derive(Clone, Debug)]
pub struct Waiters {
    places: Arc<Semaphore>,
    draining: CancellationToken,
}

impl Waiters {
    /// At most so many wait at once, and none once `draining` is cancelled.
    pub fn new(at_most: usize, draining: CancellationToken) -> Self {
        Self { places: Arc::new(Semaphore::new(at_most.min(Semaphore::MAX_PERMITS))), draining }
    }

    /// Waits until every entity that the request names has reached its version. `look` tells the version that a reader
    /// would find now, `None` when there is nothing yet. It must look where the answer will be read from.
    ///
    /// # Errors
    /// 503 with `Retry-After` when the state did not arrive in time, too many wait already, or the service drains;
    /// with `Prefer: handling=lenient` that is [`Freshness::Stale`] instead. Any problem that `look` has.
    pub async fn reach(
        &self,
        consistency: &Consistency,
        look: impl AsyncFn(&ConsistencyToken) -> Result<Option<u64>, Problem>,
    ) -> Result<Freshness, Problem> {
        match self.wait(consistency, look).await? {
            None => Ok(Freshness::Current),
            Some(_) if consistency.lenient => Ok(Freshness::Stale),
            Some(refusal) => Err(refusal),
        }
    }

    /// `None` when the state is there, otherwise what to say to those who insist on it.
    async fn wait(
        &self,
        consistency: &Consistency,
        look: impl AsyncFn(&ConsistencyToken) -> Result<Option<u64>, Problem>,
    ) -> Result<Option<Problem>, Problem> {
        let deadline = Instant::now() + consistency.wait;
        let mut missing: Vec<_> = consistency.tokens.iter().collect();
        // Nearly every request finds its state at the first look, and that one needs no place.
        forget_reached(&mut missing, &look).await?;
        if missing.is_empty() {
            return Ok(None);
        }
        let Ok(_place) = self.places.try_acquire() else {
            return Ok(Some(Problem::unavailable("too many requests wait already", RETRY_AFTER)));
        };
        let _counted = Counted::new();
        let mut pause = FIRST_PAUSE;
        while Instant::now() < deadline {
            let until = deadline.min(Instant::now() + pause);
            tokio::select! {
                () = self.draining.cancelled() => {
                    return Ok(Some(Problem::unavailable("the service is stopping", RETRY_AFTER)));
                }
                () = tokio::time::sleep_until(until) => {}
            }
            forget_reached(&mut missing, &look).await?;
            if missing.is_empty() {
                return Ok(None);
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        Ok(Some(Problem::not_yet_consistent(RETRY_AFTER)))
    }
}

/// One who waits, in the gauge for as long as it lives: the client may go away in the middle.
struct Counted;

impl Counted {
    fn new() -> Self {
        metrics::gauge!(WAITING).increment(1.0);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!(WAITING).decrement(1.0);
    }
}

/// Versions never decrease, so what was reached once need not be looked at again.
async fn forget_reached(
    missing: &mut Vec<&ConsistencyToken>,
    look: &impl AsyncFn(&ConsistencyToken) -> Result<Option<u64>, Problem>,
) -> Result<(), Problem> {
    let mut still = Vec::with_capacity(missing.len());
    for token in missing.drain(..) {
        if look(token).await?.is_none_or(|version| version < token.version) {
            still.push(token);
        }
    }
    *missing = still;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::super::super::problem::Kind;
    use super::*;

    const SOON: Duration = Duration::from_millis(20);
    const FAR: Duration = Duration::from_secs(3600);

    fn asks(versions: &[u64], wait: Duration, lenient: bool) -> Consistency {
        let token = |version: &u64| ConsistencyToken::new("thing", &format!("t{version}"), *version);
        let tokens = versions.iter().map(token).collect();
        Consistency { tokens, wait, wait_was_asked: true, lenient }
    }

    fn waiters(at_most: usize) -> Waiters {
        Waiters::new(at_most, CancellationToken::new())
    }

    async fn nothing(_: &ConsistencyToken) -> Result<Option<u64>, Problem> {
        Ok(None)
    }

    #[tokio::test]
    async fn a_state_that_is_there_needs_no_place() {
        let looks = Cell::new(0);
        let look = async |_: &ConsistencyToken| {
            looks.set(looks.get() + 1);
            Ok(Some(7))
        };
        let answer = waiters(0).reach(&asks(&[7, 3], FAR, false), look).await;
        assert_eq!((answer, looks.get()), (Ok(Freshness::Current), 2));
    }

    #[tokio::test]
    async fn a_state_that_arrives_later_is_waited_for() {
        let version = Cell::new(0);
        let look = async |_: &ConsistencyToken| {
            version.set(version.get() + 1);
            Ok(Some(version.get()))
        };
        let answer = waiters(1).reach(&asks(&[5], FAR, false), look).await;
        assert_eq!((answer, version.get()), (Ok(Freshness::Current), 5));
    }

    #[tokio::test]
    async fn one_that_never_arrives_is_told_or_done_without() {
        let refused = waiters(1).reach(&asks(&[1], SOON, false), nothing).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::NotYetConsistent);
        let lenient = waiters(1).reach(&asks(&[1], SOON, true), nothing).await;
        assert_eq!(lenient, Ok(Freshness::Stale));
        let at_once = waiters(1).reach(&asks(&[1], Duration::ZERO, true), nothing).await;
        assert_eq!(at_once, Ok(Freshness::Stale));
    }

    #[tokio::test]
    async fn beyond_the_bound_nobody_waits() {
        let refused = waiters(0).reach(&asks(&[1], FAR, false), nothing).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Unavailable);
    }

    #[tokio::test]
    async fn draining_ends_all_waiting() {
        let waiters = waiters(1);
        let look = async |_: &ConsistencyToken| {
            waiters.draining.cancel();
            Ok(None)
        };
        let refused = waiters.reach(&asks(&[1], FAR, false), look).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Unavailable);
        assert_eq!(waiters.places.available_permits(), 1);
    }

    #[tokio::test]
    async fn a_failing_look_is_told_as_it_is() {
        let look = async |_: &ConsistencyToken| Err(Problem::unavailable("no", FAR));
        let refused = waiters(1).reach(&asks(&[1], FAR, true), look).await.unwrap_err();
        assert_eq!(refused, Problem::unavailable("no", FAR));
    }
}
