//! The end of a server: what is in flight finishes, what only waits gives up, nothing new comes in.

use std::sync::Arc;

use reqwest::StatusCode;
use shared_events::token::ConsistencyToken;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::client::{Kept, get, header, refusal, send};
use super::running::{LIMIT, Running};

#[tokio::test]
async fn a_request_in_flight_finishes_and_new_ones_find_nobody() {
    let mut running = Running::ready().await;
    let slow = tokio::spawn(send("POST", running.public("/toy/slow"), &[], None));
    running.things.begun.acquire().await.unwrap().forget();
    running.stop.cancel();
    // The operations port stays, and says what goes on.
    let draining = async {
        while get(running.operations("/readyz")).await.status() == StatusCode::OK {}
        while TcpStream::connect(running.addresses.public).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, draining).await.expect("the public port should close");
    assert!(!slow.is_finished());
    running.things.gate.notify_waiters();
    assert_eq!(slow.await.unwrap().status(), StatusCode::OK);
    let ended = tokio::time::timeout(LIMIT, &mut running.public).await.expect("the server should end");
    ended.unwrap().unwrap();
}

#[tokio::test]
async fn a_request_that_waits_for_a_state_gives_up() {
    let running = Running::ready().await;
    let token = ConsistencyToken::new("thing", "never", 1).encode();
    let url = running.public("/toy/things/never");
    let waiting =
        tokio::spawn(
            async move { send("GET", url, &[("consistency-token", &token), ("prefer", "wait=30")], None).await },
        );
    running.things.looked.acquire().await.unwrap().forget();
    running.stop.cancel();
    let (status, slug) = refusal(waiting.await.unwrap()).await;
    assert_eq!((status, &*slug), (StatusCode::SERVICE_UNAVAILABLE, "unavailable"));
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let mut running = Running::ready().await;
    let mut idle = TcpStream::connect(running.addresses.public).await.unwrap();
    idle.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    running.stop.cancel();
    let ended = tokio::time::timeout(LIMIT, &mut running.public).await.expect("the server should end");
    ended.unwrap().unwrap();
}

#[tokio::test]
async fn clients_that_keep_their_connections_lose_no_request() {
    const CLIENTS: u32 = 32;
    // Longer than any of them is kept waiting on a busy machine.
    let mut running = Running::with(|settings| settings.drain_delay_ms = 1_000);
    let (address, at_work) = (running.addresses.public, Arc::new(Semaphore::new(0)));
    let client = |_| {
        let at_work = Arc::clone(&at_work);
        tokio::spawn(async move {
            let mut connection = Kept::open(address).await;
            assert!(!connection.get("/livez").await.unwrap(), "not yet");
            at_work.add_permits(1);
            let mut answered = 1;
            while !connection.get("/livez").await.unwrap_or_else(|e| panic!("after {answered} answers: {e}")) {
                answered += 1;
            }
            assert!(connection.is_closed().await);
        })
    };
    let clients: Vec<_> = (0..CLIENTS).map(client).collect();
    at_work.acquire_many(CLIENTS).await.unwrap().forget();
    running.stop.cancel();
    for client in clients {
        tokio::time::timeout(LIMIT, client).await.expect("a client should be told to leave").unwrap();
    }
    let ended = tokio::time::timeout(LIMIT, &mut running.public).await.expect("the server should end");
    ended.unwrap().unwrap();
}

#[tokio::test]
async fn every_answer_of_a_draining_service_is_the_last_on_its_connection() {
    let running = Running::with(|settings| {
        settings.drain_delay_ms = LIMIT.as_millis().try_into().unwrap();
        settings.request_timeout_ms = 100;
    });
    assert_eq!(header(&get(running.public("/livez")).await, "connection"), "");
    running.stop.cancel();
    running.health.draining().cancelled().await;
    let asked = [("GET", "/livez", 200), ("HEAD", "/livez", 200), ("GET", "/nothing", 404), ("GET", "/readyz", 503)];
    for (method, path, status) in asked.into_iter().chain([("GET", "/toy/slow", 503)]) {
        let answer = send(method, running.public(path), &[], None).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "connection")), (status, "close"), "{method} {path}");
    }
}
