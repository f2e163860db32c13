//! A broker's settings files.

use std::path::Path;

use anyhow::Context;

pub(super) const FILE: &str = "server.properties";
pub(super) const LOGGING_FILE: &str = "log4j2.properties";

const LOGGING: &str = "\
status=error
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %c %m%n
";

/// One node: every internal topic has one replica and one partition. Indexes are preallocated, and a test run makes
/// hundreds of partitions, so they are small. A group does not wait for further members before it begins.
const SETTINGS: &str = "\
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
auto.create.topics.enable=false
num.partitions=1
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
log.index.size.max.bytes=1048576
log.cleaner.dedupe.buffer.size=4194304
";

/// Writes them into the broker's folder; the ports may be others than at its last start.
pub(super) fn write(folder: &Path, port: u16, controller_port: u16) -> anyhow::Result<()> {
    let log = folder.join("log");
    std::fs::create_dir_all(&log).with_context(|| format!("cannot make {}", log.display()))?;
    let settings = format!(
        "{SETTINGS}\
         listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}\n\
         advertised.listeners=PLAINTEXT://127.0.0.1:{port}\n\
         controller.quorum.voters=1@127.0.0.1:{controller_port}\n\
         log.dirs={}\n",
        log.display()
    );
    std::fs::write(folder.join(FILE), settings)?;
    std::fs::write(folder.join(LOGGING_FILE), LOGGING)?;
    Ok(())
}

/// True when the folder has a cluster id, from an earlier start.
pub(super) fn is_formatted(folder: &Path) -> bool {
    folder.join("log/meta.properties").is_file()
}

/// Kafka writes an id of 128 bits as 22 characters of URL-safe Base64; the last one carries two bits only.
pub(super) fn random_cluster_id() -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef";
    let mut id: String = (0..21).map(|_| char::from(LETTERS[rand::random_range(0..LETTERS.len())])).collect();
    id.push('A');
    id
}
