//! The OpenAPI document, Swagger UI, and pages of a service's own.

use reqwest::StatusCode;
use serde_json::Value;

use super::client::{get, header, refusal, send};
use super::running::Running;

async fn document(running: &Running) -> Value {
    get(running.public("/openapi.json")).await.json().await.unwrap()
}

#[tokio::test]
async fn the_document_is_served_twice_and_names_its_version() {
    let running = Running::start();
    let one = document(&running).await;
    let two: Value = get(running.public("/toy/openapi.json")).await.json().await.unwrap();
    assert_eq!(one, two);
    assert!(one["openapi"].as_str().unwrap().starts_with("3.1"), "{}", one["openapi"]);
    assert_eq!((one["info"]["title"].as_str(), one["info"]["version"].as_str()), (Some("Toys"), Some("1.2.3")));
    assert_eq!(get(running.operations("/openapi.json")).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_reference_in_the_document_leads_somewhere() {
    let running = Running::start();
    let document = document(&running).await;
    let text = document.to_string();
    let mut references = 0;
    for piece in text.split("\"$ref\":\"#").skip(1) {
        let pointer = piece.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
        references += 1;
    }
    assert!(references > 50);
}

#[tokio::test]
async fn shared_refusals_are_documented_with_their_headers() {
    let running = Running::start();
    let document = document(&running).await;
    let put = &document["paths"]["/toy/things/{id}"]["put"]["responses"];
    let statuses: Vec<_> = put.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = ["200", "400", "404", "408", "409", "410", "412", "413", "415", "422", "428", "500", "503"];
    assert_eq!(statuses, expected);
    assert_eq!(put["412"]["$ref"], "#/components/responses/PreconditionFailed");
    let stale = &document["components"]["responses"]["PreconditionFailed"];
    assert_eq!(stale["headers"]["ETag"]["schema"]["type"], "string");
    let schema = &stale["content"]["application/problem+json"]["schema"];
    assert_eq!(schema["$ref"], "#/components/schemas/Problem");
    let required = document["components"]["schemas"]["Problem"]["required"].clone();
    assert_eq!(required, serde_json::json!(["type", "title", "status", "detail"]));
}

#[tokio::test]
async fn swagger_ui_is_part_of_the_service_and_asks_nobody_else() {
    let running = Running::start();
    for prefix in ["", "/toy"] {
        let page = get(running.public(&format!("{prefix}/swagger-ui/"))).await;
        assert_eq!(header(&page, "content-type"), "text/html");
        assert!(header(&page, "content-security-policy").contains("script-src 'self'"));
        assert!(page.text().await.unwrap().contains("swagger-ui-bundle.js"));
        let set_up = get(running.public(&format!("{prefix}/swagger-ui/swagger-initializer.js"))).await;
        let set_up = set_up.text().await.unwrap();
        assert!(set_up.contains(&format!("\"url\": \"{prefix}/openapi.json\"")), "{set_up}");
        assert!(set_up.contains("\"validatorUrl\": \"none\"") && !set_up.contains("https://"), "{set_up}");
        assert!(set_up.contains("const LinesAsTheyAre") && set_up.contains("plugins: [ LinesAsTheyAre,"), "{set_up}");
        let bundle = get(running.public(&format!("{prefix}/swagger-ui/swagger-ui-bundle.js"))).await;
        assert_eq!(bundle.status(), StatusCode::OK);
        // Followed to the page itself.
        let without_slash = get(running.public(&format!("{prefix}/swagger-ui"))).await;
        assert!(without_slash.url().path().ends_with("/swagger-ui/"));
        let unknown = get(running.public(&format!("{prefix}/swagger-ui/../secret"))).await;
        assert_eq!(refusal(unknown).await.0, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_page_for_people_is_served_with_its_files_and_is_no_operation() {
    let running = Running::start();
    let without_slash = get(running.public("/toy/things/pictures")).await;
    assert!(without_slash.url().path().ends_with("/toy/things/pictures/"), "{}", without_slash.url());
    for (file, content) in [("", "<!doctype html><title>Toys</title>"), ("toys.js", "'use strict';")] {
        let found = get(running.public(&format!("/toy/things/pictures/{file}"))).await;
        let policy = header(&found, "content-security-policy").to_owned();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
        assert_eq!(header(&found, "cache-control"), "no-cache");
        assert_eq!(found.text().await.unwrap(), content);
    }
    let put = send("PUT", running.public("/toy/things/pictures/"), &[], None).await;
    assert_eq!((put.status(), header(&put, "allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET, HEAD"));
    let missing = get(running.public("/toy/things/pictures/other.js")).await;
    assert_eq!(refusal(missing).await.0, StatusCode::NOT_FOUND);
    assert_eq!(get(running.operations("/toy/things/pictures/")).await.status(), StatusCode::NOT_FOUND);
    assert!(!document(&running).await["paths"].as_object().unwrap().contains_key("/toy/things/pictures/"));
}
