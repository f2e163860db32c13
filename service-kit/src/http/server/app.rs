//! What answers on each port.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{App, Error, web};
use utoipa::openapi::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::health::Health;
use super::super::ndjson::Places;
use super::super::openapi::{self, About, Pages};
use super::super::routes::{self, Routes};
use super::super::settings::Limits;
use super::super::site::Site;
use super::super::{edge, metrics, probes};
use super::RouteList;

/// What every thread of a server gets a copy of.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    pub(super) about: About,
    pub(super) health: Health,
    pub(super) limits: Limits,
    /// For streams; all threads share them.
    pub(super) places: Places,
    /// The document and its pages, on the port that has them.
    pub(super) pages: Option<Pages>,
    /// Further pages of that port.
    pub(super) sites: &'static [Site],
}

/// The routes of the public port: the service's and the probes.
pub(super) fn public(own: impl RouteList) -> impl RouteList {
    move |config: &mut ServiceConfig<'_>| {
        own(config);
        probes::routes(config);
    }
}

/// The routes of the operations port: administration, metrics and the probes.
pub(super) fn operations(own: impl RouteList) -> impl RouteList {
    move |config: &mut ServiceConfig<'_>| {
        own(config);
        config.service(metrics::scrape);
        probes::routes(config);
    }
}

/// The OpenAPI document of these routes.
pub(super) fn document(about: &About, routes: impl RouteList) -> OpenApi {
    let (_, document) = App::new().into_utoipa_app().configure(routes).split_for_parts();
    openapi::complete(document, about)
}

/// One thread's copy of a server.
pub(super) fn build<R: RouteList>(parts: &Parts, routes: R) -> App<impl Answering + use<R>> {
    // The pages come first: "/things/pictures" is also a "/things/{id}", and the first route that fits is taken.
    let app = App::new().configure(|config| parts.add_pages_to(config));
    let (app, document) = app.into_utoipa_app().configure(routes).split_for_parts();
    app.app_data(parts.limits)
        .app_data(parts.places.clone())
        .app_data(Routes::new(&document.paths, &parts.undocumented()))
        .app_data(web::Data::new(parts.about))
        .app_data(web::Data::new(parts.health.clone()))
        .default_service(web::to(routes::nothing_here))
        .wrap(from_fn(edge::pass))
}

impl Parts {
    fn add_pages_to(&self, config: &mut web::ServiceConfig) {
        self.pages.iter().for_each(|pages| pages.add_to(config));
        self.sites.iter().for_each(|site| site.add_to(config));
    }

    /// The patterns of what is read by people and not described to machines.
    fn undocumented(&self) -> Vec<String> {
        let pages = self.pages.iter().flat_map(Pages::patterns);
        pages.chain(self.sites.iter().flat_map(Site::patterns)).collect()
    }
}

/// What the framework calls an application.
pub(super) trait Answering:
    ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>
{
}

impl<T> Answering for T where
    T: ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>
{
}
