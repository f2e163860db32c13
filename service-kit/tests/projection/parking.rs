//! What cannot be applied: parked with its cause, once, without holding anything else up (G6, D8).

use std::time::Duration;

use bson::{Bson, Document};
use rdkafka::consumer::Consumer;
use rdkafka::message::{Headers, Message};
use shared_events::envelope::encode;
use shared_events::record::RawRecord;

use crate::harness::{LIMIT, World, eventually};
use crate::thing::{event, record};

async fn parked(world: &World, count: usize) -> Vec<Document> {
    eventually(&format!("{count} parked"), async || {
        let parked = world.parked().await;
        if parked.len() == count { Ok(parked) } else { Err(parked.len()) }
    })
    .await
}

fn cause(parked: &Document) -> &str {
    parked.get_document("cause").unwrap().get_str("kind").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_bad_record_is_parked_with_its_cause_and_the_others_flow_on() {
    let world = World::new().await;
    let service = world.start();
    let good = record("a", 2);
    let headers: Vec<_> = good.headers.iter().map(|(name, value)| (name.as_str(), Some(value.as_bytes()))).collect();
    let key = Some("a".as_bytes());
    let mut foreign = event("a", 2);
    foreign.envelope.kind = "order.placed".to_owned();
    let foreign = encode(&foreign).unwrap();
    let mut rejected = event("a", 2);
    rejected.data.text = "reject".to_owned();
    let mut unknown = event("b", 1);
    unknown.envelope.kind = "thing.repainted".to_owned();

    world.publish(&record("a", 1)).await;
    let bad = [
        (RawRecord { key, headers: vec![], value: Some(b"\xff\xfe garbage") }, "undecodable"),
        (RawRecord { key: None, headers: headers.clone(), value: Some(&good.value) }, "undecodable"),
        (RawRecord { key, headers: headers.clone(), value: None }, "undecodable"),
        (RawRecord { key, headers: headers.clone(), value: Some(b"") }, "undecodable"),
        (
            RawRecord { key, headers: headers.clone(), value: Some(br#"{"id":"a","version":"2","text":1}"#) },
            "schema-violation",
        ),
        (foreign.as_raw(), "schema-violation"),
    ];
    for (record, _) in &bad {
        world.publish_raw(record).await;
    }
    world.publish(&encode(&rejected).unwrap()).await;
    world.publish(&encode(&unknown).unwrap()).await;
    world.publish(&record("c", 1)).await;

    service.reaches("b", 1).await;
    service.reaches("c", 1).await;
    let found = parked(&world, bad.len() + 1).await;
    let mut causes: Vec<_> = found.iter().map(cause).collect();
    causes.sort_unstable();
    let mut expected: Vec<_> = bad.iter().map(|(_, cause)| *cause).chain(["rejected"]).collect();
    expected.sort_unstable();
    assert_eq!(causes, expected);
    assert_eq!(service.find("a").await.unwrap().version, 1);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_record_keeps_every_byte_and_a_copy_goes_to_the_dead_letter_topic() {
    let world = World::new().await;
    let service = world.start();
    let headers = vec![("ce_id", Some("x".as_bytes())), ("odd", None), ("bytes", Some(b"\x00\xff".as_slice()))];
    let (partition, offset) =
        world.publish_raw(&RawRecord { key: Some(b"a"), headers, value: Some(b"\xff garbage") }).await;
    let found = &parked(&world, 1).await[0];
    assert_eq!(found.get_str("_id").unwrap(), format!("things:{}/{partition}/{offset}", world.topic()));
    assert_eq!(found.get_binary_generic("value").unwrap(), b"\xff garbage");
    assert_eq!(found.get_binary_generic("key").unwrap(), b"a");
    let kept = found.get_array("headers").unwrap();
    assert_eq!(kept[1].as_document().unwrap().get("value"), Some(&Bson::Null));
    assert_eq!(kept[2].as_document().unwrap().get_binary_generic("value").unwrap(), b"\x00\xff");

    let topic = format!("{}.tests.DLT", world.topic());
    let consumer = world.consumer("letters");
    let letter = tokio::task::spawn_blocking(move || {
        consumer.subscribe(&[&topic]).unwrap();
        let start = std::time::Instant::now();
        while start.elapsed() < LIMIT {
            if let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) {
                return message.detach();
            }
        }
        panic!("no dead letter came");
    })
    .await
    .unwrap();
    assert_eq!((letter.key(), letter.payload()), (Some(b"a".as_slice()), Some(b"\xff garbage".as_slice())));
    let header = |name| letter.headers().unwrap().iter().find(|header| header.key == name).unwrap().value.unwrap();
    assert_eq!(header("kafka_dlt-original-topic"), world.topic().as_bytes());
    assert_eq!(header("kafka_dlt-original-partition"), partition.to_be_bytes());
    assert_eq!(header("kafka_dlt-original-offset"), offset.to_be_bytes());
    assert_eq!(header("bytes"), b"\x00\xff");
    eventually("the letter marked as sent", async || {
        let word = world.parked().await[0].get_str("deadLetter").unwrap().to_owned();
        if word == "sent" { Ok(()) } else { Err(word) }
    })
    .await;
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_event_supersedes_what_was_parked_and_an_older_one_does_not() {
    let world = World::new().await;
    let service = world.start();
    let mut broken = record("a", 3);
    broken.value = b"{".to_vec();
    for version in [1, 2] {
        world.publish(&record("a", version)).await;
    }
    world.publish(&broken).await;
    world.publish(&record("a", 2)).await;
    let open = parked(&world, 1).await[0].clone();
    assert!(open.get_bool("open").unwrap());
    world.publish(&record("a", 4)).await;
    service.reaches("a", 4).await;
    let closed = eventually("superseded", async || {
        let parked = world.parked().await[0].clone();
        if parked.get_bool("open").unwrap() { Err(parked) } else { Ok(parked) }
    })
    .await;
    let resolution = closed.get_document("resolution").unwrap();
    assert_eq!((resolution.get_str("kind").unwrap(), resolution.get_i64("version").unwrap()), ("superseded", 4));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_version_with_another_event_id_is_parked_and_never_applied() {
    let world = World::new().await;
    let service = world.start();
    world.publish(&record("a", 1)).await;
    service.reaches("a", 1).await;
    let mut other = event("a", 1);
    other.envelope.id = "other".to_owned();
    other.data.text = "other".to_owned();
    world.publish(&encode(&other).unwrap()).await;
    assert_eq!(cause(&parked(&world, 1).await[0]), "contradiction");
    assert_eq!(service.find("a").await.unwrap().view.text, "text 1");
    service.stop().await;

    // Also for a process that remembers nothing of the first one, and meets both as one batch of a log read again.
    world.database.collection::<Document>("checkpoints").drop().await.unwrap();
    let service = world.start();
    service.completes().await;
    assert_eq!(service.find("a").await.unwrap().view.text, "text 1");
    assert_eq!(world.parked().await.len(), 1);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_read_again_is_parked_once() {
    let world = World::new().await;
    let service = world.start();
    world.publish_raw(&RawRecord { key: Some(b"a"), headers: vec![], value: Some(b"garbage") }).await;
    let before = parked(&world, 1).await;
    service.die().await;
    world.database.collection::<Document>("checkpoints").drop().await.unwrap();
    let service = world.start();
    service.completes().await;
    let after = world.parked().await;
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].get("parkedAt"), before[0].get("parkedAt"));
    service.stop().await;
}
