//! Pages for people beside the API: a page with its files, which are part of the binary, at a path that ends with a slash.
//!
//! Such a page may show itself and call its own host, and nothing else: no other host is asked for anything, and no script
//! or style runs that is not one of its files. It shows what the API says, and has no data of its own.

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Resource, guard};

/// A page and its files.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// The path of the page, without the slash at its end: `/things/pictures`. Without the slash it leads to the page.
    pub at: &'static str,
    /// What is served below the path; the page itself has the empty name.
    pub files: &'static [SiteFile],
}

/// One file of a page.
#[derive(Clone, Copy, Debug)]
pub struct SiteFile {
    /// Below the page's path, without a slash.
    pub name: &'static str,
    /// `text/html; charset=utf-8`
    pub content_type: &'static str,
    /// All of it.
    pub content: &'static str,
}

/// No inline script, no inline style; the icon is one that the page carries in its own text.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);

/// May be kept, and is asked about before it is used: a new version of the service brings a new page.
pub(super) const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

impl Site {
    /// The patterns of all that is served here.
    pub(super) fn patterns(&self) -> impl Iterator<Item = String> {
        let Self { at, files } = *self;
        let below = files.iter().map(move |file| format!("{at}/{}", file.name));
        std::iter::once(at.to_owned()).chain(below)
    }

    /// Adds the routes.
    pub(super) fn add_to(&self, config: &mut ServiceConfig) {
        let Self { at, files } = *self;
        config.service(get(at).to(move || std::future::ready(with_slash(at))));
        for file in files {
            config.service(get(&format!("{at}/{}", file.name)).to(move || std::future::ready(file.answer())));
        }
    }
}

impl SiteFile {
    fn answer(&self) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
            .insert_header((header::CACHE_CONTROL, ASK_AGAIN))
            .content_type(self.content_type)
            .body(self.content)
    }
}

pub(super) fn get(pattern: &str) -> Resource {
    web::resource(pattern.to_owned()).guard(guard::Get())
}

/// To the same path with a slash, because a page refers to its files relatively. A relative `Location` works behind any
/// prefix.
pub(super) fn with_slash(path: &str) -> HttpResponse {
    let (_, last) = path.rsplit_once('/').unwrap_or_default();
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, format!("{last}/"))).finish()
}
