//! Many customers in one request.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::bodies::{full, small, with, without};
use crate::harness::{Accounts, Answer, Ask};

const IMPORT: &str = "/accounts/customers:import";
const NDJSON: &str = "application/x-ndjson";
/// Longer than anything here takes, shorter than a run of tests may hang.
const LIMIT: Duration = Duration::from_secs(60);

fn ask(accounts: &Accounts) -> Ask<'_> {
    accounts.post(IMPORT).header("Content-Type", NDJSON)
}

fn lines<'a>(customers: impl IntoIterator<Item = &'a Value>) -> String {
    customers.into_iter().map(|customer| format!("{customer}\n")).collect()
}

/// The results of a complete import and its summary.
fn results(answer: &Answer) -> (Vec<Value>, Value) {
    assert_eq!((answer.status, answer.header("content-type")), (200, NDJSON), "{answer:?}");
    let mut lines: Vec<Value> = answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let summary = lines.pop().unwrap();
    assert!(summary["summary"].is_object(), "{summary}");
    (lines, summary["summary"].clone())
}

async fn import(accounts: &Accounts, body: String) -> (Vec<Value>, Value) {
    results(&ask(accounts).text(&body).send().await)
}

fn with_status(results: &[Value], status: &str) -> usize {
    results.iter().filter(|result| result["status"] == status).count()
}

