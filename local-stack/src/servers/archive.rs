//! A class-data archive for Kafka: a third of a broker's cold start is spent loading classes, and a JVM can write down
//! what it loaded (`-XX:ArchiveClassesAtExit`). Measured on two cores: 2.9 s without it, 1.2 s with it, formatting
//! included. Made once, by a broker that is started and stopped for it.
//!
//! Only a help: whatever goes wrong here, Kafka starts without.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::ensure;

use super::Place;
use super::kafka::{self, KafkaProgram};
use crate::fetch::cache;
use crate::process::lock;
use crate::progress::Progress;

/// The program with its archive, which is made if it is not there.
pub(super) async fn prepared(mut kafka: KafkaProgram, progress: Progress) -> KafkaProgram {
    kafka.archive = archive(&kafka, progress).await.ok();
    kafka
}

async fn archive(kafka: &KafkaProgram, progress: Progress) -> anyhow::Result<PathBuf> {
    let root = cache::root()?;
    let file = root.join(format!("kafka-{:016x}.jsa", fingerprint(kafka)?));
    if file.is_file() {
        return Ok(file);
    }
    let lock_file = file.with_extension("jsa.lock");
    let _one_at_a_time = tokio::task::spawn_blocking(move || lock::exclusive(&lock_file)).await??;
    if !file.is_file() {
        let step = progress.step("Preparing Kafka for fast starts (once)");
        train(kafka, &file).await?;
        step.done();
    }
    Ok(file)
}

/// The JVM refuses an archive of another Java or another class path by itself; this keeps one for each.
fn fingerprint(kafka: &KafkaProgram) -> anyhow::Result<u64> {
    let mut hasher = DefaultHasher::new();
    (&kafka.java.version, kafka.class_path()?).hash(&mut hasher);
    Ok(hasher.finish())
}

async fn train(kafka: &KafkaProgram, file: &Path) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("local-stack-").tempdir()?;
    let place = Place::temporary(folder.path(), "kafka");
    let partial = file.with_extension("jsa.partial");
    let option = format!("-XX:ArchiveClassesAtExit={}", partial.display());
    let broker = kafka::start_once(kafka, &place, &[option.into()]).await?;
    let status = broker.process.stop().await;
    // 128 + SIGTERM is how a JVM ends that was asked to. One that had to be killed has not written all of it.
    ensure!(status.code() == Some(143), "Kafka did not end in time");
    std::fs::rename(&partial, file)?;
    Ok(())
}
