//! The two servers of a service: the public port with the API and its pages, the operations port with metrics and
//! administration; probes on both. Ports are bound before anything else starts, so that a taken one is told at once and
//! port 0 has a number to announce.
//!
//! Stopping has an order (D9): not ready, then nothing new is accepted, then what is in flight finishes.

mod app;
mod listeners;
mod unread;

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::Server;
use anyhow::Context;
use tokio_util::sync::CancellationToken;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::service_config::ServiceConfig;

use super::health::Health;
use super::metrics;
use super::ndjson::Places;
use super::openapi::{About, Pages};
use super::settings::{HttpSettings, Limits};
use super::site::Site;

pub use self::listeners::{Addresses, BindError, Listeners};

/// A service's face: what it says of itself, its state, and how it serves.
#[derive(Clone, Debug)]
pub struct HttpService {
    about: About,
    health: Health,
    settings: HttpSettings,
    sites: &'static [Site],
}

/// A list of routes, called once per thread of a server: handlers with `#[utoipa::path]`, and with `app_data` what
/// they need.
pub trait RouteList: Fn(&mut ServiceConfig<'_>) + Clone + Send + 'static {}

impl<F: Fn(&mut ServiceConfig<'_>) + Clone + Send + 'static> RouteList for F {}

impl HttpService {
    /// Puts the parts together and begins to record figures.
    pub fn new(about: About, health: Health, settings: HttpSettings) -> Self {
        metrics::install(&about);
        Self { about, health, settings, sites: &[] }
    }

    /// With these pages for people on the public port.
    #[must_use]
    pub fn with_sites(self, sites: &'static [Site]) -> Self {
        Self { sites, ..self }
    }

    /// The complete OpenAPI document of the public port.
    pub fn document(about: &About, routes: impl RouteList) -> OpenApi {
        app::document(about, app::public(routes))
    }

    /// Serves the public port until `stop`, then drains.
    ///
    /// # Errors
    /// The socket cannot be used, or a worker thread not be started.
    pub async fn serve_public(
        self,
        listener: TcpListener,
        routes: impl RouteList,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let document = Self::document(&self.about, routes.clone());
        let pages = Pages::new(&document, &self.about).context("the OpenAPI document cannot be written")?;
        let health = self.health.clone();
        let delay = Duration::from_millis(self.settings.drain_delay_ms);
        let last_call = async move {
            stop.cancelled().await;
            health.drain();
            // Requests go on until whoever balances has seen that this instance is not ready.
            tokio::time::sleep(delay).await;
        };
        let workers = self.workers();
        let parts = app::Parts { pages: Some(pages), sites: self.sites, ..self.parts() };
        let server = self.server(listener, workers, parts, app::public(routes), last_call)?;
        server.await.context("the public port failed")
    }

    /// Serves the operations port until `stop`. `routes` are those of administration.
    ///
    /// # Errors
    /// As [`serve_public`](Self::serve_public).
    pub async fn serve_operations(
        self,
        listener: TcpListener,
        routes: impl RouteList,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let parts = self.parts();
        let server = self.server(listener, 1, parts, app::operations(routes), stop.cancelled_owned())?;
        tokio::select! {
            ended = server => ended.context("the operations port failed"),
            () = metrics::count_for_ever() => Ok(()),
        }
    }

    /// Not async: the framework's builder may not be moved to another thread, what it builds may.
    fn server(
        &self,
        listener: TcpListener,
        workers: usize,
        parts: app::Parts,
        routes: impl RouteList,
        last_call: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<Server> {
        let settings = &self.settings;
        let unread_for = Duration::from_millis(settings.stall_timeout_ms);
        let server = HttpServer::new(move || app::build(&parts, routes.clone()))
            .workers(workers)
            .max_connections(settings.max_connections)
            .client_request_timeout(Duration::from_millis(settings.head_timeout_ms))
            .keep_alive(Duration::from_millis(settings.keep_alive_ms))
            .shutdown_timeout(settings.drain_timeout_ms.div_ceil(1000))
            // Answers are small and complete: waiting to fill a packet only delays them.
            .tcp_nodelay(true)
            .h1_write_buffer_size(unread::STREAM_BYTES)
            .on_connect(move |connection, _| unread::limit(connection, unread_for))
            .shutdown_signal(last_call)
            .listen(listener)?;
        Ok(server.run())
    }

    /// Of a port without pages.
    fn parts(&self) -> app::Parts {
        let (about, health, limits) = (self.about, self.health.clone(), Limits::from(&self.settings));
        let places = Places::new(self.settings.max_streams);
        app::Parts { about, health, limits, places, pages: None, sites: &[] }
    }

    fn workers(&self) -> usize {
        match self.settings.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            workers => workers,
        }
    }
}
