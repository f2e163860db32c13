//! Runs of `cargo test` that may still start another test binary.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use nix::sys::signal::kill;
use nix::unistd::Pid;

/// How long a run counts after its last test binary with servers began. It bounds what a process id that was given to
/// another process could do, and a run that hangs.
const COUNTS_FOR: Duration = Duration::from_secs(600);

/// Notes the run that this test binary belongs to: the process that started it, when that is Cargo.
pub(super) fn note(folder: &Path) -> anyhow::Result<()> {
    if std::env::var_os("CARGO").is_none() {
        return Ok(());
    }
    let runs = runs(folder);
    std::fs::create_dir_all(&runs).with_context(|| format!("cannot make {}", runs.display()))?;
    let run = runs.join(std::os::unix::process::parent_id().to_string());
    std::fs::write(&run, []).with_context(|| format!("cannot write {}", run.display()))
}

/// True while a run is going that was noted lately. Forgets the others.
pub(super) fn any_going(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(runs(folder)) else {
        return false;
    };
    let (going, over): (Vec<_>, Vec<_>) = entries.flatten().map(|entry| entry.path()).partition(|run| is_going(run));
    for run in over {
        let _removed_by_another = std::fs::remove_file(run);
    }
    !going.is_empty()
}

fn is_going(run: &Path) -> bool {
    let is_recent = run.metadata().and_then(|data| data.modified()).is_ok_and(|noted| {
        // A clock that was set back makes it look newer than now: recent.
        noted.elapsed().is_ok_and(|age| age > COUNTS_FOR).eq(&false)
    });
    let process = run.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
    is_recent && process.is_some_and(|id| kill(Pid::from_raw(id), None).is_ok())
}

fn runs(folder: &Path) -> PathBuf {
    folder.join("runs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note_process(folder: &Path, id: u32) {
        std::fs::create_dir_all(runs(folder)).unwrap();
        std::fs::write(runs(folder).join(id.to_string()), []).unwrap();
    }

    #[test]
    fn a_run_counts_while_its_process_lives() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!any_going(folder.path()));
        note_process(folder.path(), std::process::id());
        assert!(any_going(folder.path()));
    }

    #[test]
    fn a_run_that_is_over_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let mut ended = std::process::Command::new("true").spawn().unwrap();
        ended.wait().unwrap();
        note_process(folder.path(), ended.id());
        assert!(!any_going(folder.path()));
        assert_eq!(std::fs::read_dir(runs(folder.path())).unwrap().count(), 0);
    }

    #[test]
    fn a_run_that_was_noted_long_ago_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        note_process(folder.path(), std::process::id());
        let run = runs(folder.path()).join(std::process::id().to_string());
        let long_ago = std::time::SystemTime::now() - 2 * COUNTS_FOR;
        std::fs::File::options().write(true).open(run).unwrap().set_modified(long_ago).unwrap();
        assert!(!any_going(folder.path()));
    }
}
