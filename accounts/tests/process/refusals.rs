//! Starts that are refused: with which code, and in one sentence that names the remedy.

use std::fs;
use std::net::TcpListener;
use std::process::Output;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;

use crate::running::command;

fn run(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    command(settings).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The cause in the last log line.
fn cause(output: &Output) -> String {
    let log = text(&output.stderr);
    let last: serde_json::Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    last["cause"].as_str().unwrap().to_owned()
}

#[test]
fn a_wrong_setting_ends_the_start_with_code_2_and_one_sentence() {
    for (variable, value, sentence) in [
        (
            "ACCOUNTS__HTTP__PROT",
            "1",
            "there is no setting http.prot (the environment variable ACCOUNTS__HTTP__PROT): did you mean ACCOUNTS__HTTP__PORT?\n",
        ),
        (
            "ACCOUNTS__HTTP__PORT",
            "many",
            "http.port (from ACCOUNTS__HTTP__PORT) must be a whole number: correct it there\n",
        ),
        (
            "ACCOUNTS__KAFKA__TOPICS",
            "drop",
            "kafka.topics (from ACCOUNTS__KAFKA__TOPICS) cannot be used: unknown variant `drop`, expected `create` or `verify`\n",
        ),
    ] {
        let output = run(&[], &[(variable, value)]);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!((text(&output.stdout).as_str(), text(&output.stderr).as_str()), ("", sentence));
    }
}

#[test]
fn what_is_in_effect_is_printed_without_secrets_and_can_be_used_as_a_file() {
    let uri = ("ACCOUNTS__MONGO__URI", "mongodb://me:hunter2@host");
    let printed = run(&["--print-config"], &[uri, ("ACCOUNTS__HTTP__WORKERS", "3")]);
    assert!(printed.status.success() && !text(&printed.stdout).contains("hunter2"), "{printed:?}");

    let file = std::env::temp_dir().join(format!("accounts-{}.toml", std::process::id()));
    fs::write(&file, &printed.stdout).unwrap();
    let again = run(&["--config", file.to_str().unwrap(), "--print-config"], &[]);
    fs::remove_file(&file).unwrap();
    let workers = format!("workers = 3 # {}\n", file.display());
    assert!(again.status.success() && text(&again.stdout).contains(&workers), "{again:?}");
}

#[test]
fn a_taken_port_is_refused_with_code_3_and_the_setting_that_changes_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(&[], &[("ACCOUNTS__HTTP__PORT", &port)]);
    assert_eq!(output.status.code(), Some(3));
    assert!(cause(&output).contains("http.port"), "{output:?}");
}

#[test]
fn a_connection_string_that_is_none_is_refused_without_quoting_it() {
    let output = run(&[], &[("ACCOUNTS__MONGO__URI", "mongodb://me:hunter2:x@host")]);
    assert_eq!(output.status.code(), Some(3));
    assert!(cause(&output).contains("mongo.uri") && !text(&output.stderr).contains("hunter2"), "{output:?}");
}

#[tokio::test]
async fn a_topic_that_is_no_history_is_refused_with_the_command_that_heals_it() {
    let servers = local_stack::servers().await;
    let prefix = local_stack::random_prefix();
    let topic = format!("{prefix}accounts.customer.change");
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", &servers.kafka_brokers).create().unwrap();
    let expiring = NewTopic::new(&topic, 1, TopicReplication::Fixed(1)).set("retention.ms", "604800000");
    admin.create_topics([&expiring], &AdminOptions::new()).await.unwrap()[0].as_ref().unwrap();

    let settings = [
        ("ACCOUNTS__MONGO__URI", servers.mongodb_uri.clone()),
        ("ACCOUNTS__MONGO__DATABASE", format!("{prefix}accounts")),
        ("ACCOUNTS__KAFKA__BROKERS", servers.kafka_brokers.clone()),
        ("ACCOUNTS__KAFKA__TOPIC_PREFIX", prefix.clone()),
    ];
    let output = tokio::task::spawn_blocking(move || {
        drop(admin);
        run(&[], &settings.each_ref().map(|(name, value)| (*name, value.as_str())))
    });
    let output = output.await.unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let cause = cause(&output);
    assert!(cause.contains("retention.ms=604800000") && cause.contains("--add-config retention.ms=-1"), "{cause}");
    local_stack::drop_prefix(&servers, &prefix).await.unwrap();
}
