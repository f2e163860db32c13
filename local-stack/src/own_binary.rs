//! Where the `local-stack` binary and the services' binaries are.
//!
//! A test binary knows its own path (`target/<profile>/deps/…`) and nothing else: Cargo tells it the path of a binary of
//! its own crate only. So the folder is derived from it, and Cargo is asked to bring the binaries there up to date: a
//! stale guard or a stale service would be tested instead of the one in the tree. Cargo holds no lock while tests run,
//! and a build with nothing to do takes a fraction of a second.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, bail};

/// The binaries that a build of the workspace makes.
#[derive(Debug, Clone)]
pub struct Binaries {
    /// This crate's own.
    pub local_stack: PathBuf,
    /// The service `accounts`.
    pub accounts: PathBuf,
    /// The service `orders`.
    pub orders: PathBuf,
}

/// Builds the workspace's binaries, with the profile of the running binary, and tells where they are. Once per
/// process; a no-op when they are fresh.
///
/// # Errors
/// When the build fails: with the end of what Cargo wrote.
pub fn build_services() -> anyhow::Result<Binaries> {
    static BUILT: OnceLock<Result<Binaries, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let folder = profile_folder(&running_binary()?)?;
        build(&folder, Stdio::piped()).map_err(|error| format!("{error:#}"))
    });
    built.clone().map_err(anyhow::Error::msg)
}

/// Builds into a folder `target/<profile>`; Cargo's own messages go to `messages`.
pub(crate) fn build(profile_folder: &Path, messages: Stdio) -> anyhow::Result<Binaries> {
    cargo_build(profile_folder, &["--bins"], messages)?;
    Ok(Binaries {
        local_stack: profile_folder.join("local-stack"),
        accounts: profile_folder.join("accounts"),
        orders: profile_folder.join("orders"),
    })
}

fn cargo_build(profile_folder: &Path, which: &[&str], messages: Stdio) -> anyhow::Result<()> {
    let target = profile_folder.parent().context("the folder of a profile is inside a target folder")?;
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("this crate is inside a workspace")?;
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        // The whole workspace, as `cargo test --workspace` does: with another choice of packages Cargo would choose
        // other features of the dependencies, and compile them again.
        .args(["build", "--workspace"])
        .args(which)
        .args(profile_options(profile_folder))
        .arg("--target-dir")
        .arg(target)
        .current_dir(workspace)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(messages)
        .spawn()
        .and_then(std::process::Child::wait_with_output)
        .context("cannot start cargo, which builds the services: install Rust with rustup")?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!("cargo build --workspace {} has failed\n{words}", which.join(" "));
    }
    Ok(())
}

/// `target/<profile>` of the running binary.
pub(crate) fn running_profile_folder() -> anyhow::Result<PathBuf> {
    running_binary().and_then(|binary| profile_folder(&binary)).map_err(anyhow::Error::msg)
}

/// The `local-stack` binary, built if this is not it.
pub(crate) fn path() -> anyhow::Result<PathBuf> {
    let running = running_binary().map_err(anyhow::Error::msg)?;
    if running.file_name().is_some_and(|name| name == "local-stack") {
        return Ok(running);
    }
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let folder = profile_folder(&running)?;
        // Alone: who measures servers, or tests them, does not wait for the services.
        let built = cargo_build(&folder, &["--bin", "local-stack"], Stdio::piped());
        built.map(|()| folder.join("local-stack")).map_err(|error| format!("{error:#}"))
    });
    built.clone().map_err(anyhow::Error::msg)
}

/// Asked once, at the first call: after the file was replaced by a build, the system gives another answer.
fn running_binary() -> Result<PathBuf, String> {
    static RUNNING: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    RUNNING
        .get_or_init(|| std::env::current_exe().map_err(|error| format!("the running binary has no path: {error}")))
        .clone()
}

fn profile_folder(binary: &Path) -> Result<PathBuf, String> {
    let inner = binary.parent().ok_or("the running binary has no folder")?;
    let is_inside = inner.file_name().is_some_and(|name| name == "deps" || name == "examples");
    let folder = if is_inside { inner.parent() } else { Some(inner) };
    folder.map(Path::to_path_buf).ok_or_else(|| format!("{} is not in a target folder", binary.display()))
}

fn profile_options(profile_folder: &Path) -> Vec<String> {
    match profile_folder.file_name().and_then(std::ffi::OsStr::to_str) {
        Some("debug") | None => Vec::new(),
        Some(profile) => vec!["--profile".to_owned(), profile.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_binary_finds_the_folder_above_its_own() {
        let folder = profile_folder(Path::new("/src/target/debug/deps/stack-0f3a")).unwrap();
        assert_eq!(folder, Path::new("/src/target/debug"));
    }

    #[test]
    fn the_profile_is_that_of_the_folder() {
        assert_eq!(profile_options(Path::new("/src/target/debug")), Vec::<String>::new());
        assert_eq!(profile_options(Path::new("/src/target/release")), ["--profile", "release"]);
    }
}
