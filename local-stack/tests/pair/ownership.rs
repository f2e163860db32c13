//! G3 and G4: a customer's change touches what it carries and nothing else, and what is old changes nothing.

use mongodb::bson::{Document, doc};
use reqwest::header::IF_MATCH;
use serde_json::json;

use crate::support::client::{self, Answer, accepted, answer};
use crate::support::instance::Instance;
use crate::support::topic::Topic;
use crate::support::world::World;
use crate::support::{customers, databases};

#[tokio::test]
async fn a_customers_change_erases_nothing_that_it_does_not_carry() {
    let world = World::new().await;
    let (accounts, orders) = tokio::join!(world.accounts(), world.orders());
    let http = client::http();
    let created = create(&http, &accounts, "kept").await;
    read(&http, &orders, "kept", &created).await;

    // What orders knows of a customer by itself, whatever it may be one day.
    let copy = databases::copy(&world).await;
    let own = doc! { "$set": { "ordersOwn": { "note": "rings twice" } } };
    assert_eq!(copy.update_one(doc! { "_id": "kept" }, own).await.unwrap().matched_count, 1);

    let patch = http.patch(format!("{}/accounts/customers/kept", accounts.url())).header(IF_MATCH, "\"1\"");
    let changed = answer(patch.json(&json!({ "name": { "lastName": "Nguyễn" } }))).await;
    assert_eq!(changed.status, 200, "{changed}");
    let read = read(&http, &orders, "kept", &changed).await.json();
    assert_eq!(read["name"]["lastName"], "Nguyễn");
    assert_eq!(read["addresses"], created.json()["addresses"]);
    assert_eq!(read["contact"], created.json()["contact"]);
    let stored: Document = copy.find_one(doc! { "_id": "kept" }).await.unwrap().unwrap();
    assert_eq!(stored.get_document("ordersOwn").unwrap(), &doc! { "note": "rings twice" });
    accounts.stop().await;
    orders.stop().await;
    world.end().await;
}

#[tokio::test]
async fn an_old_event_that_comes_again_never_moves_a_copy_backwards() {
    let world = World::new().await;
    let (accounts, orders) = tokio::join!(world.accounts(), world.orders());
    let http = client::http();
    create(&http, &accounts, "old").await;
    let put = http.put(format!("{}/accounts/customers/old", accounts.url())).header(IF_MATCH, "\"1\"");
    let changed = answer(put.json(&customers::body("old", "2 New Street", None))).await;
    let delete = http.delete(format!("{}/accounts/customers/old", accounts.url())).header(IF_MATCH, "\"2\"");
    let deleted = answer(delete).await;
    assert_eq!((changed.status, deleted.status), (200, 204));
    assert_eq!(read(&http, &orders, "old", &deleted).await.status, 410);
    let before = databases::copies(&world).await;

    let mut topic = Topic::new(&world.servers.kafka_brokers, &world.topic());
    let log = topic.read_on().await;
    assert!(log.len() >= 3, "{log:?}");
    for entry in log.iter().chain(log.iter().rev()) {
        topic.write(entry).await;
    }
    // Behind them in the same partition: when it is there, they have been looked at.
    follow(&world, &http, &accounts, &orders, log[0].partition).await;
    let after = databases::copies(&world).await;
    assert_eq!(before.get("old"), after.get("old"));
    assert!(databases::parked(&world).await.is_empty());
    let read = answer(http.get(format!("{}/orders/customers/old", orders.url()))).await;
    assert_eq!(read.status, 410, "{read}");
    accounts.stop().await;
    orders.stop().await;
    world.end().await;
}

/// Creates a customer whose events go to this partition, and waits until orders has it.
pub(crate) async fn follow(
    world: &World,
    http: &reqwest::Client,
    accounts: &Instance,
    orders: &Instance,
    partition: i32,
) -> String {
    let mut topic = Topic::new(&world.servers.kafka_brokers, &world.topic());
    topic.read_on().await;
    loop {
        let id = format!("f-{:08x}", rand::random::<u32>());
        let created = create(http, accounts, &id).await;
        let read = read(http, orders, &id, &created).await;
        assert_eq!(read.status, 200, "{read}");
        // Visible in orders, so it is in the topic.
        if topic.read_on().await.iter().any(|entry| entry.partition == partition) {
            return id;
        }
    }
}

pub(crate) async fn create(http: &reqwest::Client, accounts: &Instance, id: &str) -> Answer {
    let request = http.post(format!("{}/accounts/customers", accounts.url()));
    let created = accepted(request.json(&customers::creation(id, "1 Old Street"))).await;
    assert_eq!(created.status, 201, "{created}");
    created
}

/// Reads from orders what this answer of accounts has written.
pub(crate) async fn read(http: &reqwest::Client, orders: &Instance, id: &str, written: &Answer) -> Answer {
    let request = http.get(format!("{}/orders/customers/{id}", orders.url()));
    answer(request.header("Consistency-Token", written.token().unwrap()).header("Prefer", "wait=20")).await
}
