//! Looking at processes from outside.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests: a surprise is a failure"
)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
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
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        Self {
            process,
            servers: serde_json::from_str(&line).expect("the servers' addresses"),
        }
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

/// The processes whose command line has `text` in it.
pub(crate) fn processes_with(text: &str) -> Vec<i32> {
    let output = Command::new("ps")
        .args(["-eo", "pid=,args="])
        .output()
        .unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    lines
        .lines()
        .filter(|line| line.contains(text))
        .filter_map(|line| line.split_whitespace().next()?.parse().ok())
        .collect()
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
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "still after a minute: {complaint}"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// True when somebody listens at the port of an address such as `127.0.0.1:1234` or a MongoDB URI with one host.
pub(crate) fn listens(address: &str) -> bool {
    let host = address
        .trim_start_matches("mongodb://")
        .split('/')
        .next()
        .unwrap();
    std::net::TcpStream::connect(host).is_ok()
}
