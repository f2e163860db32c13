//! Waiting for a server until it really answers.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::bail;
use tokio::net::TcpStream;

use crate::process::Guarded;

/// A cold start on a busy machine of two cores takes a tenth of this.
const LONGEST_START: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Waits for `answer`, but no longer than the server lives.
pub(super) async fn wait_for<T>(
    process: &Guarded,
    answer: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    tokio::select! {
        answer = answer => answer,
        _ = process.ended() => bail!(process.last_words()),
        () = tokio::time::sleep(LONGEST_START) => {
            bail!("{} does not answer after {} s; its log is {}", process.name(), LONGEST_START.as_secs(), process.log().display())
        }
    }
}

/// Resolves when somebody listens on the port.
pub(super) async fn listening(port: u16) {
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port))
        .await
        .is_err()
    {
        pause().await;
    }
}

/// Between two looks.
pub(super) async fn pause() {
    tokio::time::sleep(BETWEEN_LOOKS).await;
}
