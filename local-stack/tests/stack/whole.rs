//! `cargo stack` as a newcomer sees it: from the command to "ready", what it shows, and its end.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use local_stack::{ServiceKind, random_prefix, test_settings};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::support::{Words, eventually, kill9, nobody_knows, processes_with};

struct Stack {
    process: Child,
    accounts: String,
    orders: String,
}

impl Stack {
    /// Starts it with any free ports, and waits until it says that it is ready.
    fn start(data: &Path) -> Self {
        let ports = ["mongodb", "kafka", "accounts", "accounts-ops", "orders", "orders-ops"];
        let mut process = Command::new(env!("CARGO_BIN_EXE_local-stack"))
            .arg("--data")
            .arg(data)
            .args(ports.iter().flat_map(|name| [format!("--{name}-port"), "0".to_owned()]))
            .env_remove("MONGODB_URI")
            .env_remove("KAFKA_BROKERS")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let words = Words::of(&mut process);
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut url_of = |service: &str| {
            let line = lines.find(|line| line.trim_start().starts_with(service));
            let line = line.unwrap_or_else(|| panic!("the stack is not ready: {}", words.so_far()));
            let link = line.split_whitespace().nth(1).unwrap();
            link.strip_suffix("/swagger-ui/").unwrap().to_owned()
        };
        let (accounts, orders) = (url_of("accounts"), url_of("orders"));
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, accounts, orders }
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.process.id().try_into().unwrap()), signal).unwrap();
    }
}

#[tokio::test]
async fn both_services_have_the_samples_and_a_second_start_changes_none_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for _ in 0..2 {
        let mut stack = Stack::start(&data);
        let copy: Value = json(&format!("{}/orders/order/12345", stack.orders)).await;
        assert_eq!(copy["addresses"].as_array().map(Vec::len), Some(2), "{copy}");
        let customers = json(&format!("{}/accounts/customers?limit=200", stack.accounts)).await;
        let items = customers["items"].as_array().unwrap();
        assert_eq!(items.len(), 29);
        assert!(items.iter().all(|customer| customer["version"] == 1), "{customers}");
        shows_the_sample_orders(&stack.orders).await;
        assert!(reqwest::get(format!("{}/swagger-ui/", stack.orders)).await.unwrap().status().is_success());

        stack.signal(Signal::SIGTERM);
        assert_eq!(stack.process.wait().unwrap().code(), Some(0));
        nobody_knows(&data.display().to_string());
    }
}

/// The reports count what was placed, fulfilled and cancelled since they count; a second loading adds nothing.
async fn shows_the_sample_orders(orders: &str) {
    let (mut ids, mut cursor) = (HashSet::new(), String::new());
    loop {
        let page = json(&format!("{orders}/orders?limit=200{cursor}")).await;
        for order in page["items"].as_array().unwrap() {
            let ended = order["status"] != "PLACED";
            assert_eq!(order["version"], if ended { 2 } else { 1 }, "{order}");
            assert!(ids.insert(order["id"].as_str().unwrap().to_owned()), "{order}");
        }
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(ids.len(), 303);
    assert!(["6119", "sample-cancel", "sample-fulfil"].iter().all(|id| ids.contains(*id)));

    let report = json(&format!("{orders}/orders/reports/item-sales?limit=200")).await;
    let sold = |item: &str| report["items"].as_array().unwrap().iter().find(|row| row["itemId"] == item).cloned();
    assert_eq!(
        (&sold("z3333").unwrap()["totalOrdered"], &sold("z4444").unwrap()["totalOrdered"]),
        (&6.into(), &3.into())
    );
    assert_eq!(report["items"].as_array().map(Vec::len), Some(16), "{report}");
    let months = json(&format!("{orders}/orders/reports/item-sales/espresso-beans/monthly")).await;
    assert!(months.as_array().unwrap().len() >= 6, "{months}");
}

#[test]
fn a_killed_stack_leaves_neither_services_nor_servers() {
    let folder = tempfile::tempdir().unwrap();
    let mut stack = Stack::start(folder.path());
    stack.signal(Signal::SIGKILL);
    stack.process.wait().unwrap();
    nobody_knows(&folder.path().display().to_string());
    eventually(|| match std::net::TcpStream::connect(stack.accounts.trim_start_matches("http://")) {
        Ok(_) => Err("accounts answers".to_owned()),
        Err(_) => Ok(()),
    });
}

#[test]
fn a_service_that_dies_ends_the_stack() {
    let folder = tempfile::tempdir().unwrap();
    let mut stack = Stack::start(folder.path());
    let lock = folder.path().join("services-in-use").display().to_string();
    // The guards of both services name it, and each service is the child that its guard started.
    let guard = processes_with(&format!("--hold {lock}")).into_iter().next().expect("the guard of a service");
    kill9(guard);
    assert_eq!(stack.process.wait().unwrap().code(), Some(1));
    nobody_knows(&folder.path().display().to_string());
}

#[tokio::test]
async fn a_service_of_a_tests_own_is_killed_and_starts_again_where_it_was() {
    let servers = local_stack::servers().await;
    let prefix = random_prefix();
    let settings = test_settings(ServiceKind::Accounts, &servers, &prefix);
    let service = local_stack::Service::start(ServiceKind::Accounts, &settings).await.unwrap();
    service.ready().await.unwrap();
    service.kill9();
    assert!(!service.ended().await.success());

    let again = service.start_again().await.unwrap();
    assert_eq!(again.base_url(), service.base_url());
    again.ready().await.unwrap();
    again.terminate();
    assert_eq!(again.ended().await.code(), Some(0));
    local_stack::drop_prefix(&servers, &prefix).await.unwrap();
}

async fn json(url: &str) -> Value {
    reqwest::get(url).await.unwrap().json().await.unwrap()
}
