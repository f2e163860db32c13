//! Opens the client, and waits until there is a server behind it that can keep the guarantees.
//!
//! Opening does no I/O (but for the DNS look-ups of a `mongodb+srv` address), so the probes answer while MongoDB is
//! away. Waiting ends when a usable server answers, or when one answers that can never be used.

use std::time::Duration;

use bson::{Document, doc};
use mongodb::error::{Error, ErrorKind};
use mongodb::options::{ClientOptions, ReadConcern, ReadPreference, SelectionCriteria, WriteConcern};
use mongodb::{Client, Database};
use tracing::{info, warn};

use super::MongoSettings;
use super::errors::is_transient;
use crate::backoff::Backoff;
use crate::supervisor::Refused;

/// A database handle whose server is known to be usable: [`open`], then [`until_usable`].
///
/// # Errors
/// The settings or the installation can never work; one sentence names the remedy. A server that is away is waited for.
pub async fn connect(settings: &MongoSettings) -> anyhow::Result<Database> {
    let database = open(settings).await?;
    until_usable(&database).await?;
    Ok(database)
}

/// A database handle that demands a majority for every write and every read. The server need not answer yet.
///
/// # Errors
/// The connection string is none. DNS that does not answer is waited for.
pub async fn open(settings: &MongoSettings) -> Result<Database, Refused> {
    let mut options = parse(settings).await?;
    options.write_concern = Some(WriteConcern::majority());
    // What is answered from must not be rolled back by a fail-over, and what was acknowledged must be seen: majority, on
    // the primary, whatever the connection string asks for.
    options.read_concern = Some(ReadConcern::majority());
    options.selection_criteria = Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
    options.min_pool_size = Some(settings.min_pool_size);
    options.max_pool_size = Some(settings.max_pool_size);
    options.max_connecting = Some(settings.max_connecting);
    options.server_selection_timeout = Some(Duration::from_millis(settings.server_selection_timeout_ms));
    options.connect_timeout = Some(Duration::from_millis(settings.connect_timeout_ms));
    let client = Client::with_options(options).map_err(|_| unusable_uri())?;
    Ok(client.database(&settings.database))
}

async fn parse(settings: &MongoSettings) -> Result<ClientOptions, Refused> {
    let mut backoff = Backoff::at_start();
    loop {
        match ClientOptions::parse(settings.uri.expose()).await {
            Ok(options) => return Ok(options),
            Err(error) if is_transient(&error) => {
                wait_after("MongoDB's address cannot be looked up", &error, &mut backoff).await
            }
            Err(_) => return Err(unusable_uri()),
        }
    }
}

/// The driver's own text may quote the password, so it is left out.
fn unusable_uri() -> Refused {
    Refused::new(
        "mongo.uri is not a connection string that the driver understands: write \
         mongodb://host:27017/?replicaSet=name or mongodb+srv://host, with user and password percent-encoded",
    )
}

/// Waits, with a line in the log for every try, until a primary of a replica set (or a mongos) answers.
///
/// # Errors
/// A server answers that is neither, or that refuses the credentials.
pub async fn until_usable(database: &Database) -> Result<(), Refused> {
    let mut backoff = Backoff::at_start();
    loop {
        match database.client().database("admin").run_command(doc! { "hello": 1 }).await {
            Ok(hello) => return replica_set(&hello),
            Err(error) if matches!(*error.kind, ErrorKind::Authentication { .. }) => {
                return Err(Refused::new(
                    "MongoDB refuses the credentials in mongo.uri: correct user, password or authSource there",
                ));
            }
            Err(error) => wait_after("MongoDB does not answer", &error, &mut backoff).await,
        }
    }
}

fn replica_set(hello: &Document) -> Result<(), Refused> {
    if let Ok(name) = hello.get_str("setName") {
        info!(replica_set = name, "MongoDB answers");
        return Ok(());
    }
    if hello.get_str("msg").is_ok_and(|msg| msg == "isdbgrid") {
        info!("MongoDB answers: a sharded cluster");
        return Ok(());
    }
    Err(Refused::new(
        "MongoDB is a standalone server, where nothing can be acknowledged by a majority: start mongod with \
         --replSet rs0 and run rs.initiate() once, or let mongo.uri name a replica set",
    ))
}

async fn wait_after(what: &str, error: &Error, backoff: &mut Backoff) {
    let wait = backoff.next_wait();
    // The kind's text, not the whole error: that one ends with the server's complete answer.
    warn!(error = %error.kind, retry_in_ms = wait.as_millis() as u64, "{what}; trying again");
    tokio::time::sleep(wait).await;
}

#[cfg(test)]
mod tests {
    use bson::doc;

    use super::replica_set;

    #[test]
    fn only_a_replica_set_or_a_sharded_cluster_is_usable() {
        assert!(replica_set(&doc! { "setName": "rs0", "isWritablePrimary": true }).is_ok());
        assert!(replica_set(&doc! { "msg": "isdbgrid" }).is_ok());
        let refused = replica_set(&doc! { "isWritablePrimary": true }).unwrap_err();
        assert!(refused.to_string().contains("--replSet"), "{refused}");
    }
}
