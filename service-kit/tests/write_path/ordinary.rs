//! What a command sees when nothing breaks.

use std::{collections::BTreeMap, sync::Arc};

use bson::{Document, doc};
use futures_util::TryStreamExt;
use mongodb::IndexModel;
use mongodb::options::IndexOptions;
use service_kit::write_path::CommitError;

use crate::harness::{Note, World, note, proposal};

#[tokio::test(flavor = "multi_thread")]
async fn every_version_is_stored_and_published_in_order() {
    let world = World::new().await;
    let running = world.start().await;
    assert_eq!(running.create("a", "one").await.unwrap().version, 1);
    assert_eq!(running.update("a", "two").await.unwrap().version, 2);
    assert_eq!(running.update("a", "three").await.unwrap().version, 3);
    let stored = running.store.load("a").await.unwrap().unwrap();
    assert_eq!((stored.version, stored.state), (3, note("three")));
    world.assert_complete(&BTreeMap::from([("a".to_owned(), 3)])).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_documents_of_several_values_are_one_question_that_an_index_answers() {
    let world = World::new().await;
    let notes = world.database().await.collection::<Document>("notes");
    let index = IndexOptions::builder().name("by_text".to_owned()).build();
    notes.create_index(IndexModel::builder().keys(doc! { "text": 1, "_id": -1 }).options(index).build()).await.unwrap();
    let running = world.start().await;
    for (id, text) in [("a", "x"), ("b", "y"), ("c", "x"), ("d", "x"), ("e", "z")] {
        running.create(id, text).await.unwrap();
    }
    let ids = async |values: &[&str]| -> Vec<String> {
        let found = running.store.find_each("text", values.iter().copied(), doc! { "_id": -1 }, 2).await.unwrap();
        found.into_iter().map(|stored| stored.id).collect()
    };
    assert_eq!(ids(&["y", "none", "x"]).await, ["b", "d", "c"]);
    assert_eq!(ids(&[]).await, [""; 0]);
    assert_eq!(running.store.version("a").await.unwrap(), Some(1));
    assert_eq!(running.store.version("nobody").await.unwrap(), None);

    let used = notes.aggregate([doc! { "$indexStats": {} }, doc! { "$match": { "name": "by_text" } }]).await.unwrap();
    let used: Vec<Document> = used.try_collect().await.unwrap();
    let times = used[0].get_document("accesses").unwrap().get_i64("ops").unwrap();
    assert_eq!(times, 3, "once for each value");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_id_and_a_stale_version_are_conflicts() {
    let world = World::new().await;
    let running = world.start().await;
    running.create("a", "one").await.unwrap();
    assert_eq!(running.create("a", "again").await.unwrap_err(), CommitError::VersionConflict);
    let base = running.store.load("a").await.unwrap();
    running.update("a", "two").await.unwrap();
    let late = running.store.commit(proposal("a", base, note("late"))).await;
    assert_eq!(late.unwrap_err(), CommitError::VersionConflict);
    world.assert_complete(&BTreeMap::from([("a".to_owned(), 2)])).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unique_key_belongs_to_one_document_until_it_is_given_back() {
    let world = World::new().await;
    let running = world.start().await;
    let labelled = |text: &str| Note { text: text.to_owned(), label: Some("x".to_owned()) };
    let a = running.store.commit(proposal("a", None, labelled("mine"))).await.unwrap();
    running.create("b", "other").await.unwrap();
    let taken = CommitError::KeyTaken { key: "label".to_owned() };
    assert_eq!(running.store.commit(proposal("c", None, labelled("new"))).await.unwrap_err(), taken);
    let b = running.store.load("b").await.unwrap();
    assert_eq!(running.store.commit(proposal("b", b.clone(), labelled("wants it"))).await.unwrap_err(), taken);
    // A stale version of the owner itself is a conflict, not a taken key.
    let newer = running.store.commit(proposal("a", Some(a.clone()), labelled("newer"))).await.unwrap();
    let stale = running.store.commit(proposal("a", Some(a), labelled("stale"))).await;
    assert_eq!(stale.unwrap_err(), CommitError::VersionConflict);
    running.store.commit(proposal("a", Some(newer), note("gives it back"))).await.unwrap();
    running.store.commit(proposal("b", b, labelled("has it"))).await.unwrap();
    world.assert_complete(&BTreeMap::from([("a".to_owned(), 3), ("b".to_owned(), 2)])).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_callers_of_one_document_make_one_history() {
    let world = World::new().await;
    let running = Arc::new(world.start().await);
    running.create("hot", "0").await.unwrap();
    let callers: Vec<_> = (0..64)
        .map(|caller| {
            let running = Arc::clone(&running);
            tokio::spawn(async move {
                let (mut won, mut lost) = (0, 0);
                while won < 20 {
                    match running.update("hot", &format!("{caller}/{won}")).await {
                        Ok(_) => won += 1,
                        Err(CommitError::VersionConflict) => lost += 1,
                        Err(other) => panic!("neither won nor lost: {other}"),
                    }
                }
                lost
            })
        })
        .collect();
    let mut lost = 0;
    for caller in callers {
        lost += caller.await.unwrap();
    }
    assert!(lost > 0, "nobody competed");
    world.assert_complete(&BTreeMap::from([("hot".to_owned(), 1 + 64 * 20)])).await;
    Arc::into_inner(running).unwrap().stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_stop_leaves_nothing_unpublished_and_retires_the_writer() {
    let world = World::new().await;
    let running = world.start().await;
    for i in 0..50 {
        running.create(&format!("n{i}"), "x").await.unwrap();
    }
    running.stop().await;
    let log = world.log().await;
    assert_eq!(log.len(), 50);
    let writers = world.database().await.collection::<Document>("writers");
    let writer = writers.find_one(doc! {}).await.unwrap().unwrap();
    assert!(writer.get_bool("retired").unwrap());
    assert_eq!(writer.get_i64("published").unwrap(), 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_the_topic_cannot_take_is_refused_before_it_is_stored() {
    let world = World::new().await;
    let running = world.start().await;
    let too_large = running.create("a", &"x".repeat(950_000)).await;
    assert_eq!(too_large.unwrap_err(), CommitError::TooLarge);
    assert!(running.store.load("a").await.unwrap().is_none());
    running.stop().await;
}
