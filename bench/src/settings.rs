//! The servers as the services use them: the same clients, with the services' default settings.

use std::sync::OnceLock;

use local_stack::Servers;
use mongodb::Database;
use service_kit::{
    kafka::{KafkaSettings, TopicMode},
    mongo::{self, MongoSettings},
    settings::Secret,
    write_path::WritePathSettings,
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

/// What may be tried against the defaults.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Tuning {
    /// Milliseconds that the producer waits for company, instead of the services' default
    #[arg(long)]
    linger_ms: Option<u32>,
    /// Bulk writes in flight, instead of the services' default
    #[arg(long)]
    batches_in_flight: Option<usize>,
}

static TUNING: OnceLock<Tuning> = OnceLock::new();

/// For the whole run; once, before anything is measured.
pub(crate) fn tune(tuning: &Tuning) {
    TUNING.get_or_init(|| tuning.clone());
}

pub(crate) fn write_path() -> WritePathSettings {
    let mut settings = WritePathSettings::default();
    let tuned = TUNING.get().and_then(|tuning| tuning.batches_in_flight);
    settings.batches_in_flight = tuned.unwrap_or(settings.batches_in_flight);
    settings
}

pub(crate) fn kafka(servers: &Servers, prefix: &str) -> KafkaSettings {
    KafkaSettings {
        brokers: servers.kafka_brokers.clone(),
        topic_prefix: prefix.to_owned(),
        topics: TopicMode::Create,
        partitions: 0,
        replication: 0,
        linger_ms: TUNING.get().and_then(|tuning| tuning.linger_ms).unwrap_or(1),
        request_timeout_ms: 10_000,
    }
}
