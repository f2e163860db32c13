//! A test's own world: databases and topics under a random prefix on real servers, and the services it starts there.

use local_stack::{Servers, ServiceKind, test_settings};
use mongodb::{Client, Database};

use super::extent::is_full;
use super::instance::Instance;

/// Healing after a crash takes as long as a writer must be silent before it counts as dead. The ordinary run does not
/// wait for the defaults of that; the full one does. (An idle writer is heard every second.)
const IMPATIENT: [(&str, &str); 2] = [("write_path.suspect_after_ms", "3000"), ("write_path.sweep_interval_ms", "500")];

/// Databases and topics that no other test uses.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) servers: Servers,
    pub(crate) prefix: String,
    mongodb: Client,
}

impl World {
    /// On the servers that all tests share.
    pub(crate) async fn new() -> Self {
        Self::on(local_stack::servers().await).await
    }

    /// On servers of the test's own, which it may harm.
    pub(crate) async fn on(servers: Servers) -> Self {
        let mongodb = Client::with_uri_str(&servers.mongodb_uri).await.unwrap();
        Self { servers, prefix: local_stack::random_prefix(), mongodb }
    }

    /// Starts an instance of accounts.
    pub(crate) async fn accounts(&self) -> Instance {
        self.accounts_with(&[]).await
    }

    /// Starts an instance of accounts with more settings.
    pub(crate) async fn accounts_with(&self, more: &[(&str, &str)]) -> Instance {
        let healing = if is_full() { &[][..] } else { &IMPATIENT[..] };
        let mut settings = test_settings(ServiceKind::Accounts, &self.servers, &self.prefix);
        settings.extend(healing.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Instance::start(ServiceKind::Accounts, &settings).await
    }

    /// Starts an instance of orders.
    pub(crate) async fn orders(&self) -> Instance {
        self.orders_with(&[]).await
    }

    /// Starts an instance of orders with more settings.
    pub(crate) async fn orders_with(&self, more: &[(&str, &str)]) -> Instance {
        let mut settings = test_settings(ServiceKind::Orders, &self.servers, &self.prefix);
        settings.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Instance::start(ServiceKind::Orders, &settings).await
    }

    /// The topic of the customers' changes.
    pub(crate) fn topic(&self) -> String {
        format!("{}accounts.customer.change", self.prefix)
    }

    /// The topic of the orders' changes.
    pub(crate) fn orders_topic(&self) -> String {
        format!("{}orders.order.change", self.prefix)
    }

    pub(crate) fn accounts_database(&self) -> Database {
        self.mongodb.database(&format!("{}accounts", self.prefix))
    }

    pub(crate) fn orders_database(&self) -> Database {
        self.mongodb.database(&format!("{}orders", self.prefix))
    }

    /// Drops what the test made. After a failure it stays, to be looked at, for as long as the servers do.
    pub(crate) async fn end(self) {
        local_stack::drop_prefix(&self.servers, &self.prefix).await.unwrap();
    }
}
