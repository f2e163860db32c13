//! What a client reads: tags, pages, repeats, tokens.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::client::{get, header, raw, refusal, send};
use super::running::Running;

const JSON: (&str, &str) = ("content-type", "application/json");

async fn create(running: &Running, name: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let body = json!({ "name": name }).to_string();
    let headers = [&[JSON], headers].concat();
    send("POST", running.public("/toy/things"), &headers, Some(&body)).await
}

#[tokio::test]
async fn what_is_unchanged_is_not_sent_again() {
    let running = Running::start();
    create(&running, "a", &[]).await;
    let url = || running.public("/toy/things/a");
    let first = get(url()).await;
    let tag = header(&first, "etag").to_owned();
    assert_eq!((tag.as_str(), header(&first, "cache-control")), ("\"1\"", "private, no-cache"));
    let second = send("GET", url(), &[("if-none-match", &tag)], None).await;
    assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(header(&second, "etag"), tag);
    assert_eq!(second.text().await.unwrap(), "");
}

#[tokio::test]
async fn head_is_get_without_the_content() {
    let running = Running::start();
    create(&running, "a", &[]).await;
    for path in ["/toy/things/a", "/toy/things", "/toy/things/none", "/livez", "/openapi.json"] {
        let (full, head) = (get(running.public(path)).await, send("HEAD", running.public(path), &[], None).await);
        assert_eq!(full.status(), head.status(), "{path}");
        assert_eq!(header(&full, "content-type"), header(&head, "content-type"), "{path}");
        assert_eq!(head.text().await.unwrap(), "");
    }
}

#[tokio::test]
async fn head_has_no_content_also_when_the_next_request_is_there_already() {
    let running = Running::start();
    let both = b"HEAD /toy/things/none HTTP/1.1\r\nhost: x\r\n\r\n\
                 GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answers = raw(running.addresses.public, both).await;
    let (first, second) = answers.split_once("\r\n\r\n").unwrap();
    assert!(first.starts_with("HTTP/1.1 404 "), "{answers}");
    assert!(second.starts_with("HTTP/1.1 200 "), "{answers}");
}

#[tokio::test]
async fn pages_lead_to_each_other_by_link_and_by_cursor() {
    let running = Running::start();
    for name in ["a", "b", "c", "d", "e"] {
        create(&running, name, &[]).await;
    }
    let mut path = "/toy/things?limit=2".to_owned();
    let mut seen = Vec::new();
    loop {
        let answer = get(running.public(&path)).await;
        let link = header(&answer, "link").to_owned();
        let page: Value = answer.json().await.unwrap();
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()));
        assert_eq!(link.is_empty(), page.get("next").is_none());
        match link.strip_prefix('<').and_then(|rest| rest.strip_suffix(">; rel=\"next\"")) {
            Some(next) => path = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, ["a", "b", "c", "d", "e"]);
    let elsewhere = path.replace("limit=2", "limit=2&name=a");
    assert_eq!(refusal(get(running.public(&elsewhere)).await).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_repeat_with_the_same_key_finds_what_the_first_created() {
    let running = Running::start();
    let key = [("idempotency-key", "k-1")];
    let first: Value = create(&running, "a", &key).await.json().await.unwrap();
    let second: Value = create(&running, "a", &key).await.json().await.unwrap();
    assert_eq!(first, second);
    let other = refusal(create(&running, "b", &key).await).await;
    assert_eq!(other, (StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused".to_owned()));
    let odd = refusal(create(&running, "b", &[("idempotency-key", "a b")]).await).await;
    assert_eq!(odd.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_token_is_waited_for_or_refused_or_done_without() {
    let running = Running::start();
    let first = create(&running, "a", &[]).await;
    let token = header(&first, "consistency-token").to_owned();
    let url = || running.public("/toy/things/a");
    let current = send("GET", url(), &[("consistency-token", &token), ("prefer", "wait=5")], None).await;
    assert_eq!((current.status(), header(&current, "preference-applied")), (StatusCode::OK, "wait=5"));

    let ahead = shared_events::token::ConsistencyToken::new("thing", "a", 2).encode();
    let refused = send("GET", url(), &[("consistency-token", &ahead), ("prefer", "wait=0")], None).await;
    assert_eq!(header(&refused, "retry-after"), "1");
    assert_eq!(refusal(refused).await, (StatusCode::SERVICE_UNAVAILABLE, "not-yet-consistent".to_owned()));
    let lenient = [("consistency-token", &*ahead), ("prefer", "wait=0, handling=lenient")];
    let stale = send("GET", url(), &lenient, None).await;
    assert_eq!((stale.status(), header(&stale, "consistency")), (StatusCode::OK, "stale"));
}
