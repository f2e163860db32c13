//! The routes of a server as its OpenAPI document has them, and the answer to what is none of them: 404, or 405 with
//! `Allow` where the path exists. Taken from the document, so that what is documented and what is allowed cannot part.

use std::cmp::Reverse;
use std::sync::Arc;

use actix_web::dev::ResourceDef;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::openapi::PathItem;
use utoipa::openapi::path::Paths;

use super::problem::Problem;

/// Every path that a server knows, with its methods. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Routes(Arc<Vec<Known>>);

#[derive(Debug)]
struct Known {
    pattern: String,
    matcher: ResourceDef,
    methods: Vec<&'static str>,
}

impl Routes {
    /// The documented paths, and further ones that are only read (the document itself, its pages).
    pub(super) fn new(documented: &Paths, read_only: &[String]) -> Self {
        let documented = documented.paths.iter().map(|(pattern, item)| Known::new(pattern, methods(item)));
        let further = read_only.iter().map(|pattern| Known::new(pattern, vec!["GET", "HEAD"]));
        let mut known: Vec<_> = documented.chain(further).collect();
        // "/orders/list" is also an "/orders/{id}": the one that says more, and says it earlier, is the one that is meant.
        known.sort_by_key(|known| (known.pattern.matches('{').count(), Reverse(known.pattern.find('{'))));
        Self(Arc::new(known))
    }

    /// The pattern that a path belongs to.
    pub(super) fn pattern_of(&self, path: &str) -> Option<&str> {
        self.find(path).map(|known| known.pattern.as_str())
    }

    /// What to say about a request that no route took.
    pub(super) fn refusal(&self, method: &str, path: &str) -> Problem {
        match self.find(path) {
            Some(known) if !known.methods.contains(&method) => {
                Problem::method_not_allowed(method, &known.methods.join(", "))
            }
            Some(_) | None => Problem::not_found("nothing lives at this path"),
        }
    }

    fn find(&self, path: &str) -> Option<&Known> {
        self.0.iter().find(|known| known.matcher.is_match(path))
    }
}

impl Known {
    fn new(pattern: &str, methods: Vec<&'static str>) -> Self {
        Self { pattern: pattern.to_owned(), matcher: ResourceDef::new(pattern), methods }
    }
}

/// The handler of whatever no route took.
pub(super) async fn nothing_here(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let routes = request.app_data::<Routes>().cloned().unwrap_or_default();
    Err(routes.refusal(request.method().as_str(), request.match_info().as_str()))
}

fn methods(item: &PathItem) -> Vec<&'static str> {
    let candidates = [
        ("GET", item.get.is_some()),
        // Every GET is answered for HEAD too.
        ("HEAD", item.get.is_some() || item.head.is_some()),
        ("POST", item.post.is_some()),
        ("PUT", item.put.is_some()),
        ("PATCH", item.patch.is_some()),
        ("DELETE", item.delete.is_some()),
        ("OPTIONS", item.options.is_some()),
        ("TRACE", item.trace.is_some()),
        ("QUERY", item.query.is_some()),
    ];
    candidates.into_iter().filter(|(_, documented)| *documented).map(|(method, _)| method).collect()
}

#[cfg(test)]
mod tests {
    use actix_web::ResponseError;
    use utoipa::openapi::HttpMethod;
    use utoipa::openapi::path::{Operation, PathsBuilder};

    use super::super::problem::Kind;
    use super::*;

    fn routes() -> Routes {
        let item = |method| PathItem::new(method, Operation::new());
        let paths = PathsBuilder::new()
            .path("/things/{id}", item(HttpMethod::Get))
            .path("/things/{id}", item(HttpMethod::Delete))
            .path("/things/list", item(HttpMethod::Get))
            .path("/things/{id}/move", item(HttpMethod::Post))
            .path("/things/parts/{id}", item(HttpMethod::Get))
            .path("/things", item(HttpMethod::Post))
            .build();
        Routes::new(&paths, &["/openapi.json".to_owned()])
    }

    fn allow(method: &str, path: &str) -> Option<String> {
        let refusal = routes().refusal(method, path);
        let response = refusal.error_response();
        let allow = response.headers().get("allow").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(allow.is_some(), refusal.kind() == Kind::MethodNotAllowed);
        allow
    }

    #[test]
    fn a_known_path_says_what_it_allows() {
        assert_eq!(allow("POST", "/things/7").as_deref(), Some("GET, HEAD, DELETE"));
        assert_eq!(allow("DELETE", "/things/list").as_deref(), Some("GET, HEAD"), "not a thing named list");
        assert_eq!(allow("POST", "/things/parts/move").as_deref(), Some("GET, HEAD"), "not a thing named parts");
        assert_eq!(allow("GET", "/things").as_deref(), Some("POST"));
        assert_eq!(allow("PUT", "/openapi.json").as_deref(), Some("GET, HEAD"));
    }

    #[test]
    fn an_unknown_path_is_not_found() {
        for path in ["/", "", "*", "/things/", "/things/7/8", "/other"] {
            assert_eq!(allow("GET", path), None, "{path}");
        }
    }
}
