//! G2: of all who change the same version of a customer, one does.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use reqwest::header::IF_MATCH;
use tokio::task::JoinSet;

use crate::load::{Caller, hot_customers};
use crate::oracle::{Oracle, Verdict, Wish, heal_and_judge};
use crate::support::client;
use crate::support::customers;
use crate::support::extent::extent;
use crate::support::world::World;

const CLIENTS: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_updates_of_one_version_have_exactly_one_winner() {
    let updates = extent(2_000, 10_000);
    let (world, oracle) = (World::new().await, Arc::new(Oracle::default()));
    let (accounts, orders) = tokio::join!(world.accounts(), world.orders());
    hot_customers(1, accounts.url(), &oracle).await;
    let caller = Caller { http: client::http(), oracle: Arc::clone(&oracle) };

    let begin = Instant::now();
    let (mut clients, sent) = (JoinSet::new(), Arc::new(AtomicUsize::new(0)));
    for _ in 0..CLIENTS {
        clients.spawn(update_until(updates, Arc::clone(&sent), caller.clone(), accounts.url().to_owned()));
    }
    clients.join_all().await;
    let took = begin.elapsed();

    let attempts: Vec<_> = oracle.attempts().into_iter().filter(|attempt| attempt.wish == Wish::Update).collect();
    assert_eq!(attempts.len(), updates);
    let mut winners = BTreeMap::new();
    for attempt in attempts {
        match attempt.verdict {
            Verdict::Acknowledged { version, .. } => assert_eq!(winners.insert(version, attempt.mark), None),
            Verdict::Refused { status } => assert_eq!(status, 412),
            Verdict::Unknown => panic!("nothing was harmed, so every outcome is known"),
        }
    }
    let versions: Vec<u64> = winners.into_keys().collect();
    assert_eq!(versions, (2..2 + versions.len() as u64).collect::<Vec<_>>());
    let figures = heal_and_judge(&world, &oracle).await;
    println!(
        "{updates} updates of one customer by {CLIENTS} clients in {took:?}: {} winners; {figures}",
        versions.len()
    );
    accounts.stop().await;
    orders.stop().await;
    world.end().await;
}

/// One client: changes the version that it knows, and knows the newest one after every answer.
async fn update_until(updates: usize, sent: Arc<AtomicUsize>, caller: Caller, url: String) {
    let mut known = 1;
    while sent.fetch_add(1, Ordering::Relaxed) < updates {
        let mark = caller.oracle.new_mark();
        let body = customers::body("hot-0", &mark, None);
        let request = caller.http.put(format!("{url}/accounts/customers/hot-0")).json(&body);
        let reply = client::send(request.header(IF_MATCH, format!("\"{known}\""))).await;
        caller.oracle.heard(Wish::Update, "hot-0", Some(&mark), &reply);
        if let client::Reply::Answer(answer) = reply {
            known = answer.version().unwrap_or(known);
        }
    }
}
