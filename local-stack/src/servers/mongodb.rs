//! A `mongod` as a replica set of one: the write path needs majority acknowledgement, and only a replica set has it.

use std::time::Duration;

use anyhow::Context;
use mongodb::Client;
use mongodb::bson::{Document, doc};
use mongodb::error::ErrorKind;
use mongodb::options::{ClientOptions, ServerAddress};

use super::programs::Mongod;
use super::{Place, Started, answering, ports};

const REPLICA_SET: &str = "rs0";
/// MongoDB's error code for a second `replSetInitiate` on the same data.
const ALREADY_INITIALIZED: i32 = 23;
/// Somebody may take a chosen port before the server does.
const ATTEMPTS_WITH_CHOSEN_PORT: usize = 3;

/// Starts it, and waits until it takes writes.
pub(crate) async fn start(program: &Mongod, place: &Place) -> anyhow::Result<Started> {
    let mut attempt = 1;
    loop {
        match start_once(program, place).await {
            Err(_) if place.port.is_none() && attempt < ATTEMPTS_WITH_CHOSEN_PORT => attempt += 1,
            outcome => return outcome,
        }
    }
}

async fn start_once(program: &Mongod, place: &Place) -> anyhow::Result<Started> {
    std::fs::create_dir_all(&place.data).with_context(|| format!("cannot make {}", place.data.display()))?;
    let port = place.port.map_or_else(ports::free, Ok)?;
    let process = place
        .launch("MongoDB", &program.path)
        .arg("--dbpath")
        .arg(&place.data)
        .args(["--port", &port.to_string(), "--bind_ip", "127.0.0.1", "--nounixsocket"])
        .args(["--replSet", REPLICA_SET, "--oplogSize", "512"])
        .args(["--wiredTigerCacheSizeGB", "0.5"])
        .args(["--setParameter", "diagnosticDataCollectionEnabled=false"])
        .grace(Duration::from_secs(15))
        .start()?;
    process.until(answering::LONGEST_START, become_primary(port)).await?;
    Ok(Started { process, address: format!("mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}") })
}

async fn become_primary(port: u16) -> anyhow::Result<()> {
    answering::listening(port).await;
    let client = direct_client(port)?;
    initiate(&client, port).await?;
    while !is_writable(&client).await? {
        answering::pause().await;
    }
    Ok(())
}

/// Before the set exists, only a direct connection reaches the node.
fn direct_client(port: u16) -> anyhow::Result<Client> {
    let address = ServerAddress::Tcp { host: "127.0.0.1".to_owned(), port: Some(port) };
    let options = ClientOptions::builder().hosts(vec![address]).direct_connection(true).build();
    Ok(Client::with_options(options)?)
}

async fn initiate(client: &Client, port: u16) -> anyhow::Result<()> {
    let config = doc! { "_id": REPLICA_SET, "members": [{ "_id": 0, "host": format!("127.0.0.1:{port}") }] };
    let initiated = client.database("admin").run_command(doc! { "replSetInitiate": config }).await;
    match initiated.map_err(|error| *error.kind) {
        Ok(_) => Ok(()),
        Err(ErrorKind::Command(refusal)) if refusal.code == ALREADY_INITIALIZED => move_to_port(client, port).await,
        Err(kind) => Err(anyhow::anyhow!("MongoDB does not become a replica set: {kind}")),
    }
}

/// Data from an earlier run remembers that run's port.
async fn move_to_port(client: &Client, port: u16) -> anyhow::Result<()> {
    let admin = client.database("admin");
    let reply = admin.run_command(doc! { "replSetGetConfig": 1 }).await?;
    let config = reply.get_document("config").context("the replica set has no configuration")?;
    let Some(moved) = moved(config, &format!("127.0.0.1:{port}"))? else {
        return Ok(());
    };
    admin.run_command(doc! { "replSetReconfig": moved, "force": true }).await?;
    Ok(())
}

fn moved(config: &Document, host: &str) -> anyhow::Result<Option<Document>> {
    let mut config = config.clone();
    let version = config.get_i32("version")?;
    let member = config
        .get_array_mut("members")?
        .first_mut()
        .and_then(|member| member.as_document_mut())
        .context("the replica set has no members")?;
    if member.get_str("host")? == host {
        return Ok(None);
    }
    member.insert("host", host);
    config.insert("version", version + 1);
    Ok(Some(config))
}

async fn is_writable(client: &Client) -> anyhow::Result<bool> {
    let hello = client.database("admin").run_command(doc! { "hello": 1 }).await?;
    Ok(hello.get_bool("isWritablePrimary").unwrap_or(false))
}
