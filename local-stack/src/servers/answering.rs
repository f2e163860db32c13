//! Waiting for a server until it really answers.

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::net::TcpStream;

/// A cold start on a busy machine of two cores takes a tenth of this.
pub(super) const LONGEST_START: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Resolves when somebody listens on the port.
pub(super) async fn listening(port: u16) {
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
        pause().await;
    }
}

/// Between two looks.
pub(super) async fn pause() {
    tokio::time::sleep(BETWEEN_LOOKS).await;
}
