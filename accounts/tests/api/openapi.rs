//! The API document is kept beside the tests, so that every change of the API is seen where changes are reviewed.

use std::path::Path;

use serde_json::Value;

use crate::harness::Accounts;

/// Set, the test writes the file instead of comparing with it.
const UPDATE: &str = "UPDATE_OPENAPI";

#[tokio::test]
async fn the_api_is_the_one_that_was_reviewed() {
    let accounts = Accounts::start().await;
    let served: Value = accounts.get("/openapi.json").send().await.json();
    let served = format!("{}\n", serde_json::to_string_pretty(&served).unwrap());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/openapi.json");
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&file, &served).unwrap();
    }
    let reviewed = std::fs::read_to_string(&file).unwrap();
    let changed = served.lines().zip(reviewed.lines()).find(|(now, before)| now != before);
    assert!(
        served == reviewed,
        "the API has changed, first at {changed:?}; if that is meant: {UPDATE}=1 cargo test -p accounts --test api openapi"
    );
    accounts.stop().await;
}

#[tokio::test]
async fn every_operation_says_what_it_does_and_the_aliases_that_they_are_deprecated() {
    let accounts = Accounts::start().await;
    let document = accounts.get("/openapi.json").send().await.json();
    let operations = document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| (path, method, operation))
    });
    for (path, method, operation) in operations {
        let what = format!("{method} {path}");
        assert!(operation["summary"].is_string() && operation["operationId"].is_string(), "{what}");
        let deprecated = operation["deprecated"].as_bool().unwrap_or_default();
        assert_eq!(deprecated, path.starts_with("/accounts/customer/"), "{what}");
        for (media_type, body) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
            let example = &body["example"];
            match media_type.as_str() {
                "application/x-ndjson" => {
                    let lines: Vec<&str> = example.as_str().unwrap().lines().collect();
                    let object = |line: &&str| serde_json::from_str::<Value>(line).unwrap().is_object();
                    assert!(lines.len() > 1 && lines.iter().all(object), "{what}: {example}");
                }
                _ => assert!(example.is_object(), "{what} has no example"),
            }
        }
    }
    accounts.stop().await;
}
