//! Before the report has once reached the end of its log it says so: an empty report would be a wrong one.

use local_stack::{Service, ServiceKind, test_settings};
use reqwest::StatusCode;

use super::{ITEMS, monthly};

#[tokio::test]
async fn until_all_of_the_log_was_read_once_a_report_is_unavailable_and_never_empty() {
    let servers = local_stack::servers().await;
    let mut settings = test_settings(ServiceKind::Orders, &servers, &local_stack::random_prefix());
    // Nobody listens there: the log cannot be read, and the service is ready all the same.
    settings.push(("kafka.brokers".to_owned(), "127.0.0.1:9".to_owned()));
    let orders = Service::start(ServiceKind::Orders, &settings).await.unwrap();
    orders.ready().await.unwrap();
    let client = reqwest::Client::new();
    for path in [ITEMS.to_owned(), monthly("z3333")] {
        for accept in ["application/json", "text/csv"] {
            let request = client.get(format!("{}{path}", orders.base_url())).header("Accept", accept);
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path} {accept}");
            assert!(answer.headers().contains_key("retry-after"), "{path} {accept}");
            let problem: serde_json::Value = answer.json().await.unwrap();
            assert_eq!(problem["type"], "/problems/unavailable", "{problem}");
        }
        // What is wrong with the request itself is told first.
        let refused = client.get(format!("{}{path}?nonsense", orders.base_url())).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{path}");
    }
}
