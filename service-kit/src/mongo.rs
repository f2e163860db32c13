//! MongoDB: how a service connects, what it demands of the installation, and what an error means.
//!
//! Protects G1: every write goes to a majority whatever the connection string says, and a server that cannot promise a
//! majority (no replica set) is refused with one sentence. A server that is away is waited for, never a reason to stop.
//! Business folders never come here: they are handed collections.

mod connect;
mod errors;
mod index;
mod settings;
mod watch;

pub use self::connect::{connect, open, until_usable};
pub use self::errors::is_transient;
pub use self::index::{IndexSpec, ensure_index};
pub use self::settings::MongoSettings;
pub use self::watch::watch;
