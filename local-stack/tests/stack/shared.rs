//! One set of servers for all who come, and none when all have left.

use mongodb::bson::doc;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;

use crate::support::{User, eventually, gone, keeper_of, kill9, listens, nothing_is_left};

#[tokio::test]
async fn the_servers_answer_and_only_a_tests_own_names_are_dropped() {
    let servers = local_stack::servers().await;
    let (mine, others) = (local_stack::random_prefix(), local_stack::random_prefix());
    let client = mongodb::Client::with_uri_str(&servers.mongodb_uri).await.unwrap();
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", &servers.kafka_brokers).create().unwrap();
    for prefix in [&mine, &others] {
        let collection = client.database(&format!("{prefix}accounts")).collection("things");
        collection.insert_one(doc! { "_id": 1 }).await.unwrap();
        let name = format!("{prefix}topic");
        let topic = NewTopic::new(&name, 1, TopicReplication::Fixed(1));
        admin.create_topics(&[topic], &AdminOptions::new()).await.unwrap()[0].as_ref().unwrap();
    }

    local_stack::drop_prefix(&servers, &mine).await.unwrap();

    let databases = client.list_database_names().await.unwrap();
    assert!(!databases.contains(&format!("{mine}accounts")));
    assert!(databases.contains(&format!("{others}accounts")));
    local_stack::drop_prefix(&servers, &others).await.unwrap();
}

#[test]
fn two_processes_share_one_set_which_ends_after_both_were_killed() {
    let folder = tempfile::tempdir().unwrap();
    let first = User::of(folder.path(), 500);
    let second = User::of(folder.path(), 500);
    assert_eq!(first.servers, second.servers);
    let servers = first.servers.clone();

    first.kill9();
    assert!(listens(&servers.mongodb_uri) && listens(&servers.kafka_brokers), "the second one still uses them");
    second.kill9();

    nothing_is_left(folder.path(), &servers);
}

#[test]
fn the_servers_of_a_killed_keeper_end_and_the_next_user_gets_new_ones() {
    let folder = tempfile::tempdir().unwrap();
    let user = User::of(folder.path(), 500);
    kill9(keeper_of(folder.path()));
    // A killed process lets go of its locks when the system gets to it.
    let lock = std::fs::File::open(folder.path().join("keeper")).unwrap();
    eventually(|| lock.try_lock().map_err(|error| error.to_string()));
    lock.unlock().unwrap();

    let next = User::of(folder.path(), 500);
    assert_ne!(user.servers, next.servers);
    eventually(|| gone(&user.servers));
    assert!(listens(&next.servers.mongodb_uri) && listens(&next.servers.kafka_brokers));

    user.leave();
    let servers = next.servers.clone();
    next.leave();
    nothing_is_left(folder.path(), &servers);
}
