//! A resource as a business folder would have it, with a map instead of a database.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use actix_web::http::header;
use actix_web::{HttpResponse, delete, get, post, put, web};
use serde::{Deserialize, Serialize};
use service_kit::http::call::Call;
use service_kit::http::consistency::{TOKEN_HEADER, Waiters};
use service_kit::http::idempotency::fingerprint;
use service_kit::http::openapi::{
    ChangeProblems, ConsistencyParameters, CreateProblems, IdempotencyParameters, IfMatchParameters, ListProblems,
    PageParameters, ReadParameters, ReadProblems, RemoveProblems,
};
use service_kit::http::page::Page;
use service_kit::http::payload::JsonBody;
use service_kit::http::precondition::ETag;
use service_kit::http::problem::{Fault, Problem};
use shared_events::token::ConsistencyToken;
use tokio::sync::{Notify, Semaphore};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

/// What is sent.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Content {
    /// 1 to 10 letters; `taken` is taken.
    #[schema(pattern = "^[a-z]{1,10}$", examples("ball"))]
    pub(crate) name: String,
}

/// What is answered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Thing {
    id: String,
    name: String,
    version: u64,
}

#[derive(Clone, Debug)]
struct Stored {
    name: String,
    version: u64,
    fingerprint: String,
    deleted: bool,
}

/// All things, and a gate that slow requests wait at.
#[derive(Debug)]
pub(crate) struct Things {
    stored: Mutex<BTreeMap<String, Stored>>,
    waiters: Waiters,
    /// One permit for each slow request that has begun.
    pub(crate) begun: Semaphore,
    /// One permit for each look for a state that is not there.
    pub(crate) looked: Semaphore,
    /// One permit for each slow line whose work has ended.
    pub(crate) ended: Semaphore,
    /// Lets slow requests end.
    pub(crate) gate: Notify,
}

impl Things {
    pub(crate) fn new(waiters: Waiters) -> Self {
        Self {
            stored: Mutex::default(),
            waiters,
            begun: Semaphore::new(0),
            looked: Semaphore::new(0),
            ended: Semaphore::new(0),
            gate: Notify::new(),
        }
    }

    fn stored(&self, id: &str) -> Option<Stored> {
        self.stored.lock().unwrap().get(id).cloned()
    }

    fn living(&self, id: &str) -> Result<Stored, Problem> {
        let stored = self.stored(id).ok_or_else(|| Problem::not_found("no thing has this id"))?;
        if stored.deleted { Err(Problem::gone("this thing was deleted")) } else { Ok(stored) }
    }
}

pub(crate) fn routes(things: Arc<Things>) -> impl Fn(&mut ServiceConfig<'_>) + Clone + Send + 'static {
    move |config| {
        config
            .app_data(web::Data::from(Arc::clone(&things)))
            .service(create)
            .service(list)
            .service(read)
            .service(replace)
            .service(remove)
            .service(slow_read)
            .service(slow_write)
            .service(super::echo::echo)
            .service(framework_refusal);
    }
}

fn id(text: &str) -> Result<String, &'static str> {
    let plain = (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if plain { Ok(text.to_owned()) } else { Err("must be 1 to 64 letters, digits and hyphens") }
}

fn content(bytes: &[u8]) -> Result<Content, Problem> {
    let value: serde_json::Value =
        serde_json::from_slice(bytes).map_err(|_| Problem::malformed("the body is not JSON"))?;
    let content: Content =
        serde_json::from_value(value).map_err(|error| Problem::invalid(vec![Fault::new("", error.to_string())]))?;
    if (1..=10).contains(&content.name.len()) && content.name.bytes().all(|byte| byte.is_ascii_lowercase()) {
        Ok(content)
    } else {
        Err(Problem::invalid(vec![Fault::new("/name", "must be 1 to 10 letters")]))
    }
}

fn answer(mut response: actix_web::HttpResponseBuilder, id: &str, stored: &Stored) -> HttpResponse {
    response
        .insert_header((header::ETAG, ETag::of_version(stored.version).to_string()))
        .insert_header((TOKEN_HEADER, ConsistencyToken::new("thing", id, stored.version).encode()))
        .json(Thing { id: id.to_owned(), name: stored.name.clone(), version: stored.version })
}

/// Create a thing
#[utoipa::path(tag = "things", params(IdempotencyParameters), request_body = Content, responses(
    (status = 201, description = "Created.", body = Thing), CreateProblems,
))]
#[post("/toy/things")]
async fn create(call: Call, body: JsonBody, things: web::Data<Things>) -> Result<HttpResponse, Problem> {
    call.without_query()?;
    let key = call.idempotency_key()?;
    let content = content(&body.0)?;
    let id = key.map_or_else(|| content.name.clone(), |key| key.derive_id("thing"));
    let fingerprint = fingerprint(&serde_json::to_value(&content).map_err(Problem::internal)?);
    let mut stored = things.stored.lock().unwrap();
    if let Some(known) = stored.get(&id) {
        if known.fingerprint != fingerprint {
            return Err(Problem::idempotency_key_reused());
        }
        return Ok(answer(HttpResponse::Created(), &id, known));
    }
    if content.name == "taken" {
        return Err(Problem::conflict("this name is taken"));
    }
    let new = Stored { name: content.name, version: 1, fingerprint, deleted: false };
    stored.insert(id.clone(), new.clone());
    Ok(answer(HttpResponse::Created(), &id, &new))
}

