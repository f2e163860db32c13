//! The folder in which the stack keeps data and logs.
//!
//! `--fresh` deletes inside a folder that the stack made and marked, and nothing else.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};

use super::ServerOptions;
use crate::Progress;
use crate::fetch::cache;
use crate::process::lock::{self, Lock};
use crate::servers::{given, in_use};

const MARK: &str = ".local-stack";
/// Longer than the guards of a killed run may take to end what it started.
const LONGEST_WAIT_FOR_EARLIER_RUN: Duration = Duration::from_secs(60);

/// A data folder that no other stack uses.
#[derive(Debug)]
pub(super) struct DataFolder {
    path: PathBuf,
    _lock: Lock,
}

impl DataFolder {
    /// Makes it, locks it, waits for what a killed run left, and empties it if it is to be fresh.
    pub(super) async fn open(options: &ServerOptions, progress: Progress) -> anyhow::Result<Self> {
        let given = given::mongodb_uri().is_some() || given::kafka_brokers().is_some();
        ensure!(
            !(options.fresh && given),
            "--fresh empties only servers that cargo stack started itself: unset MONGODB_URI and KAFKA_BROKERS, or leave it out"
        );
        let path = match &options.data {
            Some(folder) => std::path::absolute(folder)?,
            None => cache::root()?.join("data"),
        };
        make(&path)?;
        let lock = lock::try_exclusive(&path.join(MARK))?.with_context(|| {
            format!(
                "another cargo stack runs with the data in {}: stop it, or choose another folder with --data DIR",
                path.display()
            )
        })?;
        let data = Self { path, _lock: lock };
        if data.is_unused().is_err() {
            progress.say("Waiting for the servers of an earlier run to end …");
            data.until_unused().await;
            data.is_unused()?;
        }
        if options.fresh {
            data.empty()?;
        }
        Ok(data)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn mongodb(&self) -> PathBuf {
        self.path.join("mongodb")
    }

    pub(super) fn kafka(&self) -> PathBuf {
        self.path.join("kafka")
    }

    /// The log file of a server or service.
    pub(super) fn log(&self, name: &str) -> PathBuf {
        self.path.join("logs").join(format!("{name}.log"))
    }

    /// Locked by each service while it runs: the servers end after the services also when nobody is left to say so.
    pub(super) fn services_lock(&self) -> PathBuf {
        self.path.join("services-in-use")
    }

    /// Resolves when nothing that was started with this folder runs any more.
    pub(super) async fn until_unused(&self) {
        for file in self.locks() {
            lock::free(&file, LONGEST_WAIT_FOR_EARLIER_RUN).await;
        }
    }

    fn is_unused(&self) -> anyhow::Result<()> {
        for file in self.locks().iter().filter(|file| file.exists()) {
            let free = lock::try_exclusive(file)?.is_some();
            ensure!(free, "processes of an earlier run still use {}", self.path.display());
        }
        Ok(())
    }

    fn locks(&self) -> [PathBuf; 3] {
        [self.services_lock(), in_use(&self.kafka()), in_use(&self.mongodb())]
    }

    fn empty(&self) -> anyhow::Result<()> {
        for folder in [self.mongodb(), self.kafka(), self.path.join("logs")] {
            if folder.exists() {
                std::fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
            }
        }
        Ok(())
    }
}

/// A folder that is not there or empty becomes ours; a folder with something in it must have our mark.
fn make(path: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(path).with_context(|| format!("cannot make the data folder {}", path.display()))?;
    let mut entries = std::fs::read_dir(path)?;
    ensure!(
        path.join(MARK).exists() || entries.next().is_none(),
        "{} has something in it that is not cargo stack's: choose an empty folder with --data DIR",
        path.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(data: &Path, fresh: bool) -> ServerOptions {
        ServerOptions { fresh, data: Some(data.to_owned()), mongodb_port: 0, kafka_port: 0 }
    }

    async fn open(data: &Path, fresh: bool) -> anyhow::Result<DataFolder> {
        DataFolder::open(&options(data, fresh), Progress::Lines).await
    }

    #[tokio::test]
    async fn a_folder_with_other_things_in_it_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("kafka")).unwrap();
        let error = open(folder.path(), true).await.unwrap_err().to_string();
        assert!(error.contains("choose an empty folder with --data DIR"), "{error}");
        assert!(folder.path().join("kafka").exists());
    }

    #[tokio::test]
    async fn fresh_empties_the_servers_folders_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let data = open(folder.path(), false).await.unwrap();
        std::fs::create_dir_all(data.kafka()).unwrap();
        std::fs::write(folder.path().join("notes"), "mine").unwrap();
        drop(data);

        let data = open(folder.path(), true).await.unwrap();
        assert!(!data.kafka().exists());
        assert!(folder.path().join("notes").exists());
    }

    #[tokio::test]
    async fn two_stacks_do_not_share_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let _first = open(folder.path(), false).await.unwrap();
        let error = open(folder.path(), false).await.unwrap_err().to_string();
        assert!(error.starts_with("another cargo stack runs with the data in"), "{error}");
    }
}
