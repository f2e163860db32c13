//! The servers that all tests of a run share.
//!
//! Test binaries are separate processes, one after the other or several at once, and none of them is the last one by
//! design. So the servers belong to a process of their own, the [keeper], which the first test that needs them starts.
//!
//! * Everyone who uses the servers holds a shared lock on the file `lease`. The kernel releases it when its holder ends,
//!   also by `kill -9`.
//! * The keeper looks whether anybody holds the lease. When nobody has for a few seconds, it takes the lease for itself,
//!   stops the servers, deletes their data and ends. Whoever comes meanwhile waits for the lease and then starts anew.
//! * A run of Cargo that is still going counts as a user for ten minutes after its last test binary (`runs/<process
//!   id>`): between two binaries that need servers there may be one that does not and takes long.
//! * The keeper holds an exclusive lock on `keeper`. If that lock is free, the addresses in `servers.json` are stale,
//!   whatever the reason, and are replaced. The servers of a killed keeper are stopped by their guards.

pub mod keeper;
pub mod lease;

mod runs;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::fetch;
use crate::servers::Servers;
use lease::Lease;

/// The servers for tests: those of `MONGODB_URI` and `KAFKA_BROKERS` where these are set, else the shared ones, which
/// are started if they are not running. They stay until some seconds after this process has ended.
///
/// # Panics
/// When servers cannot be had, with the reason and the remedy: a test cannot do anything else then.
pub async fn servers() -> Servers {
    match tokio::task::spawn_blocking(servers_once).await {
        Ok(Ok(servers)) => servers,
        Ok(Err(reason)) => panic!("no servers for the tests: {reason}"),
        Err(error) => panic!("no servers for the tests: {error}"),
    }
}

fn servers_once() -> Result<Servers, String> {
    static SERVERS: OnceLock<Result<(Servers, Option<Lease>), String>> = OnceLock::new();
    let servers = SERVERS.get_or_init(|| given_or_shared().map_err(|error| format!("{error:#}")));
    servers.as_ref().map(|(servers, _)| servers.clone()).map_err(Clone::clone)
}

fn given_or_shared() -> anyhow::Result<(Servers, Option<Lease>)> {
    if let Some(servers) = Servers::given() {
        return Ok((servers, None));
    }
    let lease = Lease::take(&default_folder()?, keeper::IDLE)?;
    Ok((lease.servers().clone().unless_given(), Some(lease)))
}

fn default_folder() -> anyhow::Result<PathBuf> {
    Ok(fetch::cache::root()?.join("test-servers"))
}

fn lease_file(folder: &Path) -> PathBuf {
    folder.join("lease")
}

fn keeper_file(folder: &Path) -> PathBuf {
    folder.join("keeper")
}

fn addresses_file(folder: &Path) -> PathBuf {
    folder.join("servers.json")
}
