//! G3 for the reports: `kill -9` of orders while it adds up, again and again, and every total is exact.

use std::time::Duration;

use mongodb::bson::Document;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use crate::support::client::{self, answer};
use crate::support::databases::{self, positions};
use crate::support::eventually::eventually;
use crate::support::extent::{extent, seed};
use crate::support::instance::Instance;
use crate::support::sales::Sales;
use crate::support::topic::Topic;
use crate::support::world::World;

const REPORT: &str = "/orders/reports/item-sales";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn totals_are_exact_when_orders_is_killed_while_it_adds_up() {
    let mut rng = StdRng::seed_from_u64(seed("kill -9 of orders while it adds up"));
    let world = World::new().await;
    let sales = Sales::random(extent(5_000, 100_000), &mut rng);
    let topic = Topic::new(&world.servers.kafka_brokers, &world.orders_topic());
    topic.make(12).await;
    topic.write_all(&sales.log).await;
    let all = i64::try_from(sales.log.len()).unwrap();

    // Small transactions, so that there are many of them to be killed in, on a fast machine too.
    let batch = extent(5, 50).to_string();
    let (mut before, mut in_the_middle) = (0, 0);
    for _ in 0..extent(3, 25) {
        let orders = world.orders_with(&[("projection.batch", batch.as_str())]).await;
        eventually("it adds up", || async {
            let now = added_up(&world).await;
            if now > before || now == all { Ok(()) } else { Err(format!("{now} of {all}")) }
        })
        .await;
        tokio::time::sleep(Duration::from_micros(rng.random_range(0..100_000))).await;
        orders.kill9().await;
        before = added_up(&world).await;
        in_the_middle += usize::from(before < all);
    }
    assert!(in_the_middle > 0, "it was done before anybody could kill it");

    let orders = world.orders().await;
    eventually("all is added up", || async {
        let now = added_up(&world).await;
        if now == all { Ok(()) } else { Err(format!("{now} of {all}")) }
    })
    .await;
    assert_exact(&orders, &sales).await;
    assert_eq!(databases::parked(&world).await, Vec::<Document>::new());
    println!("kill -9 of orders while it adds up {all} events: {in_the_middle} kills in the middle, all exact");
    orders.stop().await;
    world.end().await;
}

/// So many records are counted, by the service's own account.
async fn added_up(world: &World) -> i64 {
    positions(world, "item_sales.g1").await.values().sum()
}

async fn assert_exact(orders: &Instance, sales: &Sales) {
    let http = client::http();
    let get = async |path: &str| {
        eventually("the report is complete", || async {
            let answer = answer(http.get(format!("{}{path}", orders.url()))).await;
            if answer.status == 200 { Ok(answer.json()) } else { Err(answer.to_string()) }
        })
        .await
    };
    let number = |row: &Value, name: &str| row[name].as_i64().unwrap();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let report = get(REPORT).await;
    let rows = report["items"].as_array().unwrap();
    let found: Vec<_> =
        rows.iter().map(|row| (text(row, "itemId"), (number(row, "totalOrdered"), number(row, "orders")))).collect();
    assert_eq!(found.into_iter().collect::<std::collections::BTreeMap<_, _>>(), sales.by_item());
    for item in sales.by_item().keys() {
        let months = get(&format!("{REPORT}/{item}/monthly")).await;
        let found = months.as_array().unwrap().iter().map(|row| (text(row, "month"), number(row, "ordered")));
        assert_eq!(found.collect::<Vec<_>>(), sales.by_month(item), "the months of {item}");
    }
}
