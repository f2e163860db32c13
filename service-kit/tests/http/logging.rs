//! What of a request stands in the log.

use std::io::{self, Write};
use std::sync::{Mutex, Once};

use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;

use super::client::{header, send};
use super::running::Running;

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}

/// The lines that belong to a request, from a log that all tests of this binary write.
fn lines_of(request_id: &str) -> Vec<Value> {
    let text = String::from_utf8(LINES.lock().unwrap().clone()).unwrap();
    let lines = text.lines().filter(|line| line.contains(request_id));
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn start_log() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| tracing_subscriber::fmt().json().with_writer(Lines).init());
}

#[tokio::test]
async fn each_request_is_one_line_with_its_trace_and_without_its_content() {
    start_log();
    let running = Running::start();
    let headers = [
        ("x-request-id", "logged-1"),
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("content-type", "application/json"),
        ("idempotency-key", "secret-key"),
    ];
    let answer = send("POST", running.public("/toy/things?name=secret-value"), &headers, Some("secret-body")).await;
    assert_eq!(header(&answer, "x-request-id"), "logged-1");

    let lines = lines_of("logged-1");
    assert_eq!(lines.len(), 1, "{lines:?}");
    let (span, fields) = (&lines[0]["span"], &lines[0]["fields"]);
    assert_eq!(span["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!((span["method"].as_str(), span["path"].as_str()), (Some("POST"), Some("/toy/things")));
    assert_eq!((fields["route"].as_str(), fields["status"].as_u64()), (Some("/toy/things"), Some(400)));
    assert!(!lines[0].to_string().contains("secret"), "{}", lines[0]);
}

#[tokio::test]
async fn probes_do_not_fill_the_log() {
    start_log();
    let running = Running::start();
    send("GET", running.public("/livez"), &[("x-request-id", "logged-2")], None).await;
    assert_eq!(lines_of("logged-2"), Vec::<Value>::new());
}
