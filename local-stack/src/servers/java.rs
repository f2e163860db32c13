//! The Java that runs Kafka.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, ensure};

const OLDEST: u32 = 17;
const REMEDY: &str = "install one (Debian: apt-get install openjdk-17-jre-headless; macOS: brew install openjdk@17), \
                      or set KAFKA_BROKERS to a Kafka that runs already";

/// A Java that is new enough.
#[derive(Debug, Clone)]
pub(super) struct Java {
    pub(super) program: PathBuf,
    /// All that `java -version` says: two that say the same can share a class-data archive.
    pub(super) version: String,
}

impl Java {
    /// `$JAVA_HOME/bin/java`, or `java` on PATH.
    pub(super) fn find() -> anyhow::Result<Self> {
        let program = match std::env::var_os("JAVA_HOME").filter(|home| !home.is_empty()) {
            Some(home) => PathBuf::from(home).join("bin/java"),
            None => PathBuf::from("java"),
        };
        let output = Command::new(&program).arg("-version").output().map_err(|_not_there| {
            anyhow::anyhow!("Kafka needs Java {OLDEST} or newer, and {} cannot be run: {REMEDY}", program.display())
        })?;
        let version = String::from_utf8_lossy(&output.stderr).into_owned();
        let found =
            major(&version).with_context(|| format!("{} does not tell its version: {REMEDY}", program.display()))?;
        ensure!(
            found >= OLDEST,
            "Kafka needs Java {OLDEST} or newer and {} is Java {found}: {REMEDY}",
            program.display()
        );
        Ok(Self { program, version })
    }
}

/// `openjdk version "17.0.15" 2025-04-15` is 17, and `java version "1.8.0_292"` is 8.
fn major(version: &str) -> Option<u32> {
    let quoted = version.split('"').nth(1)?;
    let mut numbers = quoted.split(|c: char| !c.is_ascii_digit()).map_while(|number| number.parse().ok());
    match numbers.next()? {
        1 => numbers.next(),
        major => Some(major),
    }
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_read_from_what_java_says() {
        assert_eq!(major("openjdk version \"17.0.15\" 2025-04-15\nOpenJDK Runtime"), Some(17));
        assert_eq!(major("java version \"1.8.0_292\""), Some(8));
        assert_eq!(major("openjdk version \"26-ea\" 2026-03-17"), Some(26));
        assert_eq!(major("command not found"), None);
    }
}
