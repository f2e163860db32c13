//! The end of a server: what is in flight finishes, what only waits gives up, nothing new comes in.

use reqwest::StatusCode;
use shared_events::token::ConsistencyToken;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::client::{get, refusal, send};
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
