//! A service as a process: how the stack and the tests start accounts and orders, and what can befall them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Context;
use serde::Deserialize;

use crate::process::{Guarded, Launch, last_lines};
use crate::servers::ports;
use crate::{Binaries, Servers, own_binary};

/// A cold start on a busy machine, topics and indexes included, takes a few seconds.
const LONGEST_START: Duration = Duration::from_secs(60);
/// A service stops itself within its own deadline, which is shorter.
const GRACE: Duration = Duration::from_secs(40);

/// Which service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceKind {
    /// The system of record for customers.
    Accounts,
    /// The system of record for orders.
    Orders,
}

impl ServiceKind {
    /// `accounts` or `orders`: its binary, and its database on a fresh stack.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Orders => "orders",
        }
    }

    /// The environment variable of a setting: `http.port` of accounts is `ACCOUNTS__HTTP__PORT`.
    #[must_use]
    pub fn variable(self, setting: &str) -> String {
        format!("{}{}", self.variable_prefix(), setting.replace('.', "__").to_uppercase())
    }

    fn variable_prefix(self) -> String {
        format!("{}__", self.name().to_uppercase())
    }

    fn binary(self, binaries: &Binaries) -> &Path {
        match self {
            Self::Accounts => &binaries.accounts,
            Self::Orders => &binaries.orders,
        }
    }
}

/// Settings by their path, such as `("mongo.database", "t3f9a2c1d_accounts")`.
pub type Settings = Vec<(String, String)>;

/// The settings of a test's own service: its database and topics under `prefix`, and any free ports. More may be
/// added; the last one of a name counts.
#[must_use]
pub fn test_settings(kind: ServiceKind, servers: &Servers, prefix: &str) -> Settings {
    let database = format!("{prefix}{}", kind.name());
    // Not 0: a service that starts again takes its port again, and from the range that the system hands out a client
    // could have got hold of it meanwhile.
    let port = || ports::free().unwrap_or_default().to_string();
    [
        ("mongo.uri", servers.mongodb_uri.as_str()),
        ("mongo.database", &database),
        ("kafka.brokers", &servers.kafka_brokers),
        ("kafka.topic_prefix", prefix),
        ("http.port", &port()),
        ("http.operations_port", &port()),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// A service that runs. Dropping it, like the death of this process, stops it.
#[derive(Debug)]
pub struct Service {
    kind: ServiceKind,
    settings: Settings,
    process: Guarded,
    addresses: Listening,
    log_is_temporary: bool,
}

/// The first line that a service writes to its standard output.
#[derive(Debug, Deserialize)]
struct FirstLine {
    listening: Listening,
}

#[derive(Debug, Clone, Deserialize)]
struct Listening {
    public: SocketAddr,
    operations: SocketAddr,
}

impl Service {
    /// Starts a service for a test, with nothing but these settings, and waits until it has told its ports. It need
    /// not be ready then: see [`Service::ready`]. Its log is deleted at the end, unless the test fails.
    ///
    /// # Errors
    /// When the binaries cannot be built, or the service ends instead: with the end of its log.
    pub async fn start(kind: ServiceKind, settings: &[(String, String)]) -> anyhow::Result<Self> {
        let binaries = tokio::task::spawn_blocking(own_binary::build_services).await??;
        let launch = Launch::new(kind.name(), kind.binary(&binaries), &test_log(kind)?);
        let launch = launch.without_env(&kind.variable_prefix());
        Self::launch(kind, launch, settings, true).await
    }

    /// Starts the same service again after it has ended: same settings, same ports, so that clients find it where it
    /// was.
    ///
    /// # Errors
    /// As [`Service::start`].
    pub async fn start_again(&self) -> anyhow::Result<Self> {
        let mut settings = self.settings.clone();
        let port = |address: SocketAddr| address.port().to_string();
        settings.push(("http.port".to_owned(), port(self.addresses.public)));
        settings.push(("http.operations_port".to_owned(), port(self.addresses.operations)));
        Self::start(self.kind, &settings).await
    }

    /// Starts a service of the stack: it also gets the settings of the user's environment, and keeps its log.
    pub(crate) async fn start_logged(
        kind: ServiceKind,
        binaries: &Binaries,
        settings: &[(String, String)],
        log: &Path,
        lock: &Path,
    ) -> anyhow::Result<Self> {
        let launch = Launch::new(kind.name(), kind.binary(binaries), log).hold(lock);
        Self::launch(kind, launch, settings, false).await
    }

    async fn launch(
        kind: ServiceKind,
        launch: Launch,
        settings: &[(String, String)],
        log_is_temporary: bool,
    ) -> anyhow::Result<Self> {
        let set = |launch: Launch, (name, value): &(String, String)| launch.env(kind.variable(name), value);
        let process = settings.iter().fold(launch, set).grace(GRACE).read_first_line().start()?;
        let line = process.until(LONGEST_START, process.first_line()).await?;
        let told: FirstLine = serde_json::from_str(&line)
            .with_context(|| format!("the first line of {} does not tell its ports: {line:?}", kind.name()))?;
        Ok(Self { kind, settings: settings.to_vec(), process, addresses: told.listening, log_is_temporary })
    }

    /// Waits until `/readyz` answers 200.
    ///
    /// # Errors
    /// When the service ends, or is not ready within a minute.
    pub async fn ready(&self) -> anyhow::Result<()> {
        let url = format!("{}/readyz", self.operations_url());
        let client = reqwest::Client::new();
        self.process
            .until(LONGEST_START, async {
                while !client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
                    tokio::time::sleep(Duration::from_millis(25)).await;
                }
                Ok(())
            })
            .await
    }

    /// Where its API is: `http://127.0.0.1:8080`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addresses.public)
    }

    /// Where its metrics and probes are.
    #[must_use]
    pub fn operations_url(&self) -> String {
        format!("http://{}", self.addresses.operations)
    }

    /// The file with all that it wrote.
    #[must_use]
    pub fn log(&self) -> &Path {
        self.process.log()
    }

    /// Which service it is.
    #[must_use]
    pub fn kind(&self) -> ServiceKind {
        self.kind
    }

    /// Kills it with SIGKILL, as a crash would.
    pub fn kill9(&self) {
        self.process.kill9();
    }

    /// Asks it to end (SIGTERM).
    pub fn terminate(&self) {
        self.process.terminate();
    }

    /// Resolves when it has ended, with its exit status.
    pub async fn ended(&self) -> ExitStatus {
        self.process.ended().await
    }

    /// One sentence and the end of its log, for when it ended and should not have.
    #[must_use]
    pub fn last_words(&self) -> String {
        self.process.last_words()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if !self.log_is_temporary {
            return;
        }
        let log = self.process.log();
        if std::thread::panicking() {
            eprintln!("the end of {}:\n{}", log.display(), last_lines(log, 30));
        } else {
            let _kept_then = std::fs::remove_file(log);
        }
    }
}

/// Inside the target folder, so that `cargo clean` takes what failed tests left.
fn test_log(kind: ServiceKind) -> anyhow::Result<PathBuf> {
    static STARTED: AtomicU32 = AtomicU32::new(0);
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    let name = format!("{}-{}-{number}.log", kind.name(), std::process::id());
    Ok(own_binary::running_profile_folder()?.join("test-logs").join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_has_an_environment_variable() {
        assert_eq!(ServiceKind::Accounts.variable("http.operations_port"), "ACCOUNTS__HTTP__OPERATIONS_PORT");
        assert_eq!(ServiceKind::Orders.variable("mongo.uri"), "ORDERS__MONGO__URI");
    }
}
