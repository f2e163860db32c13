//! A running service with the toy resource, on ports of its own.

use std::sync::Arc;
use std::time::Duration;

use service_kit::http::consistency::Waiters;
use service_kit::http::health::Health;
use service_kit::http::openapi::About;
use service_kit::http::server::{Addresses, HttpService, Listeners};
use service_kit::http::settings::HttpSettings;
use service_kit::http::site::{Site, SiteFile};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::things::{Things, routes};

pub(crate) const ABOUT: About = About {
    service: "toy",
    version: "1.2.3",
    title: "Toys",
    description: "A resource to test with.",
    sections: &[("things", "Things to play with.")],
};

/// Where a thing could be, too: `/toy/things/{id}`.
const SITE: Site = Site {
    at: "/toy/things/pictures",
    files: &[
        SiteFile { name: "", content_type: "text/html; charset=utf-8", content: "<!doctype html><title>Toys</title>" },
        SiteFile { name: "toys.js", content_type: "text/javascript; charset=utf-8", content: "'use strict';" },
    ],
};

/// No step of a test takes longer on any machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

pub(crate) struct Running {
    pub(crate) addresses: Addresses,
    pub(crate) health: Health,
    pub(crate) things: Arc<Things>,
    pub(crate) stop: CancellationToken,
    pub(crate) public: JoinHandle<anyhow::Result<()>>,
    operations_stop: CancellationToken,
}

impl Running {
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut HttpSettings)) -> Self {
        let mut settings = HttpSettings { port: 0, operations_port: 0, workers: 2, ..HttpSettings::default() };
        change(&mut settings);
        let health = Health::new();
        let things = Arc::new(Things::new(Waiters::new(settings.max_waiting, health.draining())));
        let listeners = Listeners::bind(&settings).unwrap();
        let addresses = listeners.addresses().unwrap();
        let service = HttpService::new(ABOUT, health.clone(), settings).with_sites(&[SITE]);
        let (stop, operations_stop) = (CancellationToken::new(), CancellationToken::new());
        let own = routes(Arc::clone(&things));
        let public = tokio::spawn(service.clone().serve_public(listeners.public, own, stop.clone()));
        tokio::spawn(service.serve_operations(listeners.operations, |_| {}, operations_stop.clone()));
        Self { addresses, health, things, stop, public, operations_stop }
    }

    /// The service has started and its database answers.
    pub(crate) async fn ready() -> Self {
        let running = Self::start();
        running.health.started();
        let stop = running.operations_stop.clone();
        tokio::spawn(running.health.clone().watch_database(|| async { Ok::<_, String>(()) }, stop));
        while running.health.readiness().is_err() {
            tokio::task::yield_now().await;
        }
        running
    }

    pub(crate) fn public(&self, path: &str) -> String {
        format!("http://{}{path}", self.addresses.public)
    }

    pub(crate) fn operations(&self, path: &str) -> String {
        format!("http://{}{path}", self.addresses.operations)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
        self.operations_stop.cancel();
        self.things.gate.notify_waiters();
    }
}
