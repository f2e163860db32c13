//! Lost answers, and databases that are not the one that belongs to the log.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use bson::doc;
use service_kit::write_path::{CommitError, WritePathSettings};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::harness::{Note, World, eventually, note, proposal, settings};

/// Stands between a store and MongoDB; while told to, it swallows every answer to a commit and cuts the connection.
struct Proxy {
    address: String,
    swallow: Arc<AtomicBool>,
    swallowed: Arc<AtomicU32>,
}

impl Proxy {
    async fn start(uri: &str) -> Self {
        let server = uri.trim_start_matches("mongodb://").split(['/', '?', ',']).next().unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (swallow, swallowed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let (on, count) = (Arc::clone(&swallow), Arc::clone(&swallowed));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(pump(client, server, Arc::clone(&on), Arc::clone(&count)));
            }
        });
        Self { address, swallow, swallowed }
    }

    fn uri(&self) -> String {
        format!("mongodb://{}/?directConnection=true", self.address)
    }
}

async fn pump(client: TcpStream, server: TcpStream, swallow: Arc<AtomicBool>, swallowed: Arc<AtomicU32>) {
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    let is_commit = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&is_commit);
    tokio::spawn(async move {
        let mut bytes = vec![0; 65_536];
        while let Ok(n @ 1..) = from_client.read(&mut bytes).await {
            // As BSON has it: the command's name, and the collection as a text of six bytes.
            let commits: [&[u8]; 2] = [b"\x02insert\0\x06\0\0\0notes\0", b"\x02update\0\x06\0\0\0notes\0"];
            let commit = commits.iter().any(|commit| bytes[..n].windows(commit.len()).any(|w| w == *commit));
            seen.fetch_or(commit, Ordering::SeqCst);
            if to_server.write_all(&bytes[..n]).await.is_err() {
                return;
            }
        }
    });
    let mut bytes = vec![0; 65_536];
    while let Ok(n @ 1..) = from_server.read(&mut bytes).await {
        if is_commit.swap(false, Ordering::SeqCst) && swallow.load(Ordering::SeqCst) {
            // The server has executed the write; nobody will hear of it.
            swallowed.fetch_add(1, Ordering::SeqCst);
            return;
        }
        if to_client.write_all(&bytes[..n]).await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_found_out_and_told_truly() {
    let world = World::new().await;
    let proxy = Proxy::start(&world.uri).await;
    let running = world.start_with(&proxy.uri(), &world.brokers, settings()).await;
    running.create("a", "1").await.unwrap();
    let base = running.store.load("a").await.unwrap();
    proxy.swallow.store(true, Ordering::SeqCst);
    let lost = tokio::spawn({
        let store = running.store.clone();
        async move { store.commit(proposal("a", base, note("2"))).await }
    });
    eventually("an answer was swallowed", || async { proxy.swallowed.load(Ordering::SeqCst) > 2 }).await;
    proxy.swallow.store(false, Ordering::SeqCst);
    assert_eq!(lost.await.unwrap().unwrap().version, 2);
    // The other way round: lost the race *and* the answer.
    let base = running.store.load("a").await.unwrap();
    let direct = world.start().await;
    proxy.swallow.store(true, Ordering::SeqCst);
    direct.update("a", "3, by another").await.unwrap();
    let before = proxy.swallowed.load(Ordering::SeqCst);
    let late = tokio::spawn({
        let store = running.store.clone();
        async move { store.commit(proposal("a", base, note("3, too late"))).await }
    });
    eventually("an answer was swallowed", || async { proxy.swallowed.load(Ordering::SeqCst) > before + 2 }).await;
    proxy.swallow.store(false, Ordering::SeqCst);
    assert_eq!(late.await.unwrap().unwrap_err(), CommitError::VersionConflict);
    world.assert_complete(&BTreeMap::from([("a".to_owned(), 3)])).await;
    direct.stop().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_told_the_outcome_and_who_did_not_finds_his_change() {
    let world = World::new().await;
    let proxy = Proxy::start(&world.uri).await;
    let impatient = WritePathSettings { commit_timeout_ms: 200, ..settings() };
    let running = world.start_with(&proxy.uri(), &world.brokers, impatient).await;
    proxy.swallow.store(true, Ordering::SeqCst);
    let (untold, told) = (proposal("a", None, note("1")), proposal("b", None, note("1")));
    let (change, other) = (untold.change.id, told.change.id);
    let patient = tokio::spawn({
        let store = running.store.clone();
        async move { store.commit_within(Duration::from_secs(60), told).await }
    });
    eventually("an answer was swallowed", || async { proxy.swallowed.load(Ordering::SeqCst) > 2 }).await;
    assert!(matches!(running.store.commit(untold).await.unwrap_err(), CommitError::OutcomeUnknown { .. }));
    proxy.swallow.store(false, Ordering::SeqCst);
    assert_eq!(patient.await.unwrap().unwrap().version, 1);
    eventually("the change is there", || async { running.store.load("a").await.unwrap().is_some() }).await;
    let direct = world.start().await;
    direct.update("a", "2").await.unwrap();
    let stored = direct.store.load("a").await.unwrap().unwrap();
    assert!(stored.has_change(change) && !stored.has_change(other));
    world.assert_complete(&BTreeMap::from([("a".to_owned(), 2), ("b".to_owned(), 1)])).await;
    direct.stop().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_dropped_under_a_running_process_takes_no_writes() {
    let world = World::new().await;
    let running = world.start().await;
    running.create("a", "1").await.unwrap();
    world.assert_complete(&BTreeMap::from([("a".to_owned(), 1)])).await;
    world.database().await.drop().await.unwrap();
    eventually("writes are refused", || async { running.store.refuses_writes().is_some() }).await;
    eventually("the sentence says why", || async {
        running.store.refuses_writes().is_some_and(|why| why.contains("it was dropped") && why.contains("restore"))
    })
    .await;
    running.create("b", "1").await.unwrap_err();
    running.crash().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_database_takes_no_writes() {
    let world = World::new().await;
    let running = world.start().await;
    running.create("a", "1").await.unwrap();
    running.stop().await;
    let database = world.database().await;
    let notes = database.collection::<bson::Document>("notes");
    let identities = database.collection::<bson::Document>("identity");
    let (note, identity) = (
        notes.find_one(doc! {}).await.unwrap().unwrap(),
        identities.find_one(doc! { "_id": "notes" }).await.unwrap().unwrap(),
    );
    let running = world.start().await;
    running.update("a", "2").await.unwrap();
    running.stop().await;
    // The backup of before comes back.
    notes.replace_one(doc! { "_id": "a" }, note).await.unwrap();
    identities.replace_one(doc! { "_id": "notes" }, identity).await.unwrap();
    let (store, path) = world.parts_only().await;
    let task = tokio::spawn(path);
    eventually("writes are refused", || async {
        store.refuses_writes().is_some_and(|why| why.contains("older backup"))
    })
    .await;
    task.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_log_takes_no_writes() {
    let world = World::new().await;
    let running = world.start().await;
    running.create("a", "1").await.unwrap();
    running.stop().await;
    let identities = world.database().await.collection::<bson::Document>("identity");
    let identity = identities.find_one(doc! { "_id": "notes" }).await.unwrap().unwrap();
    let (partition, _) = identity.get_document("partitions").unwrap().iter().next().unwrap();
    let further = doc! { "$set": { format!("partitions.{partition}.offset"): 1_000_i64 } };
    identities.update_one(doc! { "_id": "notes" }, further).await.unwrap();
    let (store, path) = world.parts_only().await;
    let task = tokio::spawn(path);
    eventually("writes are refused", || async {
        store.refuses_writes().is_some_and(|why| why.contains("restored from an older copy"))
    })
    .await;
    task.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_found_taken_only_by_a_repeat_is_no_final_answer() {
    let world = World::new().await;
    let labelled = |text: &str| Note { text: text.to_owned(), label: Some("x".to_owned()) };
    let direct = world.start().await;
    direct.store.commit(proposal("owner", None, labelled("mine"))).await.unwrap();
    let proxy = Proxy::start(&world.uri).await;
    let running = world.start_with(&proxy.uri(), &world.brokers, settings()).await;
    proxy.swallow.store(true, Ordering::SeqCst);
    let lost = tokio::spawn({
        let store = running.store.clone();
        async move { store.commit(proposal("late", None, labelled("wants it"))).await }
    });
    eventually("an answer was swallowed", || async { proxy.swallowed.load(Ordering::SeqCst) > 2 }).await;
    proxy.swallow.store(false, Ordering::SeqCst);
    // The first copy may land once the label is free: neither "taken" nor "nothing happened" would be true for ever.
    assert!(matches!(lost.await.unwrap().unwrap_err(), CommitError::OutcomeUnknown { .. }));
    running.create("next", "1").await.unwrap();
    world.assert_complete(&BTreeMap::from([("owner".to_owned(), 1), ("next".to_owned(), 1)])).await;
    direct.stop().await;
    running.stop().await;
}
