//! Both servers in a temporary folder.

use std::path::{Path, PathBuf};

use super::programs::Programs;
use super::{Place, Servers, in_use, kafka, mongodb};
use crate::Progress;
use crate::process::{Guarded, lock};

/// Servers that this process started, and that end with it. Their data goes with them.
#[derive(Debug)]
pub struct OwnServers {
    servers: Servers,
    mongodb: Guarded,
    kafka: Guarded,
    _folder: Folder,
}

impl OwnServers {
    /// Starts both: servers that nobody shares, for a test that harms them.
    ///
    /// # Errors
    /// When they cannot be had, or do not answer within a minute.
    pub async fn start() -> anyhow::Result<Self> {
        Self::of(Programs::find(Progress::detect()).await?).await
    }

    /// Starts both to be measured: nobody else uses them, and the broker may take its time to become fast.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_to_measure() -> anyhow::Result<Self> {
        let mut programs = Programs::find(Progress::detect()).await?;
        programs.kafka.optimising = true;
        Self::of(programs).await
    }

    async fn of(programs: Programs) -> anyhow::Result<Self> {
        let folder = Folder(tempfile::Builder::new().prefix("local-stack-").tempdir()?.keep());
        let (mongodb_place, kafka_place) =
            (Place::temporary(&folder.0, "mongodb"), Place::temporary(&folder.0, "kafka"));
        let (mongodb, kafka) = tokio::try_join!(
            mongodb::start(&programs.mongod, &mongodb_place),
            kafka::start(&programs.kafka, &kafka_place)
        )?;
        let servers = Servers { mongodb_uri: mongodb.address, kafka_brokers: kafka.address };
        Ok(Self { servers, mongodb: mongodb.process, kafka: kafka.process, _folder: folder })
    }

    /// Where they are.
    #[must_use]
    pub fn servers(&self) -> &Servers {
        &self.servers
    }

    /// The MongoDB server's process.
    #[must_use]
    pub fn mongodb(&self) -> &Guarded {
        &self.mongodb
    }

    /// The Kafka broker's process.
    #[must_use]
    pub fn kafka(&self) -> &Guarded {
        &self.kafka
    }

    /// Resolves when one of them has ended, which it should not: with its last words.
    pub async fn broken(&self) -> String {
        tokio::select! {
            _ = self.mongodb.ended() => self.mongodb.last_words(),
            _ = self.kafka.ended() => self.kafka.last_words(),
        }
    }

    /// Stops both, and waits until they have ended.
    pub async fn stop(self) {
        tokio::join!(self.mongodb.stop(), self.kafka.stop());
    }
}

/// Removed here when the servers have ended before; while one of them still runs, that is its guard's work.
#[derive(Debug)]
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        for server in ["mongodb", "kafka"] {
            let folder = self.0.join(server);
            if !is_in_use(&folder) {
                let _not_there = std::fs::remove_dir_all(&folder);
            }
        }
        let _not_empty_yet = std::fs::remove_dir(&self.0);
    }
}

/// A guarded server holds a lock on this file for as long as it runs.
fn is_in_use(folder: &Path) -> bool {
    !matches!(lock::try_exclusive(&in_use(folder)), Ok(Some(_)))
}
