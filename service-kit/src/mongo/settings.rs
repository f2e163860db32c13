//! The section `mongo` of a service's settings.

use serde::{Deserialize, Serialize};

use crate::settings::{Fault, Secret, require};

/// Where the service's own database is, and how the driver talks to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MongoSettings {
    /// Connection string. Its write concern, read concern and read preference are overruled (G1).
    pub uri: Secret,
    /// A file that holds the connection string; empty: `uri` itself is used.
    pub uri_file: String,
    /// The database, made when the first thing is stored. Another one in tests: this is what isolates them.
    pub database: String,
    /// Connections kept open per server. Too low: the first burst waits for handshakes; too high: idle memory in mongod.
    pub min_pool_size: u32,
    /// Most connections per server. Too low: commands queue in the driver; too high: mongod thrashes (1 MB each).
    pub max_pool_size: u32,
    /// Handshakes at the same time per server. Too low: a cold burst warms up one by one; too high: a reconnect storm.
    pub max_connecting: u32,
    /// Milliseconds to find a primary before a command fails. Too low: an election (up to 12 s) is an error to callers;
    /// too high: callers hang while MongoDB is away.
    pub server_selection_timeout_ms: u64,
    /// Milliseconds to open one connection. Too low: slow networks never connect; too high: dead hosts hold callers.
    pub connect_timeout_ms: u64,
}

impl MongoSettings {
    /// What the types cannot say.
    ///
    /// # Errors
    /// The first rule that is broken, with its key.
    pub fn validate(&self) -> Result<(), Fault> {
        require(!self.uri.is_empty(), "mongo.uri", "must be a connection string such as mongodb://host:27017")?;
        let name = &self.database;
        require(
            (1..=63).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c)),
            "mongo.database",
            "must be 1 to 63 of A-Z a-z 0-9 _ -",
        )?;
        require(self.max_pool_size >= 1, "mongo.max_pool_size", "must be at least 1")?;
        require(
            self.min_pool_size <= self.max_pool_size,
            "mongo.min_pool_size",
            "must not be greater than mongo.max_pool_size",
        )?;
        require(self.max_connecting >= 1, "mongo.max_connecting", "must be at least 1")?;
        require(self.server_selection_timeout_ms >= 100, "mongo.server_selection_timeout_ms", "must be at least 100")?;
        require(self.connect_timeout_ms >= 100, "mongo.connect_timeout_ms", "must be at least 100")
    }
}
