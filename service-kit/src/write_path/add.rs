//! Puts an aggregate's write path together and gives its tasks to the supervisor. Nothing is asked of a server before the
//! tasks run, so that a service starts, and answers its probes, while MongoDB and Kafka are away.

use std::time::Duration;

use bson::Document;
use mongodb::Database;

use super::aggregate::Aggregate;
use super::run::Parts;
use super::settings::WritePathSettings;
use super::store::Store;
use crate::kafka::{KafkaSettings, keep_own_topic, try_own_topic};
use crate::mongo::{self, IndexSpec, ensure_index};
use crate::supervisor::{Refused, Stage, Supervisor};

/// What an aggregate stands on.
#[derive(Clone, Debug)]
pub struct AggregateParts {
    /// The service's own database.
    pub database: Database,
    /// Where the log is.
    pub kafka: KafkaSettings,
    /// How commits are grouped, published and swept.
    pub settings: WritePathSettings,
    /// How long a clean stop waits for Kafka.
    pub stop_patience: Duration,
    /// The indexes that lists need, beside those of the rules and of unique keys.
    pub indexes: Vec<IndexSpec>,
}

/// Adds the tasks that commit and publish aggregates of a kind, and returns what loads and commits them. The start waits
/// for MongoDB and the indexes: without the unique ones, two aggregates could share a key.
pub fn add_aggregate<A: Aggregate>(supervisor: &mut Supervisor, parts: AggregateParts) -> Store<A> {
    let AggregateParts { database, kafka, settings, stop_patience, indexes } = parts;
    let (producer, consumer, topic) = (kafka.producer(), kafka.consumer(A::COLLECTION), kafka.topic(&A::TOPIC));
    let (store, write_path) =
        Store::<A>::new(Parts { database: database.clone(), producer, consumer, topic, settings, stop_patience });
    supervisor.check(format!("start-up:{}", A::NAME), prepare::<A>(database, kafka.clone(), indexes));
    supervisor.add(Stage::Commits, format!("write-path:{}", A::NAME), |stop| write_path.run(stop));
    supervisor.add(Stage::Background, format!("topic:{}", A::NAME), |stop| keep_own_topic(kafka, A::TOPIC, stop));
    store
}

/// Makes sure of what the aggregate cannot do without.
async fn prepare<A: Aggregate>(
    database: Database,
    kafka: KafkaSettings,
    indexes: Vec<IndexSpec>,
) -> anyhow::Result<()> {
    tokio::try_join!(prepare_collection::<A>(&database, indexes), try_own_topic(&kafka, &A::TOPIC))?;
    Ok(())
}

async fn prepare_collection<A: Aggregate>(database: &Database, further: Vec<IndexSpec>) -> Result<(), Refused> {
    mongo::until_usable(database).await?;
    let collection = database.collection::<Document>(A::COLLECTION);
    let own: Vec<_> = Store::<A>::indexes().iter().map(IndexSpec::from).collect();
    for index in own.iter().chain(&further) {
        ensure_index(&collection, index).await?;
    }
    Ok(())
}
