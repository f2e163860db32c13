//! Locks on files: how processes that do not know each other agree.
//!
//! The kernel lets go of such a lock when its process ends, however it ends, so there are no stale locks to clean up.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;

/// A lock that is held until this is dropped or the process ends.
#[derive(Debug)]
#[must_use = "the lock is released when this is dropped"]
pub(crate) struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

/// Waits for a lock that others may share. Blocks the thread.
///
/// # Errors
/// When the file cannot be made or locked.
pub(crate) fn shared(path: &Path) -> anyhow::Result<Lock> {
    let file = open(path)?;
    file.lock_shared().with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(Lock(file))
}

/// Waits for a lock that nobody shares. Blocks the thread.
///
/// # Errors
/// When the file cannot be made or locked.
pub(crate) fn exclusive(path: &Path) -> anyhow::Result<Lock> {
    let file = open(path)?;
    file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(Lock(file))
}

/// Takes a lock that nobody shares, or nothing when somebody holds one.
///
/// # Errors
/// When the file cannot be made or locked.
pub(crate) fn try_exclusive(path: &Path) -> anyhow::Result<Option<Lock>> {
    let file = open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock(file))),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
    }
}

/// Resolves when nobody holds a lock on the file, or when `longest` has passed.
pub(crate) async fn free(path: &Path, longest: Duration) {
    let waiting = async {
        while matches!(try_exclusive(path), Ok(None)) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let _free_in_time = tokio::time::timeout(longest, waiting).await;
}

fn open(path: &Path) -> anyhow::Result<File> {
    // Not truncated, and never deleted while it is in use: the lock is on the inode, not on the name.
    File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)
        .with_context(|| format!("cannot open {}", path.display()))
}
