//! Both services of the stack.

use std::process::Stdio;

use super::{DataFolder, StackOptions, profile_folder, samples};
use crate::service::{Service, ServiceKind, Settings};
use crate::{Binaries, Progress, Servers, own_binary};

/// Brings the services' binaries up to date. Cargo shows its own progress.
pub(super) async fn build(release: bool, progress: Progress) -> anyhow::Result<Binaries> {
    progress.say("Building accounts and orders …");
    let folder = profile_folder(release)?;
    tokio::task::spawn_blocking(move || own_binary::build(&folder, Stdio::inherit())).await?
}

/// Both services, ready.
#[derive(Debug)]
pub(super) struct StackServices {
    accounts: Service,
    orders: Service,
}

impl StackServices {
    /// Starts both at once: neither needs the other.
    pub(super) async fn start(
        options: &StackOptions,
        binaries: &Binaries,
        servers: &Servers,
        data: &DataFolder,
        progress: Progress,
    ) -> anyhow::Result<Self> {
        let step = progress.step("Starting accounts and orders");
        let accounts = settings(ServiceKind::Accounts, servers, options.accounts_port, options.accounts_ops_port);
        let mut orders = settings(ServiceKind::Orders, servers, options.orders_port, options.orders_ops_port);
        if !options.no_samples {
            orders.extend(samples::ORDERS_SETTINGS.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        let (accounts, orders) = tokio::try_join!(
            start(ServiceKind::Accounts, binaries, accounts, data),
            start(ServiceKind::Orders, binaries, orders, data)
        )?;
        step.done();
        Ok(Self { accounts, orders })
    }

    pub(super) fn accounts(&self) -> &Service {
        &self.accounts
    }

    pub(super) fn orders(&self) -> &Service {
        &self.orders
    }

    /// Resolves with its last words when one of them has ended.
    pub(super) async fn broken(&self) -> String {
        tokio::select! {
            _ = self.accounts.ended() => self.accounts.last_words(),
            _ = self.orders.ended() => self.orders.last_words(),
        }
    }

    /// Asks both to end, and waits until they have finished what they had accepted.
    pub(super) async fn stop(self) {
        self.accounts.terminate();
        self.orders.terminate();
        tokio::join!(self.accounts.ended(), self.orders.ended());
    }
}

async fn start(
    kind: ServiceKind,
    binaries: &Binaries,
    settings: Settings,
    data: &DataFolder,
) -> anyhow::Result<Service> {
    let service =
        Service::start_logged(kind, binaries, &settings, &data.log(kind.name()), &data.services_lock()).await?;
    service.ready().await?;
    Ok(service)
}

fn settings(kind: ServiceKind, servers: &Servers, port: u16, operations_port: u16) -> Settings {
    [
        ("mongo.uri", servers.mongodb_uri.clone()),
        ("mongo.database", kind.name().to_owned()),
        ("kafka.brokers", servers.kafka_brokers.clone()),
        ("http.port", port.to_string()),
        ("http.operations_port", operations_port.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}
