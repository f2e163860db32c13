//! `/livez`, `/readyz`, `/caughtup` and `/info`, on both ports. A kubelet asks the first two; the third is for people,
//! alerts and roll-out gates.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::call::Call;
use super::health::{CaughtUp, Health};
use super::openapi::{About, ListProblems, PlainProblems};
use super::problem::Problem;

const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The answer of a probe that is fine.
#[derive(Debug, Serialize, ToSchema)]
struct Fine {
    #[schema(examples("ok"))]
    status: &'static str,
}

/// Which service this is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Info {
    #[schema(examples("accounts"))]
    service: String,
    version: String,
    links: InfoLinks,
}

/// Where to read on, on the public port.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct InfoLinks {
    openapi: String,
    swagger_ui: String,
    livez: String,
    readyz: String,
    caughtup: String,
}

/// The routes of the probes.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(livez).service(readyz).service(caughtup).service(info);
}

/// Whether the process runs
///
/// Nothing but that: restarting it would mend nothing else.
#[utoipa::path(tag = "operations", responses(
    (status = 200, description = "It does.", body = Fine),
    PlainProblems,
))]
#[get("/livez")]
async fn livez(call: Call) -> Result<HttpResponse, Problem> {
    call.without_query()?;
    Ok(HttpResponse::Ok().json(Fine { status: "ok" }))
}

/// Whether requests may be sent here
///
/// 503 while the service starts, drains, or has no MongoDB.
#[utoipa::path(tag = "operations", responses(
    (status = 200, description = "They may.", body = Fine),
    ListProblems,
))]
#[get("/readyz")]
async fn readyz(call: Call, health: web::Data<Health>) -> Result<HttpResponse, Problem> {
    call.without_query()?;
    health.readiness().map_err(|reason| Problem::unavailable(reason, RETRY_AFTER))?;
    Ok(HttpResponse::Ok().json(Fine { status: "ok" }))
}

/// How far the projections are behind their logs
///
/// For people, alerts and roll-out gates; a service that is behind still answers.
#[utoipa::path(tag = "operations", responses(
    (status = 200, description = "Every projection has reached the end of its log.", body = CaughtUp),
    (status = 503, description = "Not yet; the positions say how far.", body = CaughtUp, headers(
        ("Retry-After" = u64, description = "Seconds."),
    )),
    PlainProblems,
))]
#[get("/caughtup")]
async fn caughtup(call: Call, health: web::Data<Health>) -> Result<HttpResponse, Problem> {
    call.without_query()?;
    let state = health.caught_up().await;
    if state.caught_up {
        return Ok(HttpResponse::Ok().json(state));
    }
    Ok(HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, RETRY_AFTER.as_secs())).json(state))
}

/// Which service this is, and where to read on
///
/// The links are those of the public port.
#[utoipa::path(tag = "operations", responses(
    (status = 200, description = "Its name, its version and links.", body = Info),
    PlainProblems,
))]
#[get("/info")]
async fn info(call: Call, about: web::Data<About>) -> Result<HttpResponse, Problem> {
    call.without_query()?;
    let links = InfoLinks {
        openapi: "/openapi.json".to_owned(),
        swagger_ui: "/swagger-ui/".to_owned(),
        livez: "/livez".to_owned(),
        readyz: "/readyz".to_owned(),
        caughtup: "/caughtup".to_owned(),
    };
    let (service, version) = (about.service.to_owned(), about.version.to_owned());
    Ok(HttpResponse::Ok().json(Info { service, version, links }))
}
