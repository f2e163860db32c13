//! Whatever is refused is a problem document, with the status that comes first in the promised order.

use reqwest::StatusCode;
use serde_json::json;

use super::client::{get, header, problem, raw, refusal, request, send};
use super::running::Running;

const JSON: (&str, &str) = ("content-type", "application/json");

/// A path, headers and a body, and the status and slug of the refusal.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str, u16, &'a str);

#[tokio::test]
async fn what_lives_nowhere_is_not_found() {
    let running = Running::start();
    for path in ["/", "/toy", "/toy/things/", "/toy/things/a/b", "/toy/things/..%2f..%2fetc", "//", "/%00", "/*"] {
        let answer = get(running.public(path)).await;
        let (status, slug) = refusal(answer).await;
        assert!([(404, "not-found"), (400, "malformed-request")].contains(&(status.as_u16(), &*slug)), "{path}");
    }
}

#[tokio::test]
async fn every_other_method_is_told_which_are_allowed() {
    let running = Running::start();
    let cases = [
        ("/toy/things", "GET, HEAD, POST"),
        ("/toy/things/a", "GET, HEAD, PUT, DELETE"),
        ("/livez", "GET, HEAD"),
        ("/openapi.json", "GET, HEAD"),
        ("/toy/swagger-ui/", "GET, HEAD"),
    ];
    for (path, allowed) in cases {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "PROPFIND", "get"] {
            if allowed.split(", ").any(|allowed| allowed == method) {
                continue;
            }
            let answer = send(method, running.public(path), &[], None).await;
            assert_eq!(header(&answer, "allow"), allowed, "{method} {path}");
            assert_eq!(refusal(answer).await, (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed".to_owned()));
        }
    }
}

#[tokio::test]
async fn the_first_reason_in_the_promised_order_is_told() {
    let running = Running::with(|settings| settings.body_limit_bytes = 100);
    let create = |name: &str| {
        let body = json!({ "name": name }).to_string();
        let url = running.public("/toy/things");
        async move { send("POST", url, &[JSON], Some(&body)).await.status() }
    };
    assert_eq!(create("a").await, StatusCode::CREATED);
    assert_eq!(create("b").await, StatusCode::CREATED);
    let deleted = send("DELETE", running.public("/toy/things/b"), &[("if-match", "*")], None).await;
    assert_eq!(deleted.status(), StatusCode::NO_CONTENT);

    let large = "x".repeat(101);
    let text = ("content-type", "text/plain");
    let (stale, current, broken) = (("if-match", "\"9\""), ("if-match", "\"1\""), ("if-match", "9"));
    let (wrong, taken) = (r#"{"name": ""}"#, r#"{"name": "taken"}"#);
    let cases: [Case<'_>; 10] = [
        ("/toy/things/-_-?x=1", &[text, broken], &large, 415, "unsupported-media-type"),
        ("/toy/things/-_-?x=1", &[JSON, broken], &large, 413, "content-too-large"),
        ("/toy/things/none", &[JSON, broken], wrong, 400, "malformed-request"),
        ("/toy/things/none", &[JSON], "{", 400, "malformed-request"),
        ("/toy/things/none", &[JSON], wrong, 404, "not-found"),
        ("/toy/things/b", &[JSON], wrong, 410, "gone"),
        ("/toy/things/a", &[JSON], wrong, 428, "precondition-required"),
        ("/toy/things/a", &[JSON, stale], wrong, 412, "precondition-failed"),
        ("/toy/things/a", &[JSON, current], wrong, 422, "invalid-content"),
        ("/toy/things/a", &[JSON, current], taken, 409, "conflict"),
    ];
    for (path, headers, body, status, slug) in cases {
        let answer = send("PUT", running.public(path), headers, Some(body)).await;
        if status == 412 {
            assert_eq!(header(&answer, "etag"), "\"1\"", "the current tag comes with it");
        }
        let expected = (StatusCode::from_u16(status).unwrap(), slug.to_owned());
        assert_eq!(refusal(answer).await, expected, "PUT {path} {headers:?}");
    }
}

#[tokio::test]
async fn a_refusal_names_its_request_and_every_answer_is_guarded() {
    let running = Running::start();
    let sent = [("x-request-id", "mine-1")];
    let refused = send("GET", running.public("/toy/things/%7e?limit=1"), &sent, None).await;
    for (name, value) in [
        ("x-request-id", "mine-1"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ] {
        assert_eq!(header(&refused, name), value, "{name}");
    }
    let document = problem(refused).await;
    assert_eq!(document["instance"], "/toy/things/%7e", "without the query");
    assert_eq!(document["parameters"], json!([{"in": "query", "name": "limit", "detail": "is unknown"}]));
}

#[tokio::test]
async fn what_the_framework_refuses_is_a_problem_document_without_its_words() {
    let running = Running::start();
    let path = problem(get(running.public("/toy/framework/many")).await).await;
    assert_eq!(path["status"], 404);
    let typed = get(running.public("/toy/framework/7")).await;
    let typed = problem(typed).await;
    assert_eq!(typed["detail"], "the request cannot be handled");
}

#[tokio::test]
async fn odd_paths_and_parameters_are_refused_and_never_fail() {
    let running = Running::start();
    for target in [
        "/toy/things/%",
        "/toy/things/%zz",
        "/toy/things/%ff",
        "/toy/things/%00",
        "/toy/things/%2F",
        "/toy/things/%25",
        "/toy/things/%F0%9F%A6%80",
        "/toy/things?limit=%",
        "/toy/things?limit=1&limit=2",
        "/toy/things?cursor=%00",
        "/toy/things?%ff=1",
        "/toy/things/a?x",
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = raw(running.addresses.public, request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{target}: {answer}");
        assert!(answer.contains("application/problem+json"), "{target}: {answer}");
    }
    let long = format!("/toy/things/{}", "x".repeat(20_000));
    assert_eq!(get(running.public(&long)).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn headers_that_are_no_text_are_refused_where_they_matter() {
    let running = Running::start();
    let odd = reqwest::header::HeaderValue::from_bytes(b"\xff").unwrap();
    for name in ["if-none-match", "consistency-token"] {
        let answer =
            request("GET", running.public("/toy/things/a"), &[], None).header(name, &odd).send().await.unwrap();
        assert_eq!(refusal(answer).await.0, StatusCode::BAD_REQUEST, "{name}");
    }
    for name in ["prefer", "traceparent", "x-request-id", "accept"] {
        let answer = request("GET", running.public("/toy/things"), &[], None).header(name, &odd).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{name}");
    }
}
