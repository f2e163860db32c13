//! What a client may take of time and memory.

use reqwest::StatusCode;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::client::{get, raw, refusal, rest_of, send};
use super::running::Running;

#[tokio::test]
async fn a_body_above_the_limit_is_refused_whether_announced_or_not() {
    let running = Running::with(|settings| settings.body_limit_bytes = 1000);
    let large = "x".repeat(1001);
    let json = [("content-type", "application/json")];
    let announced = send("POST", running.public("/toy/things"), &json, Some(&large)).await;
    assert_eq!(refusal(announced).await.0, StatusCode::PAYLOAD_TOO_LARGE);

    let head = "POST /toy/things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                transfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    let chunks = format!("{head}3e9\r\n{large}\r\n0\r\n\r\n");
    let answer = raw(running.addresses.public, chunks.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn an_announced_size_is_refused_before_the_body_is_sent() {
    let running = Running::start();
    let head = "POST /toy/things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 99999999999\r\n\r\n";
    let answer = raw(running.addresses.public, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn a_head_that_does_not_end_is_cut_off() {
    let running = Running::with(|settings| settings.head_timeout_ms = 50);
    let answer = raw(running.addresses.public, b"GET /livez HTTP/1.1\r\nhost: ").await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test]
async fn a_body_that_does_not_end_is_cut_off() {
    let running = Running::with(|settings| settings.body_timeout_ms = 50);
    let head = "POST /toy/things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{";
    let answer = raw(running.addresses.public, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("/problems/request-timeout"), "{answer}");
}

#[tokio::test]
async fn a_body_that_breaks_off_harms_nobody() {
    let running = Running::start();
    let mut stream = TcpStream::connect(running.addresses.public).await.unwrap();
    let head = "POST /toy/things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();
    drop(stream);
    assert_eq!(get(running.public("/livez")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_answer_that_is_not_ready_in_time_is_given_up() {
    let running = Running::with(|settings| settings.request_timeout_ms = 50);
    let read = refusal(send("GET", running.public("/toy/slow"), &[], None).await).await;
    assert_eq!(read, (StatusCode::SERVICE_UNAVAILABLE, "unavailable".to_owned()));
    let write = refusal(send("POST", running.public("/toy/slow"), &[], None).await).await;
    assert_eq!(write, (StatusCode::SERVICE_UNAVAILABLE, "outcome-unknown".to_owned()), "it may have happened");
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_cut_off() {
    let running = Running::start();
    let cases: [(&[u8], &str); 3] = [
        (b"\x16\x03\x01 hello\r\n\r\n", "400"),
        (b"GET /livez HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", "400"),
        (b"GET /livez HTTP/9.9\r\n\r\n", "400"),
    ];
    for (bytes, status) in cases {
        let answer = raw(running.addresses.public, bytes).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    let mut stream = TcpStream::connect(running.addresses.public).await.unwrap();
    let head = format!("GET /livez HTTP/1.1\r\nx: {}", "y".repeat(200_000));
    // The server stops reading in the middle of it.
    stream.write_all(head.as_bytes()).await.ok();
    let answer = rest_of(stream).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
}
