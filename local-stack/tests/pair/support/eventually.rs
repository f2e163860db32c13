//! Waiting for what must come, with a limit and the last complaint; never a sleep that hopes.

use std::future::Future;
use std::time::{Duration, Instant};

/// Longer than any bound that the services promise; a test that needs it all is red anyway.
const LIMIT: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Looks again and again until there is nothing to complain about, and hands over what was found.
pub(crate) async fn eventually<T, F>(what: &str, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, String>>,
{
    let begin = Instant::now();
    loop {
        match look().await {
            Ok(found) => return found,
            Err(complaint) => assert!(begin.elapsed() < LIMIT, "{what}, not after {LIMIT:?}: {complaint}"),
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
