//! Probes and figures, on both ports.

use reqwest::StatusCode;
use serde_json::{Value, json};
use service_kit::http::health::{CaughtUp, Position};

use super::client::{get, header, refusal};
use super::running::Running;

#[tokio::test]
async fn a_service_that_starts_lives_and_is_not_ready() {
    let running = Running::start();
    for url in [running.public("/livez"), running.operations("/livez")] {
        assert_eq!(get(url).await.status(), StatusCode::OK);
    }
    for url in [running.public("/readyz"), running.operations("/readyz")] {
        let (status, slug) = refusal(get(url).await).await;
        assert_eq!((status, &*slug), (StatusCode::SERVICE_UNAVAILABLE, "unavailable"));
    }
}

#[tokio::test]
async fn a_service_that_has_what_it_needs_is_ready() {
    let running = Running::ready().await;
    assert_eq!(get(running.public("/readyz")).await.status(), StatusCode::OK);
    assert_eq!(get(running.operations("/readyz")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn how_far_behind_it_is_does_not_make_it_less_ready() {
    let running = Running::ready().await;
    assert_eq!(get(running.public("/caughtup")).await.status(), StatusCode::OK);
    let behind = Running::ready().await;
    let position = Position {
        projection: "copies".to_owned(),
        topic: "toys".to_owned(),
        partition: 3,
        next: 7,
        end: Some(9),
        behind: Some(2),
    };
    let told = CaughtUp { caught_up: false, positions: vec![position], reason: None };
    behind.health.tell_positions(move || std::future::ready(told.clone()));
    let answer = get(behind.operations("/caughtup")).await;
    assert_eq!((answer.status(), header(&answer, "retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"));
    let expected = json!({"caughtUp": false, "positions": [
        {"projection": "copies", "topic": "toys", "partition": 3, "next": 7, "end": 9, "behind": 2}
    ]});
    assert_eq!(answer.json::<Value>().await.unwrap(), expected);
    assert_eq!(get(behind.public("/readyz")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_service_says_who_it_is() {
    let running = Running::start();
    for url in [running.public("/info"), running.operations("/info")] {
        let info: Value = get(url).await.json().await.unwrap();
        assert_eq!((&info["service"], &info["version"]), (&json!("toy"), &json!("1.2.3")));
        assert_eq!(info["links"]["openapi"], "/openapi.json");
    }
}

#[tokio::test]
async fn figures_are_on_the_operations_port_only() {
    let running = Running::start();
    get(running.public("/toy/things")).await;
    get(running.public("/nowhere/at/all")).await;
    assert_eq!(get(running.public("/metrics")).await.status(), StatusCode::NOT_FOUND);
    let answer = get(running.operations("/metrics")).await;
    assert!(header(&answer, "content-type").starts_with("text/plain"));
    let text = answer.text().await.unwrap();
    for line in [
        "build_info{service=\"toy\",version=\"1.2.3\"} 1",
        "http_server_request_duration_seconds_count{method=\"GET\",route=\"/toy/things\",status=\"200\"}",
        "http_server_request_duration_seconds_count{method=\"GET\",route=\"none\",status=\"404\"}",
        "http_server_requests_in_flight ",
        "process_resident_memory_bytes ",
    ] {
        assert!(text.contains(line), "{line} is missing in:\n{text}");
    }
    assert!(!text.contains("nowhere"), "a path is no label");
}
