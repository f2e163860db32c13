//! The API document is kept beside the tests, so that every change of the API is seen where changes are reviewed.

use std::path::Path;

use serde_json::Value;

use crate::harness::World;

/// Set, the test writes the file instead of comparing with it.
const UPDATE: &str = "UPDATE_OPENAPI";

#[tokio::test]
async fn the_api_is_the_one_that_was_reviewed() {
    let world = World::new().await;
    let served: Value = world.get("/openapi.json").await.json();
    let served = format!("{}\n", serde_json::to_string_pretty(&served).unwrap());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/openapi.json");
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&file, &served).unwrap();
    }
    let reviewed = std::fs::read_to_string(&file).unwrap();
    let changed = served.lines().zip(reviewed.lines()).find(|(now, before)| now != before);
    assert!(
        served == reviewed,
        "the API has changed, first at {changed:?}; if that is meant: {UPDATE}=1 cargo test -p orders --test api openapi"
    );
}

#[tokio::test]
async fn every_operation_says_what_it_does_and_the_aliases_that_they_are_deprecated() {
    let world = World::new().await;
    let document = world.get("/openapi.json").await.json();
    let operations = document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| (path, method, operation))
    });
    for (path, method, operation) in operations {
        let what = format!("{method} {path}");
        assert!(operation["summary"].is_string() && operation["operationId"].is_string(), "{what}");
        let deprecated = operation["deprecated"].as_bool().unwrap_or_default();
        assert_eq!(deprecated, ["/orders/list", "/orders/order/{customerId}"].contains(&path.as_str()), "{what}");
        for body in operation["requestBody"]["content"].as_object().into_iter().flatten() {
            assert!(body.1["example"].is_object(), "{what} has no example");
        }
    }
}
