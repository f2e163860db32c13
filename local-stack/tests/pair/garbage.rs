//! G6: what is wrong in the topic harms its own key and nobody else. Parked with its cause, or applied where the
//! contract says that it can be.

use mongodb::bson::Document;

use crate::ownership::{create, follow, read};
use crate::support::client::{self, answer};
use crate::support::databases;
use crate::support::eventually::eventually;
use crate::support::topic::{Entry, Topic};
use crate::support::world::World;

/// A name, what is done to a good event, and words of the cause.
type Case = (&'static str, fn(&mut Entry), &'static str);

const PARKED: [Case; 6] = [
    ("garbage bytes", |entry| entry.value = Some(vec![0xff, 0xfe, b'{', 0x00]), "schema-violation"),
    ("no key", |entry| entry.key = None, "undecodable"),
    ("an empty value", |entry| entry.value = Some(Vec::new()), "undecodable"),
    ("no value", |entry| entry.value = None, "undecodable"),
    ("a wrong-typed field", |entry| replace(entry, "\"name\":{", "\"name\":7,\"was\":{"), "schema-violation"),
    ("a foreign type", |entry| set_header(entry, "ce_type", "orders.order.placed"), "schema-violation"),
];

#[tokio::test]
async fn garbage_in_the_topic_is_parked_with_its_cause_and_harms_no_other_key() {
    let world = World::new().await;
    let (accounts, orders) = tokio::join!(world.accounts(), world.orders());
    let http = client::http();
    let created = create(&http, &accounts, "victim").await;
    read(&http, &orders, "victim", &created).await;
    let mut topic = Topic::new(&world.servers.kafka_brokers, &world.topic());
    let good = topic.read_on().await.remove(0);

    for (name, harm, cause) in PARKED {
        let mut bad = good.clone();
        // A version that would be news, so that nothing is ignored for being old.
        set_header(&mut bad, "ce_sequence", "00000000000000000002");
        replace(&mut bad, "\"version\":1", "\"version\":2");
        harm(&mut bad);
        topic.write(&bad).await;
        follow(&world, &http, &accounts, &orders, good.partition).await;
        let parked = newest_parked(&world).await;
        assert!(parked.to_string().contains(cause), "{name}: {parked}");
        let found = answer(http.get(format!("{}/orders/customers/victim", orders.url()))).await;
        assert_eq!((found.status, &found.json()["version"]), (200, &serde_json::json!(1)), "{name}: {found}");
        let ready = answer(http.get(format!("{}/readyz", orders.operations()))).await;
        assert_eq!(ready.status, 200, "{name}: {ready}");
    }
    assert_eq!(databases::parked(&world).await.len(), PARKED.len());

    let dead = eventually("the dead-letter topic has them", || async {
        let dead = Topic::new(&world.servers.kafka_brokers, &format!("{}.orders.DLT", world.topic())).read_on().await;
        if dead.len() == PARKED.len() { Ok(dead) } else { Err(format!("it has {}", dead.len())) }
    })
    .await;
    assert_eq!(dead.iter().filter(|entry| entry.key == good.key).count(), PARKED.len() - 1);
    accounts.stop().await;
    orders.stop().await;
    world.end().await;
}

#[tokio::test]
async fn an_unknown_type_of_a_customers_event_is_applied_because_its_state_is_complete() {
    let world = World::new().await;
    let (accounts, orders) = tokio::join!(world.accounts(), world.orders());
    let http = client::http();
    let created = create(&http, &accounts, "renamed").await;
    read(&http, &orders, "renamed", &created).await;
    let mut topic = Topic::new(&world.servers.kafka_brokers, &world.topic());
    let mut later = topic.read_on().await.remove(0);
    set_header(&mut later, "ce_id", "0193f0a2-5b6e-7c11-8a44-3f5f8c0e9d01");
    set_header(&mut later, "ce_type", "accounts.customer.renamed");
    set_header(&mut later, "ce_sequence", "00000000000000000002");
    replace(&mut later, "\"version\":1", "\"version\":2,\"nobodyKnows\":[1]");
    replace(&mut later, "O'Brien", "Nguyen");
    topic.write(&later).await;
    eventually("the state is applied", || async {
        let found = answer(http.get(format!("{}/orders/customers/renamed", orders.url()))).await;
        if found.json()["name"]["lastName"] == "Nguyen" { Ok(()) } else { Err(found.to_string()) }
    })
    .await;
    assert!(databases::parked(&world).await.is_empty());
    accounts.stop().await;
    orders.stop().await;
    world.end().await;
}

async fn newest_parked(world: &World) -> Document {
    eventually("it is parked", || async {
        let parked = databases::parked(world).await;
        let newest = parked.into_iter().max_by_key(|one| databases::whole(one.get("offset")));
        newest.ok_or_else(|| "nothing is".to_owned())
    })
    .await
}

fn set_header(entry: &mut Entry, name: &str, value: &str) {
    for header in entry.headers.iter_mut().filter(|header| header.0 == name) {
        header.1 = Some(value.as_bytes().to_vec());
    }
}

fn replace(entry: &mut Entry, old: &str, new: &str) {
    let value = String::from_utf8(entry.value.take().unwrap()).unwrap();
    assert!(value.contains(old), "{value}");
    entry.value = Some(value.replace(old, new).into_bytes());
}
