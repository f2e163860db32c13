//! Lines that are sent and answered at the same time, and what a client may take of time and memory with them.

use std::time::Duration;

use reqwest::StatusCode;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::client::{get, refusal, send};
use super::duplex::{Duplex, Next};
use super::running::{LIMIT, Running};

const ECHO: &str = "/toy/things:echo";
const LINES: [(&str, &str); 1] = [("content-type", "application/x-ndjson")];

fn summary(lines: u64) -> Next {
    Next::Line(format!("{{\"lines\":{lines}}}"))
}

fn echoed(line: u64, text: &str) -> (u64, String) {
    (line, text.to_owned())
}

/// Work on a slow line has begun.
async fn begun(running: &Running) {
    running.things.begun.acquire().await.unwrap().forget();
}

#[tokio::test]
async fn each_line_is_answered_before_the_next_one_is_sent() {
    let running = Running::start();
    let mut client = Duplex::open(running.addresses.public).await;
    assert_eq!(client.status().await, "200", "before anything is sent");
    for (number, text) in [(1, "a"), (2, "b"), (3, "c")] {
        client.send(&format!("{text}\n")).await;
        assert_eq!(client.answer().await, echoed(number, text));
    }
    client.send("\n\r\n").await;
    client.send("beg").await;
    client.send("un").await;
    client.end().await;
    assert_eq!(client.answer().await, echoed(6, "begun"));
    assert_eq!(client.next().await, summary(4));
    assert_eq!(client.next().await, Next::End);
    client.closed().await;
}

#[tokio::test]
async fn answers_keep_the_order_of_the_lines() {
    let running = Running::start();
    let mut client = Duplex::open(running.addresses.public).await;
    client.status().await;
    client.send("slow\nb\nslow\nd\n").await;
    begun(&running).await;
    begun(&running).await;
    client.end().await;
    running.things.gate.notify_waiters();
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(client.answer().await);
    }
    assert_eq!(answers, [echoed(1, "slow"), echoed(2, "b"), echoed(3, "slow"), echoed(4, "d")]);
    assert_eq!(client.next().await, summary(4));
}

#[tokio::test]
async fn many_lines_in_one_body_are_all_answered() {
    let running = Running::start();
    let lines: String = (1..=20_000).map(|number| format!("line {number}\n")).collect();
    let answer = send("POST", running.public(ECHO), &LINES, Some(&lines)).await;
    assert_eq!((answer.status(), super::client::header(&answer, "content-type")), (StatusCode::OK, LINES[0].1));
    let answer = answer.text().await.unwrap();
    assert_eq!(answer.lines().count(), 20_001);
    for (number, line) in (1..=20_000).zip(answer.lines()) {
        assert_eq!(line, format!("{{\"line\":{number},\"text\":{{\"Ok\":\"line {number}\"}}}}"));
    }
    assert!(answer.ends_with("{\"lines\":20000}\n"));
}

