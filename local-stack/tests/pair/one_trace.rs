//! One trace id tells the whole way of a change: in the request, in the event, and in both services' logs.

use crate::support::client::{self, accepted};
use crate::support::customers;
use crate::support::eventually::eventually;
use crate::support::instance::Instance;
use crate::support::topic::Topic;
use crate::support::world::World;

#[tokio::test]
async fn one_trace_id_stands_in_the_logs_of_both_services() {
    let world = World::new().await;
    let (accounts, orders) = tokio::join!(world.accounts(), world.orders());
    // While a copy catches up it does not log every event.
    orders.caught_up().await;
    let trace = format!("{:032x}", rand::random::<u128>().max(1));

    let request = client::http().post(format!("{}/accounts/customers", accounts.url()));
    let request = request.header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"));
    let created = accepted(request.json(&customers::creation("traced", "1 Old Street"))).await;
    assert_eq!(created.status, 201, "{created}");

    stands_in_the_log(&accounts, &trace).await;
    stands_in_the_log(&orders, &trace).await;
    let log = Topic::new(&world.servers.kafka_brokers, &world.topic()).read_on().await;
    let traceparent = log[0].header("traceparent").expect("the event has it");
    assert_eq!(traceparent.split('-').nth(1), Some(trace.as_str()));
    assert_eq!(log[0].header("ce_traceparent"), Some(traceparent));
    accounts.stop().await;
    orders.stop().await;
    world.end().await;
}

async fn stands_in_the_log(instance: &Instance, trace: &str) {
    eventually("the trace id is logged", || async {
        let log = std::fs::read_to_string(instance.log()).unwrap();
        if log.contains(trace) { Ok(()) } else { Err(format!("not in the log of {}", instance.name())) }
    })
    .await;
}