/// List things
#[utoipa::path(tag = "things", params(PageParameters, ("name" = Option<String>, Query)), responses(
    (status = 200, description = "A page.", body = Page<Thing>), ListProblems,
))]
#[get("/toy/things")]
async fn list(call: Call, things: web::Data<Things>) -> Result<HttpResponse, Problem> {
    let mut query = call.query();
    let name = query.optional("name", |text| Ok::<_, String>(text.to_owned()));
    let paging = query.page::<String>()?;
    let stored = things.stored.lock().unwrap();
    let after = paging.after.clone().unwrap_or_default();
    let wanted = stored
        .iter()
        .filter(|(id, thing)| **id > after && !thing.deleted && name.as_ref().is_none_or(|name| *name == thing.name));
    let rows = wanted.take(paging.fetch()).map(|(id, thing)| Thing {
        id: id.clone(),
        name: thing.name.clone(),
        version: thing.version,
    });
    let page = paging.cut(rows.collect(), |thing| thing.id.clone());
    Ok(paging.respond(&page))
}

/// Read a thing
#[utoipa::path(tag = "things", params(("id" = String, Path, pattern = "^[A-Za-z0-9-]{1,64}$", example = "ball"), ReadParameters, ConsistencyParameters), responses(
    (status = 200, description = "The thing.", body = Thing),
    (status = 304, description = "Not modified."),
    ReadProblems,
))]
#[get("/toy/things/{id}")]
async fn read(call: Call, things: web::Data<Things>) -> Result<HttpResponse, Problem> {
    call.without_query()?;
    let id = call.parameter("id", id)?;
    let precondition = call.precondition()?;
    let consistency = call.consistency(&["thing"])?;
    let look = async |token: &ConsistencyToken| {
        let version = things.stored(&token.id).map(|stored| stored.version);
        things.looked.add_permits(usize::from(version.is_none()));
        Ok(version)
    };
    let freshness = things.waiters.reach(&consistency, look).await?;
    let stored = things.living(&id)?;
    let tag = ETag::of_version(stored.version);
    precondition.allow_read(&tag)?;
    if precondition.not_modified(&tag) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag.to_string())).finish());
    }
    let mut response = HttpResponse::Ok();
    consistency.mark(freshness, &mut response);
    Ok(answer(response, &id, &stored))
}

/// Replace a thing
#[utoipa::path(tag = "things", params(("id" = String, Path, pattern = "^[A-Za-z0-9-]{1,64}$", example = "ball"), IfMatchParameters), request_body = Content, responses(
    (status = 200, description = "Replaced.", body = Thing), ChangeProblems,
))]
#[put("/toy/things/{id}")]
async fn replace(call: Call, body: JsonBody, things: web::Data<Things>) -> Result<HttpResponse, Problem> {
    call.without_query()?;
    let id = call.parameter("id", id)?;
    let precondition = call.precondition()?;
    let sent: Result<Content, Problem> = content(&body.0);
    if let Err(malformed) = &sent
        && malformed.errors().is_empty()
    {
        return Err(malformed.clone());
    }
    let stored = things.living(&id)?;
    precondition.require_match(&ETag::of_version(stored.version))?;
    let content = sent?;
    if content.name == "taken" {
        return Err(Problem::conflict("this name is taken"));
    }
    let changed = Stored { name: content.name, version: stored.version + 1, ..stored };
    things.stored.lock().unwrap().insert(id.clone(), changed.clone());
    Ok(answer(HttpResponse::Ok(), &id, &changed))
}

/// Delete a thing
#[utoipa::path(tag = "things", params(("id" = String, Path, pattern = "^[A-Za-z0-9-]{1,64}$", example = "ball"), IfMatchParameters), responses(
    (status = 204, description = "Deleted."), RemoveProblems,
))]
#[delete("/toy/things/{id}")]
async fn remove(call: Call, things: web::Data<Things>) -> Result<HttpResponse, Problem> {
    call.without_query()?;
    let id = call.parameter("id", id)?;
    let precondition = call.precondition()?;
    let stored = things.living(&id)?;
    precondition.require_match(&ETag::of_version(stored.version))?;
    let deleted = Stored { deleted: true, version: stored.version + 1, ..stored };
    things.stored.lock().unwrap().insert(id, deleted);
    Ok(HttpResponse::NoContent().finish())
}

/// Read slowly
#[utoipa::path(tag = "things", responses((status = 200, description = "At last.")))]
#[get("/toy/slow")]
async fn slow_read(things: web::Data<Things>) -> HttpResponse {
    pass_gate(&things).await
}

/// Write slowly
#[utoipa::path(tag = "things", responses((status = 200, description = "At last.")))]
#[post("/toy/slow")]
async fn slow_write(things: web::Data<Things>) -> HttpResponse {
    pass_gate(&things).await
}

async fn pass_gate(things: &Things) -> HttpResponse {
    // Before anybody can know that this has begun, or the gate could open unnoticed.
    let opened = things.gate.notified();
    things.begun.add_permits(1);
    opened.await;
    HttpResponse::Ok().finish()
}

/// Let the framework refuse
#[utoipa::path(tag = "things", params(("n" = u8, Path)), responses((status = 200, description = "A number.")))]
#[get("/toy/framework/{n}")]
async fn framework_refusal(_: web::Path<u8>, _: web::Json<u8>) -> HttpResponse {
    HttpResponse::Ok().finish()
}
