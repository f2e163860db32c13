//! The HTTP kit: everything about HTTP that both services share, so that a business folder says only what is its own.
//! It knows no customer and no order. Protects G2 (`If-Match`: one successor per version), G3 (`Idempotency-Key`) and
//! G7 (`Consistency-Token`) where they meet a client.
//!
//! # How a handler looks
//!
//! Several things can be wrong with a request, and the API promises which is told: the first of 415, 413, 400, 404 or
//! 410, 428, 412, 422, 409. A handler keeps that promise by reading in that order, top to bottom. The body's extractor
//! is its only one that can fail by itself (415, 413); everything else is asked of [`call::Call`].
//!
//! ```
//! # use actix_web::{HttpResponse, put, web};
//! # use actix_web::http::header::ETAG;
//! # use service_kit::http::{call::Call, consistency::TOKEN_HEADER, payload::JsonBody, precondition::ETag};
//! # use service_kit::http::body::{Json, Node, Read, read};
//! # use service_kit::http::problem::Problem;
//! # use service_kit::http::openapi::{ChangeProblems, IfMatchParameters};
//! # use shared_events::token::ConsistencyToken;
//! # struct Thing { name: String, version: u64 }
//! # struct Things;
//! # impl Things {
//! #     async fn load(&self, _: &str) -> Result<Option<Thing>, Problem> { Ok(None) }
//! #     async fn commit(&self, _: &str, _: Thing, name: String) -> Result<Thing, Problem> { Ok(Thing { name, version: 2 }) }
//! # }
//! # fn thing_id(text: &str) -> Result<String, &'static str> { Ok(text.to_owned()) }
//! # fn thing_name(_: Node<'_>) -> Read<String> { Ok(String::new()) }
//! /// Replace a thing
//! #[utoipa::path(
//!     tag = "things",
//!     params(("id" = String, Path, description = "The thing.", example = "t-7"), IfMatchParameters),
//!     responses(
//!         (status = 200, description = "Replaced.", headers(
//!             ("ETag" = String, description = "The version."),
//!             ("Consistency-Token" = String, description = "For reads elsewhere."),
//!         )),
//!         ChangeProblems,
//!     ),
//! )]
//! #[put("/things/{id}")]
//! async fn replace(call: Call, body: JsonBody, things: web::Data<Things>) -> Result<HttpResponse, Problem> {
//!     call.without_query()?;                                                              // 400
//!     let id = call.parameter("id", thing_id)?;                                           // 400
//!     let precondition = call.precondition()?;                                            // 400
//!     let body = body.parse()?;                                                           // 400: no JSON at all
//!     let thing = things.load(&id).await?.ok_or_else(|| Problem::not_found("no such thing"))?; // 404, 410
//!     precondition.require_match(&ETag::of_version(thing.version))?;                      // 428, 412
//!     let name = read(&body, thing_name).map_err(Problem::invalid)?;                      // 422: all faults at once
//!     let thing = things.commit(&id, thing, name).await?;                                 // 409, 412, 503
//!     Ok(HttpResponse::Ok()
//!         .insert_header((ETAG, ETag::of_version(thing.version).to_string()))
//!         .insert_header((TOKEN_HEADER, ConsistencyToken::new("thing", &id, thing.version).encode()))
//!         .json(thing.name))
//! }
//! ```
//!
//! - A refusal is a [`problem::Problem`], returned as an error; one file per aggregate maps its domain errors to them.
//! - A list reads its filters with [`Call::query`](call::Call::query), ends with
//!   [`Query::page`](query::Query::page), fetches one row more than it shows, and answers with
//!   [`Paging::respond`](page::Paging::respond).
//! - A read that accepts tokens asks [`Waiters::reach`](consistency::Waiters::reach) before it loads, and
//!   [`Consistency::mark`](consistency::Consistency::mark)s its answer.
//! - A change stores [`Call::trace`](call::Call::trace)`().traceparent()` with what it commits.
//! - What is too much for one body is a stream of lines: [`ndjson`].
//! - Everything else happens outside: [`edge`] gives each request an id, a place in a trace, a limit on its time, a log
//!   line and figures, and writes every refusal as a problem document.
//! - [`server`] has the two ports, [`health`] what their probes tell; `startup.rs` of a service puts them together.

// How a request is read and refused.
pub mod header;

mod percent;

pub mod problem;

pub mod settings;

pub mod payload;

pub mod ndjson;

pub mod body;

pub mod call;

pub mod query;

pub mod cursor;

pub mod page;

pub mod precondition;

pub mod idempotency;

pub mod consistency;

pub mod entity;

pub mod accept;

pub mod trace;

// What surrounds it.
pub mod edge;

mod routes;

pub mod health;

mod probes;

pub mod openapi;

pub mod site;

pub mod metrics;

pub mod server;