fn pointers(result: &Value) -> Vec<&str> {
    let errors = result["errors"].as_array().into_iter().flatten();
    errors.map(|fault| fault["pointer"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn each_line_is_answered_with_what_became_of_it_and_a_bad_one_harms_no_other() {
    let accounts = Accounts::start().await;
    accounts.create(&full("same")).await;
    accounts.create(&small("other")).await;
    accounts.create(&small("gone")).await;
    accounts.delete("/accounts/customers/gone").if_match("*").send().await;
    let card = with(small("card"), "/name/firstName", json!("4111 1111 1111 1111"));
    let body = [
        lines([&full("a"), &without(small("made"), "/id"), &full("same"), &with(small("n"), "/id", json!(7))]),
        "\r\n".to_owned(),
        lines([&with(small("other"), "/name/lastName", json!("Else")), &small("gone")]),
        lines([&with(small("b"), "/contact/email", json!(" OTHER@example.com ")), &without(small("other"), "/id")]),
        lines([&card, &json!([]), &json!({"id": "c", "name": {"lastName": 1}, "colour": "red"})]),
        "{\"id\": \n".to_owned(),
        small("last").to_string(),
    ]
    .concat();
    let (results, summary) = import(&accounts, body).await;

    let told = |index: usize| (results[index]["line"].as_u64().unwrap(), results[index]["status"].as_str().unwrap());
    let about = |index: usize| (&results[index]["id"], &results[index]["version"]);
    assert_eq!((told(0), about(0)), ((1, "created"), (&json!("a"), &json!(1))));
    assert_eq!((told(1), &results[1]["version"]), ((2, "created"), &json!(1)));
    assert_eq!((told(2), about(2)), ((3, "unchanged"), (&json!("same"), &json!(1))));
    assert_eq!((told(3), about(3)), ((4, "created"), (&json!("7"), &json!(1))));
    assert_eq!((told(4), about(4)), ((6, "conflict"), (&json!("other"), &json!(null))));
    assert_eq!((told(5), pointers(&results[5])), ((7, "conflict"), vec!["/id"]));
    assert_eq!((told(6), pointers(&results[6])), ((8, "conflict"), vec!["/contact/email"]));
    assert_eq!((told(7), about(7)), ((9, "conflict"), (&json!(null), &json!(null))));
    assert_eq!((told(8), pointers(&results[8])), ((10, "invalid"), vec!["/name/firstName"]));
    assert_eq!((told(9), pointers(&results[9])), ((11, "invalid"), vec![""]));
    let faults = vec!["/name/firstName", "/name/lastName", "/contact", "/colour"];
    assert_eq!((told(10), pointers(&results[10]), &results[10]["id"]), ((12, "invalid"), faults, &json!("c")));
    assert_eq!((told(11), pointers(&results[11])), ((13, "invalid"), vec![""]));
    assert_eq!((told(12), about(12)), ((14, "created"), (&json!("last"), &json!(1))));
    assert_eq!(summary, json!({"lines": 13, "created": 4, "unchanged": 1, "conflict": 4, "invalid": 4}));

    assert!(!results.iter().any(|result| result.to_string().contains("1111")), "a card number is never repeated");
    let read = accounts.get("/accounts/customers/a").send().await.json();
    assert_eq!((&read["creditCards"][0]["lastFour"], &read["status"]), (&json!("1111"), &json!("ACTIVE")));
    let made = accounts.get(&format!("/accounts/customers/{}", results[1]["id"].as_str().unwrap())).send().await;
    assert_eq!(made.json()["contact"]["email"], "made@example.com");
    accounts.stop().await;
}

#[tokio::test]
async fn of_lines_that_want_the_same_only_one_gets_it() {
    let accounts = Accounts::start().await;
    let same_content: Vec<_> = (0..50).map(|_| small("twin")).collect();
    let same_id = (0..50).map(|n| with(small("one"), "/contact/email", json!(format!("one-{n}@example.com"))));
    let same_email = (0..50).map(|n| with(small(&format!("e{n}")), "/contact/email", json!("e@example.com")));
    let all: Vec<_> = same_content.into_iter().chain(same_id).chain(same_email).collect();
    let (results, summary) = import(&accounts, lines(&all)).await;
    let counts = |results: &[Value]| ["created", "unchanged", "conflict"].map(|status| with_status(results, status));
    assert_eq!(counts(&results[..50]), [1, 49, 0]);
    assert_eq!(counts(&results[50..100]), [1, 0, 49]);
    assert_eq!(counts(&results[100..]), [1, 0, 49]);
    assert_eq!(summary, json!({"lines": 150, "created": 3, "unchanged": 49, "conflict": 98, "invalid": 0}));
    assert_eq!((accounts.stored().await.len(), accounts.published(3).await.len()), (3, 3));
    accounts.stop().await;
}

#[tokio::test]
async fn ten_thousand_customers_are_created_and_published_and_a_repeat_changes_nothing() {
    let accounts = Accounts::start().await;
    let count = 10_000;
    let body: String = (0..count).map(|n| format!("{}\n", full(&format!("c{n}")))).collect();
    let (results, summary) = import(&accounts, body.clone()).await;
    assert_eq!(summary, json!({"lines": count, "created": count, "unchanged": 0, "conflict": 0, "invalid": 0}));
    for (n, result) in results.iter().enumerate() {
        assert_eq!(*result, json!({"line": n + 1, "status": "created", "id": format!("c{n}"), "version": 1}));
    }
    assert_complete(&accounts, count).await;

    let (results, summary) = import(&accounts, body).await;
    assert_eq!(summary, json!({"lines": count, "created": 0, "unchanged": count, "conflict": 0, "invalid": 0}));
    assert_eq!(results[0], json!({"line": 1, "status": "unchanged", "id": "c0", "version": 1}));
    assert_complete(&accounts, count).await;
    accounts.stop().await;
}

/// So many customers, each with one event, whose content is what is stored.
async fn assert_complete(accounts: &Accounts, count: usize) {
    let published = accounts.published(count).await;
    let told: BTreeMap<&str, &str> =
        published.iter().map(|event| (event.key.as_str(), event.header("ce_sequence"))).collect();
    assert_eq!((published.len(), told.len()), (count, count));
    assert!(told.values().all(|sequence| *sequence == "00000000000000000001"));
    let stored: BTreeSet<String> =
        accounts.stored().await.iter().map(|customer| customer.get_str("_id").unwrap().to_owned()).collect();
    assert!(stored.iter().map(String::as_str).eq(told.into_keys()));
}

#[tokio::test]
async fn an_import_whose_client_goes_away_can_be_repeated() {
    let accounts = Accounts::start().await;
    let count = 3000;
    let body: String = (0..count).map(|n| format!("{}\n", small(&format!("c{n}")))).collect();
    let mut client = begin(&accounts, &format!("content-length: {}", body.len())).await;
    let half = body.len() / 2;
    client.write_all(&body.as_bytes()[..half]).await.unwrap();
    // Some answers have come: the client dies in the middle of everything.
    client.read_exact(&mut [0; 1000]).await.unwrap();
    drop(client);

    let (results, summary) = import(&accounts, body).await;
    assert_eq!(with_status(&results, "created") + with_status(&results, "unchanged"), count);
    assert!(summary["unchanged"].as_u64().unwrap() > 0, "{summary}");
    assert_complete(&accounts, count).await;
    accounts.stop().await;
}

#[tokio::test]
async fn a_line_may_be_as_large_as_a_body_and_a_larger_one_is_invalid() {
    let accounts = Accounts::start().await;
    let limit = 256 * 1024;
    let padded = |customer: Value, size: usize| {
        let text = customer.to_string();
        format!("{}{}}}\n", &text[..text.len() - 1], " ".repeat(size - text.len()))
    };
    let body = [
        padded(small("fits"), limit),
        padded(small("large"), limit + 1),
        "x".repeat(40 * limit),
        lines([&json!(null), &small("after")]),
    ];
    let (results, summary) = import(&accounts, body.concat()).await;
    let told: Vec<_> = results.iter().map(|result| (&result["status"], pointers(result))).collect();
    let (created, invalid) = (&json!("created"), &json!("invalid"));
    assert_eq!(told, [(created, vec![]), (invalid, vec![""]), (invalid, vec![""]), (created, vec![])]);
    assert_eq!(results[1]["errors"][0]["detail"], "must have at most 262144 bytes");
    assert_eq!(summary["lines"], 4);
    accounts.stop().await;
}

#[tokio::test]
async fn what_is_no_text_is_invalid_and_marks_and_line_ends_of_other_systems_are_read() {
    let accounts = Accounts::start().await;
    let mut body = b"\xef\xbb\xbf".to_vec();
    body.extend_from_slice(format!("{}\r\n\t\r\n", small("a")).as_bytes());
    body.extend_from_slice(b"\xff\xfe\r\n{\"id\": \"\xff\"}\n");
    body.extend_from_slice(small("b").to_string().as_bytes());
    let (results, _) = results(&ask(&accounts).bytes(body).send().await);
    let told: Vec<_> = results.iter().map(|result| (result["line"].as_u64().unwrap(), &result["status"])).collect();
    let (created, invalid) = (&json!("created"), &json!("invalid"));
    assert_eq!(told, [(1, created), (3, invalid), (4, invalid), (5, created)]);
    let (results, summary) = import(&accounts, "\n \n".to_owned()).await;
    assert_eq!((results.len(), &summary["lines"]), (0, &json!(0)));
    accounts.stop().await;
}

#[tokio::test]
async fn what_is_wrong_with_the_request_itself_is_a_problem() {
    let accounts = Accounts::start().await;
    let refused = accounts.post(IMPORT).text("{}\n").send().await;
    assert_eq!((refused.status, refused.problem()), (415, "unsupported-media-type".to_owned()));
    assert_eq!(refused.header("accept"), "application/x-ndjson, application/jsonl");
    let refused = accounts.post(&format!("{IMPORT}?dryRun=1")).header("Content-Type", NDJSON).text("{}\n").send().await;
    assert_eq!((refused.status, refused.problem()), (400, "malformed-request".to_owned()));
    let refused = accounts.get(IMPORT).send().await;
    assert_eq!((refused.status, refused.header("allow")), (405, "POST"));
    assert!(accounts.stored().await.is_empty());

    accounts.lose_the_database().await;
    let refused = ask(&accounts).json(&small("a")).send().await;
    assert_eq!((refused.status, refused.problem()), (503, "unavailable".to_owned()));
    assert!(!refused.header("retry-after").is_empty());
}

#[tokio::test]
async fn lines_wait_while_kafka_does_not_keep_up() {
    let accounts = Accounts::start_with(&[("write_path.hand_off_queue", "1"), ("write_path.queue", "8")]).await;
    let all: Vec<_> = (0..100).map(|n| small(&format!("c{n}"))).collect();
    let (_, summary) = import(&accounts, lines(&all)).await;
    assert_eq!(summary, json!({"lines": 100, "created": 100, "unchanged": 0, "conflict": 0, "invalid": 0}));
    assert_complete(&accounts, 100).await;
    accounts.stop().await;
}

#[tokio::test]
async fn an_import_ends_without_a_summary_when_writes_stay_impossible() {
    let accounts = Accounts::start_with(&[("http.stall_timeout_ms", "3000")]).await;
    let mut client = begin(&accounts, "transfer-encoding: chunked").await;
    client.write_all(chunk(&format!("{}\n", small("a"))).as_bytes()).await.unwrap();
    let mut answer = until(&mut client, "created").await;
    accounts.lose_the_database().await;
    client.write_all(chunk(&format!("{}\n", small("b"))).as_bytes()).await.ok();
    let rest = tokio::time::timeout(LIMIT, client.read_to_string(&mut answer)).await;
    rest.expect("the import should be ended").unwrap();
    assert!(answer.ends_with("\r\n0\r\n\r\n") && !answer.contains("summary"), "{answer}");
    assert_eq!(answer.matches("\"line\"").count(), 1, "{answer}");
}

#[tokio::test]
async fn a_client_that_never_reads_is_cut_off_and_harms_nobody() {
    let accounts = Accounts::start_with(&[("http.stall_timeout_ms", "1000"), ("http.max_streams", "1")]).await;
    let mut client = begin(&accounts, "transfer-encoding: chunked").await;
    let ones = chunk(&"1\n".repeat(4096));
    let mut taken = 0;
    let sending = async {
        while client.write_all(ones.as_bytes()).await.is_ok() {
            taken += ones.len();
            assert!(taken < 100_000_000, "everything is taken in");
        }
    };
    tokio::time::timeout(LIMIT, sending).await.expect("the client should be cut off");
    accounts.create(&small("a")).await;
    let (results, _) = import(&accounts, lines([&small("b")])).await;
    assert_eq!(results[0]["status"], "created");
    accounts.stop().await;
}

/// Sends the head of an import and reads nothing.
async fn begin(accounts: &Accounts, framing: &str) -> TcpStream {
    let mut client = TcpStream::connect(accounts.address()).await.unwrap();
    let head = format!("POST {IMPORT} HTTP/1.1\r\nhost: x\r\ncontent-type: {NDJSON}\r\n{framing}\r\n\r\n");
    client.write_all(head.as_bytes()).await.unwrap();
    client
}

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

/// Reads until the answer has this in it.
async fn until(client: &mut TcpStream, what: &str) -> String {
    let mut answer = String::new();
    let reading = async {
        while !answer.contains(what) {
            answer.push(char::from(client.read_u8().await.unwrap()));
        }
    };
    tokio::time::timeout(LIMIT, reading).await.expect("an answer should come");
    answer
}
