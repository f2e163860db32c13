//! A process that runs: its first line, its probes while a server is away, and its end.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use accounts::settings::Settings;
use accounts::startup;
use service_kit::settings::from_pairs;
use service_kit::supervisor::{Outcome, Stop};

/// accounts on any free ports with these variables, and with none of this process's own.
pub(crate) fn command(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_accounts"));
    let own = std::env::vars_os().map(|(name, _)| name);
    for name in own.filter(|name| name.to_string_lossy().starts_with("ACCOUNTS__")) {
        command.env_remove(name);
    }
    command.env("ACCOUNTS__HTTP__PORT", "0").env("ACCOUNTS__HTTP__OPERATIONS_PORT", "0");
    command.envs(variables.iter().copied());
    command
}

/// Kills the process when a test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _already_ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// The operations address in the first line of output.
fn operations(running: &mut Running) -> String {
    let mut line = String::new();
    BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    format!("http://{}", line["listening"]["operations"].as_str().unwrap())
}

#[tokio::test]
async fn probes_answer_while_mongodb_is_waited_for_and_a_stop_does_not_wait() {
    let away = [("ACCOUNTS__MONGO__URI", "mongodb://127.0.0.1:9"), ("ACCOUNTS__KAFKA__BROKERS", "127.0.0.1:9")];
    let child = command(&away).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut running = Running(child);
    let at = operations(&mut running);
    assert_eq!(reqwest::get(format!("{at}/livez")).await.unwrap().status(), 200);
    let not_ready = reqwest::get(format!("{at}/readyz")).await.unwrap();
    assert_eq!(not_ready.status(), 503);
    assert!(not_ready.headers().contains_key("retry-after"));

    let asked = Command::new("kill").args(["-TERM", &running.0.id().to_string()]).status().unwrap();
    assert!(asked.success());
    assert_eq!(running.0.wait().unwrap().code(), Some(0));
}

#[tokio::test]
async fn a_service_started_in_process_takes_customers_and_stops_in_order() {
    let servers = local_stack::servers().await;
    let prefix = local_stack::random_prefix();
    let settings: Settings = from_pairs([
        ("mongo.uri", servers.mongodb_uri.clone()),
        ("mongo.database", format!("{prefix}accounts")),
        ("kafka.brokers", servers.kafka_brokers.clone()),
        ("kafka.topic_prefix", prefix.clone()),
        ("http.port", "0".to_owned()),
        ("http.operations_port", "0".to_owned()),
    ])
    .unwrap();
    let application = startup::build(settings).await.unwrap();
    let public = format!("http://{}", application.addresses().public);
    let stop = Stop::new();
    let running = tokio::spawn(application.run_until_stopped(stop.clone()));

    let sample = include_str!("../../src/customer/sample.json");
    let created = async {
        loop {
            let request = reqwest::Client::new().post(format!("{public}/accounts/customers"));
            let answer = request.header("content-type", "application/json").body(sample).send().await.unwrap();
            // 503 until the database was compared with its log.
            if answer.status() != 503 {
                return answer.status();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let created = tokio::time::timeout(Duration::from_secs(60), created).await.unwrap();
    assert_eq!(created, 201);
    stop.ask();
    assert!(matches!(running.await.unwrap(), Outcome::Stopped));
    local_stack::drop_prefix(&servers, &prefix).await.unwrap();
}
