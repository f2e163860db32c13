//! The signals that stop the stack: Ctrl-C, SIGTERM, and the end of the terminal.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens from when it is made, so that a signal during the start is not lost, and a second one does no harm.
#[derive(Debug)]
pub(super) struct StopSignal {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl StopSignal {
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Resolves at the first of them.
    pub(super) async fn received(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}
