//! The servers as the services use them: the same clients, with the services' default settings.

use local_stack::Servers;
use mongodb::Database;
use service_kit::{
    kafka::{KafkaSettings, TopicMode},
    mongo::{self, MongoSettings},
    settings::Secret,
};

/// A database of this measurement's own. The raw driver gets the same client, so that it is not held back by fewer
/// connections.
pub(crate) async fn database(servers: &Servers, name: String) -> anyhow::Result<Database> {
    let settings = MongoSettings {
        uri: Secret::new(&servers.mongodb_uri),
        uri_file: String::new(),
        database: name,
        min_pool_size: 8,
        max_pool_size: 64,
        max_connecting: 4,
        server_selection_timeout_ms: 5_000,
        connect_timeout_ms: 5_000,
    };
    mongo::connect(&settings).await
}

pub(crate) fn kafka(servers: &Servers, prefix: &str) -> KafkaSettings {
    KafkaSettings {
        brokers: servers.kafka_brokers.clone(),
        topic_prefix: prefix.to_owned(),
        topics: TopicMode::Create,
        partitions: 0,
        replication: 0,
        linger_ms: 1,
        request_timeout_ms: 10_000,
    }
}
