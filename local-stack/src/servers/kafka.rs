//! A Kafka broker that is its own controller (KRaft mode).

mod settings;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use rdkafka::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};

use super::java::Java;
use super::{Place, Started, answering, ports};

/// Somebody may take a chosen port before the broker does.
const ATTEMPTS_WITH_CHOSEN_PORT: usize = 3;

/// A folder of jars, the Java that runs them, and the reason why it is this one.
#[derive(Debug, Clone)]
pub(crate) struct KafkaProgram {
    pub(super) jars: PathBuf,
    pub(super) java: Java,
    /// Class data that makes the start twice as fast.
    pub(super) archive: Option<PathBuf>,
    /// With its second compiler, as in production: it costs processor time at first and saves it later.
    pub(super) optimising: bool,
    pub(crate) why: String,
}

impl KafkaProgram {
    /// The same list in the same order each time: a class-data archive is only used with the class path it was made
    /// with.
    pub(super) fn class_path(&self) -> anyhow::Result<OsString> {
        let entries = std::fs::read_dir(&self.jars).with_context(|| format!("cannot read {}", self.jars.display()))?;
        let mut jars: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        jars.retain(|path| path.extension().is_some_and(|extension| extension == "jar"));
        jars.sort();
        Ok(std::env::join_paths(jars)?)
    }

    /// A small heap, the collector that starts fastest, and mostly no second compiler: a local broker lives for minutes.
    fn java_options(&self, folder: &Path) -> anyhow::Result<Vec<OsString>> {
        let mut options: Vec<OsString> =
            ["-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xshare:auto"].map(Into::into).to_vec();
        if !self.optimising {
            options.push("-XX:TieredStopAtLevel=1".into());
        }
        if let Some(archive) = &self.archive {
            options.push(format!("-XX:SharedArchiveFile={}", archive.display()).into());
        }
        options.push(format!("-Dlog4j2.configurationFile={}", folder.join(settings::LOGGING_FILE).display()).into());
        options.extend(["-cp".into(), self.class_path()?]);
        Ok(options)
    }
}

/// Starts it, and waits until it answers a client.
pub(crate) async fn start(program: &KafkaProgram, place: &Place) -> anyhow::Result<Started> {
    let mut attempt = 1;
    loop {
        match start_once(program, place, &[]).await {
            Err(_) if place.port.is_none() && attempt < ATTEMPTS_WITH_CHOSEN_PORT => attempt += 1,
            outcome => return outcome,
        }
    }
}

pub(super) async fn start_once(
    program: &KafkaProgram,
    place: &Place,
    more_java_options: &[OsString],
) -> anyhow::Result<Started> {
    let port = place.port.map_or_else(ports::free, Ok)?;
    settings::write(&place.data, port, ports::free()?)?;
    if !settings::is_formatted(&place.data) {
        let (program, folder) = (program.clone(), place.data.clone());
        tokio::task::spawn_blocking(move || format(&program, &folder)).await??;
    }
    let process = place
        .launch("Kafka", &program.java.program)
        .args(program.java_options(&place.data)?)
        .args(more_java_options.iter().cloned())
        .arg("kafka.Kafka")
        .arg(place.data.join(settings::FILE))
        .grace(Duration::from_secs(20))
        .start()?;
    let address = format!("127.0.0.1:{port}");
    process.until(answering::LONGEST_START, answers(port, address.clone())).await?;
    Ok(Started { process, address })
}

/// What makes a folder a broker's: its cluster id and the versions of its features.
fn format(program: &KafkaProgram, folder: &Path) -> anyhow::Result<()> {
    let output = Command::new(&program.java.program)
        .args(program.java_options(folder)?)
        .args(["kafka.tools.StorageTool", "format", "--cluster-id", &settings::random_cluster_id(), "--config"])
        .arg(folder.join(settings::FILE))
        .output()
        .context("cannot run Kafka's storage tool")?;
    let words = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    ensure!(output.status.success(), "Kafka cannot format {}:\n{}", folder.display(), words.trim_end());
    Ok(())
}

/// An open port is not enough: the broker must name itself as one that is alive.
async fn answers(port: u16, address: String) -> anyhow::Result<()> {
    answering::listening(port).await;
    while metadata(address.clone(), Duration::from_secs(2)).await.is_err() {}
    Ok(())
}

/// Asks for the list of brokers, and refuses an empty one.
pub(super) async fn metadata(address: String, longest: Duration) -> anyhow::Result<()> {
    tokio::task::spawn_blocking(move || {
        let client: BaseConsumer<Silent> =
            ClientConfig::new().set("bootstrap.servers", &address).create_with_context(Silent)?;
        let found = client.fetch_metadata(None, longest)?;
        ensure!(!found.brokers().is_empty(), "no broker is alive");
        Ok(())
    })
    .await?
}

/// A client whose attempts before the broker is up are not worth a line.
struct Silent;

impl ClientContext for Silent {
    fn log(&self, _level: RDKafkaLogLevel, _facility: &str, _message: &str) {}

    fn error(&self, _error: rdkafka::error::KafkaError, _reason: &str) {}
}

impl ConsumerContext for Silent {}
