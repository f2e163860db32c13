//! An accumulation counts each state once, whatever is repeated, killed or taken over (D5, G3), and takes the events of
//! a key in order (G6).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bson::{Document, doc};
use futures_util::TryStreamExt;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Deserialize;
use service_kit::projection::TotalsReader;
use shared_events::record::RawRecord;

use crate::harness::{Running, World, eventually};
use crate::thing::{Words, saying};

type Counting = Running<TotalsReader<Words>>;

/// Word, how often, in how many things.
type Counts = BTreeMap<String, (i64, i64)>;

#[derive(Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    word: String,
    count: i64,
    things: i64,
}

async fn counts(service: &Counting) -> Counts {
    let sum = doc! { "_id": "$word", "count": { "$sum": "$count" }, "things": { "$sum": "$things" } };
    let rows: Vec<Row> = service.reader.all(vec![doc! { "$group": sum }]).await.unwrap();
    rows.into_iter().map(|row| (row.word, (row.count, row.things))).collect()
}

fn expected(rows: &[(&str, i64, i64)]) -> Counts {
    rows.iter().map(|(word, count, things)| ((*word).to_owned(), (*count, *things))).collect()
}

async fn reaches(service: &Counting, id: &str, version: u64) {
    eventually(&format!("{id} at version {version}"), async || {
        let found = service.reader.version(id).await.unwrap();
        if found >= Some(version) { Ok(()) } else { Err(found) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_counts_once_and_a_newer_one_instead_of_it() {
    let world = World::new().await;
    let service = world.start_counting();
    world.publish(&saying("x", 1, "red red blue")).await;
    world.publish(&saying("y", 1, "red")).await;
    reaches(&service, "x", 1).await;
    reaches(&service, "y", 1).await;
    assert_eq!(counts(&service).await, expected(&[("red", 3, 2), ("blue", 1, 1)]));

    // Repeats at later offsets, an older one behind a newer one, and a state that says nothing.
    for record in [saying("x", 1, "red red blue"), saying("x", 2, "green"), saying("x", 1, "red red blue")] {
        world.publish(&record).await;
    }
    world.publish(&saying("y", 2, "")).await;
    world.publish(&saying("y", 1, "red")).await;
    world.publish(&saying("x", 3, "green blue")).await;
    world.publish(&saying("y", 3, "")).await;
    reaches(&service, "x", 3).await;
    reaches(&service, "y", 3).await;
    assert_eq!(counts(&service).await, expected(&[("green", 1, 1), ("blue", 1, 1)]));
    let left = world.database.collection::<Document>("words.g1").count_documents(doc! {}).await.unwrap();
    assert_eq!(left, 2, "what has come to nothing leaves no document");
    assert_eq!(service.stop().await.exit_code(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn later_events_of_a_key_wait_behind_one_that_cannot_be_read_and_others_flow_on() {
    let world = World::new().await;
    let service = world.start_counting();
    world.publish(&saying("x", 1, "red")).await;
    world.publish_raw(&RawRecord { key: Some(b"x"), headers: vec![], value: Some(b"garbage") }).await;
    for record in [saying("x", 2, "blue"), saying("x", 1, "red"), saying("x", 3, "reject"), saying("y", 1, "red")] {
        world.publish(&record).await;
    }
    reaches(&service, "y", 1).await;
    let causes = eventually("three parked", async || {
        let parked = world.parked().await;
        let mut parked: Vec<_> = parked.iter().map(|one| (one.get_i64("offset").unwrap(), cause(one))).collect();
        parked.sort_unstable();
        if parked.len() == 3 { Ok(parked) } else { Err(parked) }
    })
    .await;
    let causes: Vec<_> = causes.iter().map(|(_, cause)| cause.as_str()).collect();
    assert_eq!(causes, ["undecodable", "waiting", "rejected"]);
    assert_eq!(counts(&service).await, expected(&[("red", 2, 2)]));
    service.stop().await;
}

fn cause(parked: &Document) -> String {
    parked.get_document("cause").unwrap().get_str("kind").unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_and_taken_over_at_any_moment_everything_counts_once() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let world = World::new().await;
    let mut newest: BTreeMap<String, (u64, String)> = BTreeMap::new();
    let mut running = vec![world.start_counting()];
    for _ in 0..6 {
        for _ in 0..200 {
            let key = format!("k{}", random.random_range(0..40));
            let version = newest.get(&key).map_or(1, |(version, _)| version + 1);
            let words = ["red", "green", "blue"];
            let text: Vec<_> = (0..random.random_range(0..4)).map(|_| words[random.random_range(0..3)]).collect();
            let record = saying(&key, version, &text.join(" "));
            let copies = random.random_range(1..3);
            (0..copies).for_each(|_| world.publish_quickly(&record));
            newest.insert(key, (version, text.join(" ")));
        }
        world.flush().await;
        running.push(world.start_counting());
        let one = running.swap_remove(random.random_range(0..running.len()));
        if random.random_bool(0.5) { one.die().await } else { drop(one.stop().await) }
    }
    let service = running.pop().unwrap();
    for (key, (version, _)) in &newest {
        reaches(&service, key, *version).await;
    }
    let mut plain = Counts::new();
    for (_, text) in newest.values() {
        let mut words: Vec<_> = text.split_whitespace().collect();
        words.iter().for_each(|word| plain.entry((*word).to_owned()).or_default().0 += 1);
        words.sort_unstable();
        words.dedup();
        words.iter().for_each(|word| plain.entry((*word).to_owned()).or_default().1 += 1);
    }
    assert_eq!(counts(&service).await, plain, "seed {seed}");
    assert_eq!(world.parked().await, Vec::<Document>::new());
    service.stop().await;
    let view = world.database.collection::<Document>("words.g1");
    let documents: Vec<Document> = view.find(doc! {}).await.unwrap().try_collect().await.unwrap();
    assert!(documents.iter().all(|one| one.get_i64("count").unwrap() > 0), "seed {seed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_instance_has_left_open_holds_nobody_up() {
    let world = World::new().await;
    let service = world.start_counting();
    world.publish(&saying("x", 1, "red")).await;
    reaches(&service, "x", 1).await;
    service.stop().await;
    // As it is found after a kill: the server would keep this open, and the checkpoint locked, for a minute.
    let checkpoints = world.database.collection::<Document>("checkpoints");
    let mut killed = world.database.client().start_session().await.unwrap();
    let its_session = doc! { "$set": { "session": killed.id().clone() } };
    checkpoints.update_many(doc! {}, its_session).await.unwrap();
    killed.start_transaction().await.unwrap();
    let locked = doc! { "$set": { "at": bson::DateTime::now() } };
    checkpoints.update_many(doc! {}, locked).session(&mut killed).await.unwrap();

    world.publish(&saying("x", 2, "blue")).await;
    let service = world.start_counting();
    let before = Instant::now();
    reaches(&service, "x", 2).await;
    assert!(before.elapsed() < Duration::from_secs(20), "{:?}", before.elapsed());
    assert_eq!(counts(&service).await, expected(&[("blue", 1, 1)]));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_view_says_up_to_when_it_is_complete() {
    let world = World::new().await;
    let before = shared_events::time::Timestamp::new(chrono::Utc::now());
    world.publish(&saying("x", 1, "red")).await;
    let service = world.start_counting();
    let as_of = eventually("complete up to some time", async || service.reader.as_of().ok_or("not yet")).await;
    assert!(as_of >= before);
    assert_eq!(counts(&service).await, expected(&[("red", 1, 1)]));
    eventually(
        "complete up to a later time",
        async || {
            if service.reader.as_of() > Some(as_of) { Ok(()) } else { Err(as_of) }
        },
    )
    .await;
    service.stop().await;
}
