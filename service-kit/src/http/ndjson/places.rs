//! How many streams are open at once. Each may hold some megabytes for as long as its client likes, so their number is
//! what bounds their memory.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::super::problem::Problem;

/// The gauge of the streams that are open.
pub(in super::super) const OPEN: &str = "http_server_streams_open";

/// When somebody whom there was no place for may come back.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The places of a server; every thread of it has the same.
#[derive(Clone, Debug)]
pub(in super::super) struct Places(Arc<Semaphore>);

/// One place, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
}

impl Places {
    /// So many.
    pub(in super::super) fn new(count: usize) -> Self {
        Self(Arc::new(Semaphore::new(count)))
    }

    pub(super) fn take(&self) -> Result<Place, Problem> {
        let permit = Arc::clone(&self.0).try_acquire_owned();
        let permit =
            permit.map_err(|_| Problem::unavailable("too many streams are open at the moment", RETRY_AFTER))?;
        metrics::gauge!(OPEN).increment(1.0);
        Ok(Place { _permit: permit })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        metrics::gauge!(OPEN).decrement(1.0);
    }
}
