//! A MongoDB replica set and a Kafka broker, each of one node, on this machine's loopback.
//!
//! Real servers with the durability they have by default: nothing is tuned that would change what an acknowledgement
//! means. Only sizes are small, and Kafka does not make topics that nobody asked for.

pub(crate) mod given;
pub(crate) mod kafka;
pub(crate) mod mongodb;
pub(crate) mod ports;
pub(crate) mod programs;

mod answering;
mod archive;
mod java;
mod own;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::process::{Guarded, Launch};

pub use own::OwnServers;

/// Where the servers are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Servers {
    /// A connection string, as MongoDB's drivers take it.
    pub mongodb_uri: String,
    /// `host:port`, several separated by commas, as `bootstrap.servers` takes it.
    pub kafka_brokers: String,
}

impl Servers {
    /// Those that the environment names, when it names both.
    #[must_use]
    pub fn given() -> Option<Self> {
        Some(Self { mongodb_uri: given::mongodb_uri()?, kafka_brokers: given::kafka_brokers()? })
    }

    /// Those of `MONGODB_URI` and `KAFKA_BROKERS`, where these are set, in place of these.
    #[must_use]
    pub fn unless_given(self) -> Self {
        Self {
            mongodb_uri: given::mongodb_uri().unwrap_or(self.mongodb_uri),
            kafka_brokers: given::kafka_brokers().unwrap_or(self.kafka_brokers),
        }
    }
}

/// Where a server keeps its data and its log, and how it ends.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// A folder of the server's own. It is made if it is not there.
    pub(crate) data: PathBuf,
    /// The file for what the server writes.
    pub(crate) log: PathBuf,
    /// Deletes `data` when the server has ended.
    pub(crate) temporary: bool,
    /// The port, or none for one that is free.
    pub(crate) port: Option<u16>,
    /// A file that those who use the server lock.
    pub(crate) users: Option<PathBuf>,
}

impl Place {
    /// A folder that goes away with the server, and any free port.
    pub(crate) fn temporary(folder: &Path, name: &str) -> Self {
        let data = folder.join(name);
        let log = data.join("server.log");
        Self { data, log, temporary: true, port: None, users: None }
    }

    fn launch(&self, name: &str, program: &Path) -> Launch {
        let mut launch = Launch::new(name, program, &self.log).hold(&in_use(&self.data));
        if self.temporary {
            launch = launch.remove_at_end(&self.data);
        }
        if let Some(file) = &self.users {
            launch = launch.end_after(file);
        }
        launch
    }
}

/// The file in a server's folder that is locked for as long as the server runs.
pub(crate) fn in_use(data: &Path) -> PathBuf {
    data.join("in-use")
}

/// A server that answers, and what a client needs to reach it.
#[derive(Debug)]
pub(crate) struct Started {
    pub(crate) process: Guarded,
    pub(crate) address: String,
}
