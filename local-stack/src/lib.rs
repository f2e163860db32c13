//! Real MongoDB, real Kafka and both services on one machine.
//!
//! As a command (`cargo stack`) it is the demo; as a library it is what every test starts:
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! let servers = local_stack::servers().await;      // shared by all tests of a run, started by the first
//! let prefix = local_stack::random_prefix();       // databases and topics of this test's own
//! let client = mongodb::Client::with_uri_str(&servers.mongodb_uri).await?;
//! let database = client.database(&format!("{prefix}accounts"));
//! # Ok(()) }
//! ```
//!
//! It must not decide anything that the services decide (topics, indexes, databases are theirs), and it drops only
//! names with a test's random prefix.

pub mod extent;
pub mod process;
pub mod service;
pub mod shared;
pub mod stack;

mod fetch;
mod names;
mod own_binary;
mod progress;
mod servers;

pub use names::{drop_prefix, random_prefix};
pub use own_binary::{Binaries, build_services};
pub use progress::{Progress, Step};
pub use servers::{OwnServers, Servers};
pub use service::{Service, ServiceKind, test_settings};
pub use shared::servers;
