//! Names of a test's own: a random prefix for its databases and topics, so that tests run side by side on the same
//! servers, and the removal of exactly those names.

use std::time::Duration;

use anyhow::Context;
use futures_util::future::try_join_all;
use mongodb::Client;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;

use crate::Servers;

const KAFKA_TIMEOUT: Duration = Duration::from_secs(10);

/// A prefix such as `t3f9a2c1d_`: a lower-case letter, eight hexadecimal digits, an underscore. Valid in the names of
/// Kafka topics, consumer groups and MongoDB databases.
#[must_use]
pub fn random_prefix() -> String {
    format!("t{:08x}_", rand::random::<u32>())
}

/// Drops the databases and topics whose names begin with `prefix`, which [`random_prefix`] made, and nothing else.
///
/// # Errors
/// When `prefix` is not of that form, or when a server does not do it.
pub async fn drop_prefix(servers: &Servers, prefix: &str) -> anyhow::Result<()> {
    anyhow::ensure!(is_random_prefix(prefix), "{prefix:?} is not a test's random prefix; nothing was dropped");
    drop_databases(&servers.mongodb_uri, prefix).await?;
    drop_topics(&servers.kafka_brokers, prefix).await
}

fn is_random_prefix(prefix: &str) -> bool {
    let hexadecimal =
        |digits: &str| digits.len() == 8 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    prefix.strip_prefix('t').and_then(|rest| rest.strip_suffix('_')).is_some_and(hexadecimal)
}

async fn drop_databases(uri: &str, prefix: &str) -> anyhow::Result<()> {
    let client = Client::with_uri_str(uri).await?;
    let names = client.list_database_names().await?;
    let drops = names.iter().filter(|name| name.starts_with(prefix)).map(|name| {
        let database = client.database(name);
        async move { database.drop().await }
    });
    try_join_all(drops).await.context("cannot drop a test's database")?;
    Ok(())
}

async fn drop_topics(brokers: &str, prefix: &str) -> anyhow::Result<()> {
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", brokers).create().context("cannot make a Kafka client")?;
    let (admin, topics) = tokio::task::spawn_blocking(move || {
        let topics = topic_names(&admin);
        (admin, topics)
    })
    .await?;
    let mine: Vec<String> = topics?.into_iter().filter(|name| name.starts_with(prefix)).collect();
    if mine.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = mine.iter().map(String::as_str).collect();
    let results = admin.delete_topics(&names, &AdminOptions::new()).await?;
    for result in results {
        result.map_err(|(topic, code)| anyhow::anyhow!("cannot delete the topic {topic}: {code}"))?;
    }
    Ok(())
}

fn topic_names(admin: &AdminClient<DefaultClientContext>) -> anyhow::Result<Vec<String>> {
    let metadata = admin.inner().fetch_metadata(None, KAFKA_TIMEOUT).context("Kafka does not list its topics")?;
    Ok(metadata.topics().iter().map(|topic| topic.name().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_prefix_is_one() {
        let prefix = random_prefix();
        assert!(is_random_prefix(&prefix), "{prefix}");
        assert_ne!(prefix, random_prefix());
    }

    #[test]
    fn nothing_else_passes_for_a_random_prefix() {
        for name in ["", "t", "t_", "accounts", "t3f9a2c1_", "t3f9a2c1dd_", "t3F9A2C1D_", "x3f9a2c1d_", "t3f9a2c1d"] {
            assert!(!is_random_prefix(name), "{name}");
        }
    }
}
