//! Looking at processes from outside.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use local_stack::Servers;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A process that does nothing but use the shared servers of a folder.
pub(crate) struct User {
    process: Child,
    pub(crate) servers: Servers,
}

impl User {
    /// `idle_ms`: how long the servers stay without a user.
    pub(crate) fn of(folder: &Path, idle_ms: u32) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_local-stack"))
            .arg("lease")
            .arg(folder)
            .args(["--idle-ms", &idle_ms.to_string()])
            // A run of Cargo would keep the servers for as long as it lasts.
            .env_remove("CARGO")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { process, servers: serde_json::from_str(&line).expect("the servers' addresses") }
    }

    pub(crate) fn kill9(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(crate) fn leave(mut self) {
        drop(self.process.stdin.take());
        self.process.wait().unwrap();
    }
}

/// The processes whose command line has `text` in it; not those that have ended and were not waited for yet.
pub(crate) fn processes_with(text: &str) -> Vec<i32> {
    let proc = Path::new("/proc");
    if !proc.join("self/cmdline").exists() {
        return listed_by_ps(text);
    }
    let entries = std::fs::read_dir(proc).unwrap().flatten();
    entries
        .filter_map(|entry| {
            let line = std::fs::read(entry.path().join("cmdline")).ok()?;
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            line.contains(text).then(|| entry.file_name().to_str()?.parse().ok())?
        })
        .collect()
}

fn listed_by_ps(text: &str) -> Vec<i32> {
    let output = Command::new("ps").args(["-Ao", "pid=,args="]).output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines = lines.lines().filter(|line| line.contains(text));
    lines.filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect()
}

/// The process of the keeper that works in `folder`.
pub(crate) fn keeper_of(folder: &Path) -> i32 {
    let keepers = processes_with(&format!("keeper {}", folder.display()));
    assert_eq!(keepers.len(), 1, "one keeper: {keepers:?}");
    keepers[0]
}

pub(crate) fn kill9(process: i32) {
    kill(Pid::from_raw(process), Signal::SIGKILL).unwrap();
}

/// Waits until `look` finds nothing to complain about; its last complaint is the failure.
pub(crate) fn eventually(look: impl Fn() -> Result<(), String>) {
    let begin = Instant::now();
    while let Err(complaint) = look() {
        assert!(begin.elapsed() < Duration::from_secs(60), "still after a minute: {complaint}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// True when somebody listens at the port of an address such as `127.0.0.1:1234` or a MongoDB URI with one host.
pub(crate) fn listens(address: &str) -> bool {
    let host = address.trim_start_matches("mongodb://").split('/').next().unwrap();
    std::net::TcpStream::connect(host).is_ok()
}

/// Waits until neither the servers nor any process that knows the folder is there.
pub(crate) fn nothing_is_left(folder: &Path, servers: &Servers) {
    eventually(|| gone(servers));
    nobody_knows(&folder.display().to_string());
}

/// Complains while one of the servers listens.
pub(crate) fn gone(servers: &Servers) -> Result<(), String> {
    let still: Vec<&String> =
        [&servers.mongodb_uri, &servers.kafka_brokers].into_iter().filter(|address| listens(address)).collect();
    if still.is_empty() { Ok(()) } else { Err(format!("{still:?} still listen")) }
}

/// Waits until no process has `text` in its command line.
pub(crate) fn nobody_knows(text: &str) {
    eventually(|| match processes_with(text).as_slice() {
        [] => Ok(()),
        some => Err(format!("processes {some:?}")),
    });
}

/// What a process writes to standard error, to be shown when it does not do what it should.
#[derive(Clone)]
pub(crate) struct Words(Arc<Mutex<String>>);

impl Words {
    pub(crate) fn of(process: &mut Child) -> Self {
        let words = Self(Arc::default());
        let (stderr, collected) = (process.stderr.take().unwrap(), words.clone());
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let mut text = collected.0.lock().unwrap();
                text.push_str(&line);
                text.push('\n');
            }
        });
        words
    }

    pub(crate) fn so_far(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}