#[tokio::test]
async fn a_line_that_is_too_long_is_answered_and_the_others_go_on() {
    let running = Running::with(|settings| settings.body_limit_bytes = 1024);
    let fits = "x".repeat(1024);
    let body = format!("a\n{}\n{fits}\nd", "y".repeat(5_000_000));
    let answer = send("POST", running.public(ECHO), &LINES, Some(&body)).await.text().await.unwrap();
    let lines: Vec<_> = answer.lines().collect();
    assert_eq!(lines[1], r#"{"line":2,"text":{"Err":"must have at most 1024 bytes"}}"#);
    assert!(lines[2].contains(&fits) && lines[3].contains("\"d\""));
    assert_eq!(lines[4..], ["{\"lines\":4}"]);
}

#[tokio::test]
async fn what_is_wrong_with_the_request_is_refused_before_a_line_is_read() {
    let running = Running::start();
    for media_type in ["application/json", "text/plain", "application/x-ndjson; charset=latin1"] {
        let headers = [("content-type", media_type)];
        let refused = refusal(send("POST", running.public(ECHO), &headers, Some("a\n")).await).await;
        assert_eq!(refused, (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type".to_owned()), "{media_type}");
    }
    for media_type in ["application/jsonl", "application/x-ndjson; charset=utf-8"] {
        let headers = [("content-type", media_type)];
        assert_eq!(send("POST", running.public(ECHO), &headers, Some("a\n")).await.status(), 200, "{media_type}");
    }
    let url = running.public(&format!("{ECHO}?x=1"));
    assert_eq!(refusal(send("POST", url, &LINES, Some("a\n")).await).await.0, StatusCode::BAD_REQUEST);
    let other = send("GET", running.public(ECHO), &[], None).await;
    assert_eq!(super::client::header(&other, "allow"), "POST");
    assert_eq!(refusal(other).await.0, StatusCode::METHOD_NOT_ALLOWED);
}

/// Opens a stream as soon as there is a place for it.
async fn place(running: &Running) -> Duplex {
    let opening = async {
        loop {
            let mut client = Duplex::open(running.addresses.public).await;
            if client.status().await == "200" {
                return client;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(LIMIT, opening).await.expect("there should be a place again")
}

#[tokio::test]
async fn there_are_only_so_many_streams_and_a_place_is_given_back() {
    let running = Running::with(|settings| settings.max_streams = 1);
    let mut first = place(&running).await;
    first.send("a\n").await;
    assert_eq!(first.answer().await, echoed(1, "a"));
    let refused = refusal(send("POST", running.public(ECHO), &LINES, Some("a\n")).await).await;
    assert_eq!(refused, (StatusCode::SERVICE_UNAVAILABLE, "unavailable".to_owned()));
    first.end().await;
    assert_eq!(first.next().await, summary(1));
    place(&running).await;
}

#[tokio::test]
async fn a_client_that_neither_sends_nor_waits_for_an_answer_is_cut_off_without_a_summary() {
    let running = Running::with(|settings| settings.stall_timeout_ms = 300);
    let mut client = Duplex::open(running.addresses.public).await;
    client.status().await;
    client.send("a\nb").await;
    assert_eq!(client.answer().await, echoed(1, "a"));
    assert_eq!(client.next().await, Next::End);
    client.closed().await;
}

#[tokio::test]
async fn a_client_that_is_slow_is_not_cut_off() {
    let running = Running::with(|settings| settings.stall_timeout_ms = 2000);
    let mut client = Duplex::open(running.addresses.public).await;
    client.status().await;
    for _ in 0..25 {
        client.send("x").await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    client.end().await;
    assert_eq!(client.answer().await, echoed(1, &"x".repeat(25)));
    assert_eq!(client.next().await, summary(1));
}

#[tokio::test]
async fn a_client_that_never_reads_is_held_back_and_then_cut_off() {
    let running = Running::with(|settings| {
        settings.stall_timeout_ms = 500;
        settings.max_streams = 1;
    });
    let mut client = Duplex::open(running.addresses.public).await;
    // Answers are longer than lines by far: little is taken in before there is too much to take out.
    let chunk = "x\n".repeat(4096);
    let chunk = format!("{:x}\r\n{chunk}\r\n", chunk.len());
    let mut taken = 0;
    let sending = async {
        while client.write(chunk.as_bytes()).await {
            taken += chunk.len();
            assert!(taken < 100_000_000, "everything is taken in");
        }
    };
    tokio::time::timeout(LIMIT, sending).await.expect("the client should be cut off");
    let mut next = place(&running).await;
    next.send("a\n").await;
    assert_eq!(next.answer().await, echoed(1, "a"));
}

#[tokio::test]
async fn work_ends_with_the_connection_of_its_client() {
    let running = Running::with(|settings| settings.max_streams = 1);
    let mut client = Duplex::open(running.addresses.public).await;
    client.status().await;
    client.send("a\nslow\n").await;
    begun(&running).await;
    client.vanish().await;
    tokio::time::timeout(LIMIT, running.things.ended.acquire()).await.expect("the work should end").unwrap().forget();
    place(&running).await;
    assert_eq!(get(running.public("/livez")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_breaks_off_is_answered_as_far_as_it_came_without_a_summary() {
    let running = Running::start();
    let head =
        format!("POST {ECHO} HTTP/1.1\r\nhost: x\r\ncontent-type: {}\r\ncontent-length: 100\r\n\r\n", LINES[0].1);
    let mut stream = TcpStream::connect(running.addresses.public).await.unwrap();
    stream.write_all(format!("{head}a\nbegun").as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let answer = super::client::rest_of(stream).await;
    assert!(answer.contains(r#"{"line":1,"text":{"Ok":"a"}}"#), "{answer}");
    assert!(!answer.contains("begun") && !answer.contains("lines"), "{answer}");
}

#[tokio::test]
async fn a_line_that_gets_no_answer_ends_the_stream_after_the_answers_before_it() {
    let running = Running::start();
    let mut client = Duplex::open(running.addresses.public).await;
    client.status().await;
    client.send("a\nb\ngive up\nd\n").await;
    client.end().await;
    assert_eq!(client.answer().await, echoed(1, "a"));
    assert_eq!(client.answer().await, echoed(2, "b"));
    assert_eq!(client.next().await, Next::End);
}

#[tokio::test]
async fn a_stop_lets_what_has_begun_be_answered_and_takes_in_no_more() {
    let mut running = Running::ready().await;
    let mut client = Duplex::open(running.addresses.public).await;
    client.status().await;
    client.send("a\nslow\n").await;
    assert_eq!(client.answer().await, echoed(1, "a"));
    begun(&running).await;
    running.stop.cancel();
    running.health.draining().cancelled().await;
    client.send("c\n").await;
    running.things.gate.notify_waiters();
    assert_eq!(client.answer().await, echoed(2, "slow"));
    assert_eq!(client.next().await, Next::End, "no summary: it was not all");
    let ended = tokio::time::timeout(LIMIT, &mut running.public).await.expect("the server should end");
    ended.unwrap().unwrap();
}
