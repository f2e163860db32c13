//! Ports on the loopback interface.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::Context;

/// Below the ranges from which Linux (32768 …) and macOS (49152 …) take the ports of outgoing connections, so that no
/// client gets hold of the port between the moment it is chosen and the moment a server listens on it.
const CHOSEN_FROM: std::ops::Range<u16> = 15_000..30_000;

/// A port on which nobody listens.
///
/// # Errors
/// When a hundred random ones were all taken.
pub(crate) fn free() -> anyhow::Result<u16> {
    std::iter::repeat_with(|| rand::random_range(CHOSEN_FROM))
        .take(100)
        .find(|port| is_free(*port))
        .context("no free port was found on 127.0.0.1")
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
