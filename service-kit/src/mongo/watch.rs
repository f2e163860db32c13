//! Tells the probes whether MongoDB answers.

use bson::doc;
use mongodb::Database;
use tokio_util::sync::CancellationToken;

use crate::http::health::Health;

/// The task: asks the primary, which commits and reads need, until `stop`.
///
/// # Errors
/// None; the type is what the supervisor takes.
pub async fn watch(database: Database, health: Health, stop: CancellationToken) -> anyhow::Result<()> {
    let ping = || async { database.run_command(doc! { "ping": 1 }).await.map(drop) };
    health.watch_database(ping, stop).await;
    Ok(())
}
