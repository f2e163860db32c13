//! Ports, database, health and supervisor: taken first, served last, with a service's own parts in between.

use std::future::Future;
use std::time::Duration;

use mongodb::Database;
use utoipa_actix_web::service_config::ServiceConfig;

use super::common::CommonSettings;
use crate::http::health::Health;
use crate::http::openapi::About;
use crate::http::server::{Addresses, HttpService, Listeners, RouteList};
use crate::http::site::Site;
use crate::mongo;
use crate::supervisor::{Outcome, Refused, Stage, Stop, Supervisor};

/// How long "starting" lasts at most, once MongoDB answers.
const OPENING: Duration = Duration::from_secs(3);

/// What a service's parts are added to.
#[derive(Debug)]
pub struct Foundation {
    /// Runs what is added to it.
    pub supervisor: Supervisor,
    /// The service's own database. It need not answer yet.
    pub database: Database,
    /// What the probes tell.
    pub health: Health,
    http: HttpService,
    listeners: Listeners,
}

/// A service, bound to its ports and not running yet.
#[derive(Debug)]
pub struct Application {
    addresses: Addresses,
    supervisor: Supervisor,
}

impl Foundation {
    /// Takes the ports and opens the database. No server is asked yet: that is done while the probes answer.
    ///
    /// # Errors
    /// A port is taken, or a setting can never work; one sentence names the remedy.
    pub async fn lay(about: About, settings: &impl CommonSettings) -> anyhow::Result<Self> {
        let settings = settings.common();
        let listeners = Listeners::bind(settings.http).map_err(|error| Refused::new(error.to_string()))?;
        let database = mongo::open(settings.mongo).await?;
        let health = Health::new();
        let http = HttpService::new(about, health.clone(), settings.http.clone());
        Ok(Self { supervisor: Supervisor::new(settings.stop.deadline()), database, health, http, listeners })
    }

    /// With these pages for people on the public port.
    #[must_use]
    pub fn with_sites(self, sites: &'static [Site]) -> Self {
        Self { http: self.http.with_sites(sites), ..self }
    }

    /// Ready is when this has ended: the first write is taken, so that a client which waited is not refused. But Kafka
    /// that is away keeps nobody from reading: after a moment the service is ready without.
    pub fn ready_after<F>(&mut self, opened: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (database, health) = (self.database.clone(), self.health.clone());
        self.supervisor.add(Stage::Background, "readiness", |stop| async move {
            // Whichever it was, opened, too long or stopped: from here on the probes tell.
            let _opened = tokio::time::timeout(OPENING, stop.run_until_cancelled(opened)).await;
            health.started();
            mongo::watch(database, health, stop).await
        });
    }

    /// Adds the public port with these routes, and the operations port.
    ///
    /// # Errors
    /// The operating system does not tell the ports.
    pub fn serve(self, routes: impl RouteList) -> anyhow::Result<Application> {
        let Self { mut supervisor, http, listeners, .. } = self;
        let addresses = listeners.addresses()?;
        let public = http.clone();
        supervisor.add(Stage::Http, "public-port", |stop| public.serve_public(listeners.public, routes, stop));
        supervisor.add(Stage::Operations, "operations-port", |stop| {
            http.serve_operations(listeners.operations, |_: &mut ServiceConfig<'_>| {}, stop)
        });
        Ok(Application { addresses, supervisor })
    }
}

impl Application {
    /// Where it can be reached, also when a port was 0.
    pub fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// Runs until a stop is asked for or a part fails, then stops in order.
    pub async fn run_until_stopped(self, stop: Stop) -> Outcome {
        self.supervisor.run_until_stopped(stop).await
    }
}
