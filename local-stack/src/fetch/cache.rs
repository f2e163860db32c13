//! The cache folder, and how something gets into it.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::process::lock;

/// `$ECST_CACHE`, or `event-carried-state-transfer` in `$XDG_CACHE_HOME`, or the same in `~/.cache`.
///
/// # Errors
/// When none of the three is set, or the folder cannot be made.
pub(crate) fn root() -> anyhow::Result<PathBuf> {
    let root = match non_empty("ECST_CACHE") {
        Some(folder) => folder,
        None => user_cache()?.join("event-carried-state-transfer"),
    };
    let root = std::path::absolute(root)?;
    std::fs::create_dir_all(&root).with_context(|| format!("cannot make the cache folder {}", root.display()))?;
    Ok(root)
}

fn user_cache() -> anyhow::Result<PathBuf> {
    non_empty("XDG_CACHE_HOME")
        .or_else(|| non_empty("HOME").map(|home| home.join(".cache")))
        .context("there is no home folder for downloads: set ECST_CACHE to a folder that can be written to")
}

fn non_empty(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The folder `name` of the cache `root`; if it is not there, `fill` makes its content in a folder that becomes it.
///
/// # Errors
/// Those of `fill`, after which nothing is left in the cache.
pub(crate) fn folder(
    root: &Path,
    name: &str,
    fill: impl FnOnce(&Path) -> anyhow::Result<()>,
) -> anyhow::Result<PathBuf> {
    let complete = root.join(name);
    if complete.is_dir() {
        return Ok(complete);
    }
    let _one_at_a_time = lock::exclusive(&root.join(format!("{name}.lock")))?;
    if complete.is_dir() {
        return Ok(complete);
    }
    let partial = root.join(format!("{name}.partial"));
    remove_leftover(&partial)?;
    std::fs::create_dir(&partial).with_context(|| format!("cannot make {}", partial.display()))?;
    if let Err(error) = fill(&partial) {
        remove_leftover(&partial)?;
        return Err(error);
    }
    std::fs::rename(&partial, &complete).with_context(|| format!("cannot make {}", complete.display()))?;
    Ok(complete)
}

/// What a run that was killed in the middle left behind.
fn remove_leftover(partial: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(partial) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", partial.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_to_arrive_is_not_in_the_cache_and_the_next_attempt_starts_empty() {
        let root = tempfile::tempdir().unwrap();
        let broken = folder(root.path(), "thing", |partial| {
            std::fs::write(partial.join("half"), "x").unwrap();
            anyhow::bail!("cut off")
        });
        assert_eq!(broken.unwrap_err().to_string(), "cut off");
        assert!(!root.path().join("thing").exists());

        let made = folder(root.path(), "thing", |partial| {
            assert_eq!(std::fs::read_dir(partial).unwrap().count(), 0);
            std::fs::write(partial.join("whole"), "x").map_err(Into::into)
        });
        assert_eq!(std::fs::read_to_string(made.unwrap().join("whole")).unwrap(), "x");
    }

    #[test]
    fn what_is_in_the_cache_is_not_fetched_again() {
        let root = tempfile::tempdir().unwrap();
        folder(root.path(), "thing", |_| Ok(())).unwrap();
        folder(root.path(), "thing", |_| panic!("fetched twice")).unwrap();
    }
}
