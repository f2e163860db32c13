//! Servers that the user named in the environment. They are used as they are: never started, stopped or emptied here.

use std::time::Duration;

use anyhow::Context;
use mongodb::Client;
use mongodb::bson::doc;
use mongodb::options::ClientOptions;

use super::kafka;

const LONGEST_ANSWER: Duration = Duration::from_secs(10);

/// `MONGODB_URI`, if it is set.
pub(crate) fn mongodb_uri() -> Option<String> {
    variable("MONGODB_URI")
}

/// `KAFKA_BROKERS`, if it is set.
pub(crate) fn kafka_brokers() -> Option<String> {
    variable("KAFKA_BROKERS")
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// A connection string without user and password, to be shown.
pub(crate) fn without_credentials(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once("://") else { return "(not a connection string)".to_owned() };
    let (hosts, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let hosts = hosts.rsplit_once('@').map_or(hosts, |(_credentials, hosts)| hosts);
    // Options may carry secrets too.
    let database = path.split('?').next().unwrap_or_default();
    format!("{scheme}://{hosts}{database}")
}

/// Refuses an address at which nobody answers, before anything is built for it.
pub(crate) async fn ensure_mongodb_answers(uri: &str) -> anyhow::Result<()> {
    let remedy = "MONGODB_URI is set, but no MongoDB answers there: correct it, or unset it to have one started";
    let mut options = ClientOptions::parse(uri).await.context(remedy)?;
    options.server_selection_timeout = Some(LONGEST_ANSWER);
    let client = Client::with_options(options).context(remedy)?;
    client.database("admin").run_command(doc! { "ping": 1 }).await.context(remedy)?;
    Ok(())
}

/// Refuses an address at which nobody answers, before anything is built for it.
pub(crate) async fn ensure_kafka_answers(brokers: &str) -> anyhow::Result<()> {
    kafka::metadata(brokers.to_owned(), LONGEST_ANSWER)
        .await
        .context("KAFKA_BROKERS is set, but no Kafka answers there: correct it, or unset it to have one started")
}

#[cfg(test)]
mod tests {
    use super::without_credentials;

    #[test]
    fn a_connection_string_is_shown_without_its_secrets() {
        for (uri, shown) in [
            ("mongodb://127.0.0.1:27017/?replicaSet=rs0", "mongodb://127.0.0.1:27017/"),
            ("mongodb://user:pass%40word@a:1,b:2/admin?x=secret", "mongodb://a:1,b:2/admin"),
            ("mongodb+srv://user:p@ss@cluster.example.com", "mongodb+srv://cluster.example.com"),
            ("nonsense", "(not a connection string)"),
        ] {
            assert_eq!(without_credentials(uri), shown);
        }
    }
}
