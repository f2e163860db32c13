//! A guarded program never outlives its owner.

use std::path::Path;
use std::time::Duration;

use local_stack::process::{Guarded, Launch};

use crate::support::{kill9, nobody_knows, processes_with};

/// A shell script as a program; `mark` makes its processes recognisable.
fn launch(folder: &Path, script: &str) -> (Launch, String) {
    let mark = local_stack::random_prefix();
    let launch = Launch::new("a program", "sh", &folder.join("log")).args(["-c", script, mark.as_str()]);
    (launch, mark)
}

async fn start(folder: &Path, script: &str) -> (Guarded, String) {
    let (launch, mark) = launch(folder, script);
    let program = launch.read_first_line().start().unwrap();
    assert_eq!(program.first_line().await.unwrap(), "started");
    (program, mark)
}

const UNTIL_KILLED: &str = "echo started; while true; do sleep 1; done";

#[tokio::test]
async fn it_ends_when_its_owner_lets_go_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (program, mark) = start(folder.path(), UNTIL_KILLED).await;
    assert_eq!(processes_with(&mark).len(), 2, "the guard and the program");
    drop(program);
    nobody_knows(&mark);
}

#[tokio::test]
async fn it_ends_when_its_guard_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let (program, mark) = start(folder.path(), UNTIL_KILLED).await;
    kill9(program.group());
    program.ended().await;
    nobody_knows(&mark);
}

#[tokio::test]
async fn a_crash_takes_program_and_guard() {
    let folder = tempfile::tempdir().unwrap();
    let (program, mark) = start(folder.path(), UNTIL_KILLED).await;
    program.kill9();
    program.ended().await;
    nobody_knows(&mark);
}

#[tokio::test]
async fn it_is_asked_to_end_and_may_do_so_in_its_own_way() {
    let folder = tempfile::tempdir().unwrap();
    let script = "trap 'echo finished >&2; exit 7' TERM; echo started; while true; do sleep 0.05; done";
    let (program, _) = start(folder.path(), script).await;
    program.terminate();
    assert_eq!(program.ended().await.code(), Some(7));
    assert!(program.last_words().ends_with("  started\n  finished"), "{}", program.last_words());
}

#[tokio::test]
async fn it_is_killed_when_it_does_not_end_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let (launch, _) = launch(folder.path(), "trap '' TERM; echo started; while true; do sleep 0.05; done");
    let program = launch.read_first_line().grace(Duration::from_millis(200)).start().unwrap();
    program.first_line().await.unwrap();
    assert_eq!(program.stop().await.code(), Some(128 + 9));
}

#[tokio::test]
async fn its_folder_goes_when_the_owner_lets_go_and_stays_when_it_ended_by_itself() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    for (script, stays) in [("echo started", true), (UNTIL_KILLED, false)] {
        std::fs::create_dir_all(&folder).unwrap();
        let (launch, _) = launch(&folder, script);
        let program = launch.read_first_line().remove_at_end(&folder).start().unwrap();
        program.first_line().await.unwrap();
        if stays {
            program.ended().await
        } else {
            program.stop().await
        };
        assert_eq!(folder.exists(), stays, "{script}");
    }
}

#[tokio::test]
async fn an_end_before_the_first_line_tells_the_end_of_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let (launch, _) = launch(folder.path(), "echo 'the reason' >&2; exit 3");
    let program = launch.read_first_line().start().unwrap();
    let error = program.first_line().await.unwrap_err().to_string();
    assert!(error.starts_with("a program has ended") && error.ends_with("  the reason"), "{error}");
    assert_eq!(program.ended().await.code(), Some(3));
}
