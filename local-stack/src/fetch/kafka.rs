//! Apache Kafka, as its published jars, fetched by Maven.
//!
//! Verified: the folder holds exactly the jars that `kafka-jars.sha256` lists (Kafka and everything it depends on),
//! each with the listed SHA-256. Jars are the same on every platform.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{cache, checksum, client};
use crate::progress::Progress;

/// The version that is fetched. Changing it means a new `kafka-jars.sha256` (`sha256sum *.jar`).
pub(crate) const VERSION: &str = "4.1.0";

const JARS: &str = include_str!("../../kafka-jars.sha256");
const POM: &str = include_str!("../../kafka-pom.xml");
const NO_MAVEN: &str = "Maven (mvn) is needed to fetch Kafka: install it (Debian: apt-get install maven; \
                        macOS: brew install maven), or set KAFKA_BROKERS to a Kafka that runs already";

/// The folder with Kafka's jars, fetched into `cache` unless they are there.
///
/// # Errors
/// Without Maven, without a way to a registry, and when a jar is not the expected one.
pub(crate) fn jars(cache: &Path, progress: Progress) -> anyhow::Result<PathBuf> {
    cache::folder(cache, &format!("kafka-{VERSION}"), |folder| {
        let step = progress.step(format!("Fetching Apache Kafka {VERSION} ({} jars, 43 MB)", JARS.lines().count()));
        download(folder)?;
        checksum::verify_folder(folder, JARS)?;
        step.done();
        Ok(())
    })
}

fn download(folder: &Path) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir()?;
    let pom = scratch.path().join("pom.xml");
    std::fs::write(&pom, POM)?;
    let mut maven = Command::new("mvn");
    maven
        .args(["--quiet", "--batch-mode", "--file"])
        .arg(&pom)
        .args(["dependency:copy-dependencies", "-DincludeScope=runtime"])
        .arg(format!("-DoutputDirectory={}", folder.display()))
        .current_dir(scratch.path());
    client::run(&mut maven, NO_MAVEN)
}
