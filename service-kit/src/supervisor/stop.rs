//! The wish to stop: once for in order, twice for at once.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The two wishes somebody outside can have. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    in_order: CancellationToken,
    at_once: CancellationToken,
}

impl Stop {
    /// A wish that nobody has had yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The first SIGTERM or SIGINT (Ctrl-C) asks to stop in order, the second to stop at once.
    ///
    /// # Errors
    /// The operating system does not let signals be handled.
    pub fn on_signals() -> io::Result<Self> {
        let stop = Self::new();
        let mut signals =
            Signals { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? };
        let asked = stop.clone();
        // Not a task of the supervisor: it is what tells the supervisor, so it must outlive its last stage.
        tokio::spawn(async move {
            signals.next().await;
            asked.ask();
            signals.next().await;
            asked.ask_at_once();
        });
        Ok(stop)
    }

    /// Asks to stop in order.
    pub fn ask(&self) {
        self.in_order.cancel();
    }

    /// Asks to stop at once: what is in flight is left as it is.
    pub fn ask_at_once(&self) {
        self.in_order.cancel();
        self.at_once.cancel();
    }

    /// Ends when a stop was asked for, of either kind.
    pub async fn asked(&self) {
        self.in_order.cancelled().await;
    }

    /// Ends when a stop at once was asked for.
    pub async fn asked_at_once(&self) {
        self.at_once.cancelled().await;
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
