//! The options of `cargo stack`.

use std::path::PathBuf;

use crate::servers::{given, ports};

/// Options that concern the servers.
#[derive(Debug, Clone, clap::Args)]
pub struct ServerOptions {
    /// Start empty: delete the data of earlier runs first
    #[arg(long)]
    pub(super) fresh: bool,
    /// The folder for data and logs [default: `data` in the cache folder, see docs/running.md]
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// The port of MongoDB (as everywhere here, 0 is any free one)
    #[arg(long, value_name = "PORT", default_value_t = 27117)]
    pub(super) mongodb_port: u16,
    /// The port of Kafka
    #[arg(long, value_name = "PORT", default_value_t = 9192)]
    pub(super) kafka_port: u16,
}

/// Options of the whole stack.
#[derive(Debug, Clone, clap::Args)]
pub struct StackOptions {
    #[command(flatten)]
    pub(super) servers: ServerOptions,
    /// The port of accounts' API
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    pub(super) accounts_port: u16,
    /// The port of accounts' metrics and probes
    #[arg(long, value_name = "PORT", default_value_t = 8081)]
    pub(super) accounts_ops_port: u16,
    /// The port of orders' API
    #[arg(long, value_name = "PORT", default_value_t = 8085)]
    pub(super) orders_port: u16,
    /// The port of orders' metrics and probes
    #[arg(long, value_name = "PORT", default_value_t = 8086)]
    pub(super) orders_ops_port: u16,
    /// Do not load the sample customers and orders
    #[arg(long)]
    pub(super) no_samples: bool,
    /// Build the services with optimisation
    #[arg(long)]
    pub(super) release: bool,
}

impl ServerOptions {
    pub(super) fn ensure_ports_are_free(&self) -> anyhow::Result<()> {
        if given::mongodb_uri().is_none() {
            ports::ensure_free(self.mongodb_port, "MongoDB", "--mongodb-port")?;
        }
        if given::kafka_brokers().is_none() {
            ports::ensure_free(self.kafka_port, "Kafka", "--kafka-port")?;
        }
        Ok(())
    }
}

impl StackOptions {
    /// Before anything is fetched or built: a taken port is the most frequent reason, and the cheapest to see.
    pub(super) fn ensure_ports_are_free(&self) -> anyhow::Result<()> {
        self.servers.ensure_ports_are_free()?;
        ports::ensure_free(self.accounts_port, "accounts", "--accounts-port")?;
        ports::ensure_free(self.accounts_ops_port, "accounts (operations)", "--accounts-ops-port")?;
        ports::ensure_free(self.orders_port, "orders", "--orders-port")?;
        ports::ensure_free(self.orders_ops_port, "orders (operations)", "--orders-ops-port")
    }
}
