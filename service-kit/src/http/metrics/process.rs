//! What the process takes of the machine: memory, open files, threads. Read from `/proc`, so only where there is one.

use std::fs;

use metrics::Unit;

const MEMORY: &str = "process_resident_memory_bytes";
const FILES: &str = "process_open_fds";
const THREADS: &str = "process_threads";

pub(super) fn describe() {
    metrics::describe_gauge!(MEMORY, Unit::Bytes, "Resident memory.");
    metrics::describe_gauge!(FILES, "Open files and sockets.");
    metrics::describe_gauge!(THREADS, "Threads.");
}

/// Reads the figures and sets the gauges. Two small files of the kernel's memory: no disk is waited for.
pub(super) fn measure() {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(kibibytes) = line(&status, "VmRSS:") {
        metrics::gauge!(MEMORY).set(kibibytes * 1024.0);
    }
    if let Some(threads) = line(&status, "Threads:") {
        metrics::gauge!(THREADS).set(threads);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        metrics::gauge!(FILES).set(open.count() as f64);
    }
}

/// The number after a name: `VmRSS:     12345 kB`.
fn line(status: &str, name: &str) -> Option<f64> {
    let rest = status.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_lines_are_read() {
        let status = "Name:\tx\nVmRSS:\t   12345 kB\nThreads:\t7\n";
        assert_eq!(line(status, "VmRSS:"), Some(12345.0));
        assert_eq!(line(status, "Threads:"), Some(7.0));
        assert_eq!(line(status, "Other:"), None);
    }
}
