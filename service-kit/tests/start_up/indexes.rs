//! Indexes by a fixed name, and the connection they are made through.

use bson::{Document, doc};
use mongodb::options::{Acknowledgment, ReadConcern};
use mongodb::{Collection, Database};
use service_kit::mongo::{IndexSpec, MongoSettings, connect, ensure_index};
use service_kit::settings::Secret;

async fn database() -> Database {
    let servers = local_stack::servers().await;
    let settings = MongoSettings {
        uri: Secret::new(&servers.mongodb_uri),
        uri_file: String::new(),
        database: format!("{}start_up", local_stack::random_prefix()),
        min_pool_size: 1,
        max_pool_size: 4,
        max_connecting: 2,
        server_selection_timeout_ms: 5_000,
        connect_timeout_ms: 5_000,
    };
    connect(&settings).await.unwrap()
}

fn email() -> IndexSpec {
    IndexSpec::new("unique_email", doc! { "keys.email": 1 })
        .unique()
        .partial(doc! { "keys.email": { "$exists": true } })
}

async fn names(collection: &Collection<Document>) -> Vec<String> {
    collection.list_index_names().await.unwrap()
}

#[tokio::test]
async fn the_client_demands_a_majority_whatever_the_connection_string_says() {
    let database = database().await;
    assert_eq!(database.write_concern().unwrap().w, Some(Acknowledgment::Majority));
    assert_eq!(database.read_concern(), Some(&ReadConcern::majority()));
    database.drop().await.unwrap();
}

#[tokio::test]
async fn an_index_is_made_once_and_then_recognised() {
    let database = database().await;
    let collection = database.collection::<Document>("customers");
    for _ in 0..2 {
        ensure_index(&collection, &email()).await.unwrap();
        assert_eq!(names(&collection).await, ["_id_", "unique_email"]);
    }
    database.drop().await.unwrap();
}

#[tokio::test]
async fn an_index_of_that_name_with_another_shape_is_refused_and_left_alone() {
    let database = database().await;
    let collection = database.collection::<Document>("customers");
    ensure_index(&collection, &IndexSpec::new("unique_email", doc! { "email": 1 })).await.unwrap();
    let refused = ensure_index(&collection, &email()).await.unwrap_err().to_string();
    assert!(refused.contains("unique_email") && refused.contains("dropIndex(\"unique_email\")"), "{refused}");
    assert_eq!(names(&collection).await, ["_id_", "unique_email"]);
    database.drop().await.unwrap();
}

#[tokio::test]
async fn the_same_keys_under_another_name_are_refused() {
    let database = database().await;
    let collection = database.collection::<Document>("customers");
    ensure_index(&collection, &IndexSpec { name: "other".to_owned(), ..email() }).await.unwrap();
    let refused = ensure_index(&collection, &email()).await.unwrap_err().to_string();
    assert!(refused.contains("another name"), "{refused}");
    database.drop().await.unwrap();
}

#[tokio::test]
async fn documents_that_share_a_unique_value_are_refused_without_quoting_it() {
    let database = database().await;
    let collection = database.collection::<Document>("customers");
    let twice = [doc! { "keys": { "email": "jane@example.com" } }, doc! { "keys": { "email": "jane@example.com" } }];
    collection.insert_many(twice).await.unwrap();
    let refused = ensure_index(&collection, &email()).await.unwrap_err().to_string();
    assert!(refused.contains("documents share a value") && !refused.contains("jane"), "{refused}");
    database.drop().await.unwrap();
}
