//! The page that draws the reports, as far as it can be told without a browser; what it does in one is `.ci/reports.mjs`.

use reqwest::redirect::Policy;
use reqwest::{Method, StatusCode};

use crate::harness::World;

const PAGE: &str = "/orders/reports/";

#[tokio::test]
async fn the_page_and_its_files_are_part_of_the_service_and_ask_nobody_else() {
    let world = World::new().await;
    for (file, content_type) in [
        ("", "text/html; charset=utf-8"),
        ("reports.css", "text/css; charset=utf-8"),
        ("reports.js", "text/javascript; charset=utf-8"),
        ("api.js", "text/javascript; charset=utf-8"),
        ("charts.js", "text/javascript; charset=utf-8"),
    ] {
        let answer = world.get(&format!("{PAGE}{file}")).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, Some(content_type)), "{file}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"), "{file}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
        let foreign = answer.text.replace("http://www.w3.org/2000/svg", "");
        assert!(!foreign.contains("://") && !answer.text.contains("innerHTML"), "{file}");
    }
}

#[tokio::test]
async fn its_path_behaves_like_every_other() {
    let world = World::new().await;
    let client = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let ask = async |method: Method, path: &str| {
        client.request(method, format!("{}{path}", world.orders.base_url())).send().await.unwrap()
    };
    let moved = ask(Method::GET, "/orders/reports").await;
    assert_eq!(
        (moved.status(), &moved.headers()["location"]),
        (StatusCode::PERMANENT_REDIRECT, &"reports/".parse().unwrap())
    );
    let head = ask(Method::HEAD, PAGE).await;
    assert_eq!((head.status(), head.text().await.unwrap()), (StatusCode::OK, String::new()));
    for path in [PAGE, "/orders/reports", "/orders/reports/reports.js"] {
        let refused = ask(Method::POST, path).await;
        assert_eq!(
            (refused.status(), &refused.headers()["allow"]),
            (StatusCode::METHOD_NOT_ALLOWED, &"GET, HEAD".parse().unwrap()),
            "{path}"
        );
    }
    assert_eq!(ask(Method::GET, "/orders/reports/secret").await.status(), StatusCode::NOT_FOUND);
}
