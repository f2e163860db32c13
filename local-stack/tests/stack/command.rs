//! `cargo stack servers` as its user sees it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use local_stack::Servers;
use mongodb::bson::{Document, doc};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{Words, kill9, nothing_is_left, processes_with};

/// The command, with the data in `folder` and any free ports unless `options` say otherwise.
fn command(folder: &Path, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local-stack"));
    command
        .args(["servers", "--mongodb-port", "0", "--data"])
        .arg(folder)
        .args(options)
        .env_remove("MONGODB_URI")
        .env_remove("KAFKA_BROKERS")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

struct Running {
    process: Child,
    servers: Servers,
}

impl Running {
    fn start(folder: &Path, options: &[&str]) -> Self {
        let mut process = command(folder, options).spawn().unwrap();
        let words = Words::of(&mut process);
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut value_of = |name: &str| {
            let begin = format!("  {name}='");
            let line = lines.find(|line| line.starts_with(&begin)).unwrap_or_else(|| panic!("{}", words.so_far()));
            line.trim_start_matches(&begin).trim_end_matches('\'').to_owned()
        };
        let (mongodb_uri, kafka_brokers) = (value_of("MONGODB_URI"), value_of("KAFKA_BROKERS"));
        Self { process, servers: Servers { mongodb_uri, kafka_brokers } }
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.process.id().try_into().unwrap()), signal).unwrap();
    }
}

fn refusal(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap().trim_end().to_owned()
}

async fn things(servers: &Servers) -> mongodb::Collection<Document> {
    let client = mongodb::Client::with_uri_str(&servers.mongodb_uri).await.unwrap();
    client.database("kept").collection("things")
}

#[tokio::test]
async fn data_survives_a_kill_and_other_ports_until_a_fresh_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Running::start(folder.path(), &["--kafka-port", "0"]);
    things(&first.servers).await.insert_one(doc! { "_id": 1 }).await.unwrap();
    first.signal(Signal::SIGKILL);
    first.process.wait().unwrap();

    // At once: the guards of the killed run are still at work.
    let mut second = Running::start(folder.path(), &["--kafka-port", "0"]);
    assert_ne!(first.servers, second.servers);
    assert_eq!(things(&second.servers).await.count_documents(doc! {}).await.unwrap(), 1);
    second.signal(Signal::SIGTERM);
    assert_eq!(second.process.wait().unwrap().code(), Some(0));

    let mut third = Running::start(folder.path(), &["--kafka-port", "0", "--fresh"]);
    assert_eq!(things(&third.servers).await.count_documents(doc! {}).await.unwrap(), 0);
    third.signal(Signal::SIGINT);
    assert_eq!(third.process.wait().unwrap().code(), Some(0));
    nothing_is_left(folder.path(), &third.servers);
}

#[test]
fn a_kill_of_the_command_leaves_nothing_running() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(folder.path(), &["--kafka-port", "0"]);
    running.signal(Signal::SIGKILL);
    running.process.wait().unwrap();
    nothing_is_left(folder.path(), &running.servers);
}

#[test]
fn a_server_that_ends_by_itself_ends_the_command_with_its_last_words() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(folder.path(), &["--kafka-port", "0"]);
    let broker = processes_with("kafka.Kafka ");
    let mine = processes_with(&folder.path().display().to_string());
    let guard_or_broker = broker.into_iter().find(|process| mine.contains(process)).expect("a broker");
    kill9(guard_or_broker);
    assert_eq!(running.process.wait().unwrap().code(), Some(1));
    nothing_is_left(folder.path(), &running.servers);
}

#[test]
fn a_taken_port_is_one_sentence_with_the_option_that_changes_it() {
    let folder = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    assert_eq!(
        refusal(command(folder.path(), &["--kafka-port", &port])),
        format!("port {port}, which Kafka wants, is taken: choose another one with --kafka-port PORT")
    );
}

#[test]
fn fresh_is_refused_for_given_servers() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(folder.path(), &["--fresh"]);
    command.env("KAFKA_BROKERS", "127.0.0.1:1");
    assert_eq!(
        refusal(command),
        "--fresh empties only servers that cargo stack started itself: unset MONGODB_URI and KAFKA_BROKERS, or leave it out"
    );
}

#[test]
fn a_second_stack_with_the_same_data_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(folder.path(), &["--kafka-port", "0"]);
    let sentence = refusal(command(folder.path(), &["--kafka-port", "0"]));
    assert!(sentence.starts_with("another cargo stack runs with the data in "), "{sentence}");
    running.signal(Signal::SIGTERM);
    assert_eq!(running.process.wait().unwrap().code(), Some(0));
}
