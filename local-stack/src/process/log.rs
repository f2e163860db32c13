//! What a guarded program last wrote: the reason it ended, usually.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Enough for a panic with its backtrace; a log of gigabytes is not read for it.
const TAIL_BYTES: u64 = 16 * 1024;

/// The last lines of a log file, indented by two spaces; empty when there is no such file.
#[must_use]
pub fn last_lines(log: &Path, lines: usize) -> String {
    let text = tail(log).unwrap_or_default();
    let all: Vec<&str> = text.lines().collect();
    let last = &all[all.len().saturating_sub(lines)..];
    last.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

fn tail(log: &Path) -> std::io::Result<String> {
    let mut file = File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut bytes = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
