//! Ports on the loopback interface.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, ensure};

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

/// Refuses a port that is taken, naming the option that changes it.
///
/// # Errors
/// When somebody listens on it.
pub(crate) fn ensure_free(port: u16, wanted_by: &str, option: &str) -> anyhow::Result<()> {
    ensure!(is_free(port), "port {port}, which {wanted_by} wants, is taken: choose another one with {option} PORT");
    Ok(())
}

fn is_free(port: u16) -> bool {
    // Both: where somebody listens on all interfaces, some systems would still let us have one of them.
    [Ipv4Addr::LOCALHOST, Ipv4Addr::UNSPECIFIED].into_iter().all(|host| TcpListener::bind((host, port)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_refused_with_the_option_that_changes_it() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let error = ensure_free(port, "accounts", "--accounts-port").unwrap_err().to_string();
        assert_eq!(
            error,
            format!("port {port}, which accounts wants, is taken: choose another one with --accounts-port PORT")
        );
        drop(listener);
        ensure_free(port, "accounts", "--accounts-port").unwrap();
    }
}
