//! A fault of the installation is tried again for ever, with back-off and jitter, and parks nothing (D8).
//!
//! Everything tried here is idempotent: an attempt whose answer was lost may have happened, and is made again.

use std::fmt;
use std::time::Duration;

use tracing::warn;

use super::figures;
use crate::backoff::Backoff;

/// How long one attempt may take. The driver has no socket timeout of its own.
const ATTEMPT: Duration = Duration::from_secs(12);

/// Why an attempt has to be made again.
#[derive(Debug)]
pub(super) struct Trouble(String);

impl Trouble {
    pub(super) fn new(what: impl fmt::Display) -> Self {
        Self(what.to_string())
    }
}

impl From<mongodb::error::Error> for Trouble {
    fn from(error: mongodb::error::Error) -> Self {
        // The kind's text: the whole error would end with the server's complete answer, which quotes documents.
        Self::new(&error.kind)
    }
}

/// Tries until it succeeds. Drop it to stop.
pub(super) async fn for_ever<T, F, Fut>(projection: &'static str, what: &'static str, mut attempt: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, Trouble>>,
{
    let mut backoff = Backoff::new(Duration::from_millis(50), Duration::from_secs(5));
    loop {
        let trouble = match tokio::time::timeout(ATTEMPT, attempt()).await {
            Ok(Ok(done)) => return done,
            Ok(Err(trouble)) => trouble,
            Err(_) => Trouble::new("no answer in time"),
        };
        let wait = backoff.next_wait();
        metrics::counter!(figures::RETRIES, "projection" => projection).increment(1);
        warn!(projection, retry_in_ms = wait.as_millis() as u64, cause = trouble.0, "{what} failed; trying again");
        tokio::time::sleep(wait).await;
    }
}
