//! Clients that do not take their answers. Without a limit such a connection lives for ever, with all that waits in it.

use std::any::Any;
use std::time::Duration;

/// So much of a streamed answer waits in memory for its client, besides what the operating system holds. A client that
/// sends some thousand lines before it reads the first answer is served all the same.
pub(super) const STREAM_BYTES: usize = 1024 * 1024;

/// Lets the operating system close the connection when its client has taken nothing for so long, whatever was to be
/// sent (RFC 5482; `TCP_USER_TIMEOUT`). The framework notices nothing in such a connection but that it is gone.
#[cfg(target_os = "linux")]
pub(super) fn limit(connection: &dyn Any, wait: Duration) {
    let Some(stream) = connection.downcast_ref::<tokio::net::TcpStream>() else { return };
    if let Err(error) = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(wait)) {
        tracing::debug!(%error, "a connection got no limit on what it leaves unread");
    }
}

/// Other systems have no such option; a client that takes nothing keeps its connection there.
#[cfg(not(target_os = "linux"))]
pub(super) fn limit(_: &dyn Any, _: Duration) {}
