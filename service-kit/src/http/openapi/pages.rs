//! Serves the document and Swagger UI, which is part of the binary: no other host is asked for anything. Both are also
//! under the service's own prefix, so that one host can serve several services.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::{self, ContentEncoding, HeaderValue};
use actix_web::web::{Bytes, ServiceConfig};
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;

use super::super::call::Call;
use super::super::problem::Problem;
use super::super::site::{ASK_AGAIN, get, with_slash};
use super::About;

/// What the page may do: show itself and call its own host. Swagger UI sets styles from its script.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The file that starts the page, and where it lists plugins.
const INITIALIZER: &str = "swagger-initializer.js";
const PLUGINS: &str = "plugins: [";

/// What the page cannot do by itself.
const LINES_PLUGIN: &str = include_str!("pages/lines.js");

/// The document and its pages, ready to be served.
#[derive(Clone, Debug)]
pub(in super::super) struct Pages {
    prefixes: [String; 2],
    document: Bytes,
}

impl Pages {
    /// # Errors
    /// The document cannot be written as JSON.
    pub(in super::super) fn new(document: &OpenApi, about: &About) -> serde_json::Result<Self> {
        let prefixes = [String::new(), format!("/{}", about.service)];
        Ok(Self { prefixes, document: document.to_json()?.into() })
    }

    /// The patterns of all that is served here.
    pub(in super::super) fn patterns(&self) -> Vec<String> {
        let under = |prefix: &String| {
            [document_at(prefix), format!("{prefix}/swagger-ui"), format!("{prefix}/swagger-ui/{{file:.*}}")]
        };
        self.prefixes.iter().flat_map(under).collect()
    }

    /// Adds the routes.
    pub(in super::super) fn add_to(&self, config: &mut ServiceConfig) {
        for prefix in &self.prefixes {
            let document = self.document.clone();
            config.service(get(&document_at(prefix)).to(move || std::future::ready(json(document.clone()))));
            config.service(get(&format!("{prefix}/swagger-ui")).to(|| std::future::ready(with_slash("/swagger-ui"))));
            let ui = Arc::new(swagger(prefix));
            config.service(
                get(&format!("{prefix}/swagger-ui/{{file:.*}}"))
                    .to(move |call: Call| std::future::ready(file(&call, Arc::clone(&ui)))),
            );
        }
    }
}

fn document_at(prefix: &str) -> String {
    format!("{prefix}/openapi.json")
}

fn json(document: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CACHE_CONTROL, ASK_AGAIN))
        .body(document)
}

fn swagger(prefix: &str) -> Config<'static> {
    Config::from(document_at(prefix))
        .display_request_duration(true)
        .deep_linking(true)
        // Otherwise the page sends the document to a validator on another host.
        .validator_url("none")
}

fn file(call: &Call, ui: Arc<Config<'static>>) -> Result<HttpResponse, Problem> {
    let name = call.parameter("file", |name| Ok::<_, String>(name.to_owned()))?;
    let file = utoipa_swagger_ui::serve(&name, ui).map_err(Problem::internal)?;
    let file = file.ok_or_else(|| Problem::not_found("no such file"))?;
    let mut response = HttpResponse::Ok();
    if file.gzpipped {
        response.insert_header(ContentEncoding::Gzip);
    }
    response
        .insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .insert_header((header::CACHE_CONTROL, ASK_AGAIN))
        .content_type(file.content_type);
    Ok(response.body(if name == INITIALIZER { with_plugin(&file.bytes) } else { file.bytes.into_owned() }))
}

fn with_plugin(initializer: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(initializer);
    let text = text.replacen(PLUGINS, &format!("{PLUGINS} LinesAsTheyAre,"), 1);
    format!("{LINES_PLUGIN}{text}").into_bytes()
}
