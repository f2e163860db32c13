//! What is in the topic that should not be, and what becomes of the service then.

use reqwest::StatusCode;
use shared_events::envelope::encode;
use shared_events::record::RawRecord;

use crate::customer::{event, sample};
use crate::harness::{World, eventually};

#[tokio::test]
async fn bad_records_are_parked_once_and_the_service_stays_ready() {
    let world = World::new().await;
    let good = encode(&event(sample("12345", 2))).unwrap();
    let wrong = String::from_utf8(good.value.clone()).unwrap().replace("\"version\":2", "\"version\":\"2\"");
    let with = |value| RawRecord { value, ..good.as_raw() };
    let mut unknown = event(sample("another", 1));
    unknown.envelope.kind = "accounts.customer.merged".to_owned();

    world.publish(sample("12345", 1)).await;
    world.publish_raw(&RawRecord { key: Some(b"12345"), headers: vec![], value: Some(b"\x00\xff garbage") }).await;
    world.publish_raw(&RawRecord { key: None, ..good.as_raw() }).await;
    world.publish_raw(&with(None)).await;
    world.publish_raw(&with(Some(wrong.as_bytes()))).await;
    world.publish_event(&unknown).await;
    world.publish(sample("other", 1)).await;

    world.has("another", 1).await;
    world.has("other", 1).await;
    world.parks(4).await;
    assert_eq!(world.get("/orders/customers/12345").await.json()["version"], 1);
    assert_eq!(world.get("/readyz").await.status, StatusCode::OK);
    let figures = world.figures().await;
    for (cause, count) in [("undecodable", 3), ("schema-violation", 1), ("contradiction", 0)] {
        let line = format!("projection_parked_total{{projection=\"customers\",cause=\"{cause}\"}} {count}");
        assert!(figures.contains(&line), "{line}:\n{figures}");
    }

    // Killed, and started again on the same database: parked once all the same.
    world.orders.kill9();
    world.orders.ended().await;
    let again = world.orders.start_again().await.unwrap();
    again.ready().await.unwrap();
    world.publish(sample("12345", 3)).await;
    world.has("12345", 3).await;
    world.parks(4).await;
}

#[tokio::test]
async fn one_trace_id_leads_from_the_event_to_the_log() {
    let world = World::new().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let mut traced = event(sample("12345", 1));
    traced.envelope.traceparent = Some(format!("00-{trace}-00f067aa0ba902b7-01"));
    world.publish_event(&traced).await;
    world.has("12345", 1).await;
    eventually("the trace id in the log", async || {
        let log = tokio::fs::read_to_string(world.orders.log()).await.unwrap();
        if log.lines().any(|line| line.contains(trace) && line.contains("event applied")) {
            Ok(())
        } else {
            Err(log.len())
        }
    })
    .await;
}

#[tokio::test]
async fn caught_up_says_per_partition_how_far_behind_the_copy_is() {
    let world = World::new().await;
    let (partition, offset) = world.publish(sample("12345", 1)).await;
    world.has("12345", 1).await;
    let position = eventually("the end of the log told", async || {
        let report = world.get("/caughtup").await.json();
        let positions = report["positions"].as_array().unwrap();
        let of = |projection| positions.iter().filter(move |position| position["projection"] == projection);
        assert_eq!((of("customers").count(), of("item_sales").count(), positions.len()), (3, 3, 6));
        let position = of("customers").find(|position| position["partition"] == partition).unwrap().clone();
        if position["end"] == offset + 1 { Ok(position) } else { Err(report) }
    })
    .await;
    assert_eq!((&position["next"], &position["behind"]), (&(offset + 1).into(), &0.into()), "{position}");
    assert_eq!(position["projection"], "customers");
}
