//! Running a registry's client.

use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// Runs a client to its end. `missing` is the sentence for when it is not installed.
pub(super) fn run(command: &mut Command, missing: &str) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = match command.stdin(Stdio::null()).output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => bail!("{missing}"),
        outcome => outcome.with_context(|| format!("cannot run {name}"))?,
    };
    if !output.status.success() {
        let words = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        bail!("{name} could not fetch it:\n{}", words.trim_end());
    }
    Ok(())
}
