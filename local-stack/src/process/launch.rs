//! How a program is to be started under a guard.

use std::ffi::OsString;
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context;

use super::Guarded;

/// A program, its settings and what its guard is told about it.
#[derive(Debug)]
pub struct Launch {
    name: String,
    log: PathBuf,
    guard_options: Vec<OsString>,
    program: OsString,
    arguments: Vec<OsString>,
    environment: Vec<(String, String)>,
    withheld: Vec<String>,
    pub(super) reads_first_line: bool,
}

impl Launch {
    /// A program whose output is appended to the file `log`. `name` is what messages call it.
    pub fn new(name: impl Into<String>, program: impl Into<OsString>, log: &Path) -> Self {
        Self {
            name: name.into(),
            log: log.to_owned(),
            guard_options: Vec::new(),
            program: program.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            withheld: Vec::new(),
            reads_first_line: false,
        }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Withholds every variable of this process whose name begins with `prefix`, apart from those that are
    /// [set](Launch::env).
    #[must_use]
    pub fn without_env(mut self, prefix: &str) -> Self {
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        self.withheld.extend(names.filter(|name| name.starts_with(prefix)));
        self
    }

    /// How long the program may take between SIGTERM and SIGKILL. Default 10 s.
    #[must_use]
    pub fn grace(self, grace: Duration) -> Self {
        self.guard_option("--grace-ms", grace.as_millis().to_string())
    }

    /// Deletes `folder` when the program has ended, and the folder's parent once that is empty.
    #[must_use]
    pub fn remove_at_end(self, folder: &Path) -> Self {
        self.guard_option("--remove", folder)
    }

    /// Holds a shared lock on `file` for as long as the program runs.
    #[must_use]
    pub fn hold(self, file: &Path) -> Self {
        self.guard_option("--hold", file)
    }

    /// When the owner has died: lets the holders of `file` (see [`Launch::hold`]) end before this program.
    #[must_use]
    pub fn end_after(self, file: &Path) -> Self {
        self.guard_option("--after", file)
    }

    /// Makes [`Guarded::first_line`] available.
    #[must_use]
    pub fn read_first_line(mut self) -> Self {
        self.reads_first_line = true;
        self
    }

    fn guard_option(mut self, option: &str, value: impl Into<OsString>) -> Self {
        self.guard_options.extend([option.into(), value.into()]);
        self
    }

    /// Starts the guard, which starts the program.
    ///
    /// # Errors
    /// When the `local-stack` binary or the log's folder is not usable. That the *program* cannot be started shows as
    /// an end of what is returned, with the cause in the log.
    pub fn start(self) -> anyhow::Result<Guarded> {
        let log = self.open_log()?;
        let mut command = Command::new(crate::own_binary::path()?);
        self.withheld.iter().for_each(|name| {
            command.env_remove(name);
        });
        command
            .arg("guard")
            .args(&self.guard_options)
            .arg("--")
            .arg(&self.program)
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(if self.reads_first_line { Stdio::piped() } else { Stdio::from(log.try_clone()?) })
            .stderr(Stdio::from(log.try_clone()?))
            // A group of its own: Ctrl-C in a terminal must reach the owner alone, which then stops things in order.
            .process_group(0);
        let child = command.spawn().with_context(|| format!("cannot start the guard of {}", self.name))?;
        Guarded::watch(self.name, self.log, child, log)
    }

    fn open_log(&self) -> anyhow::Result<File> {
        if let Some(folder) = self.log.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        File::options()
            .create(true)
            .append(true)
            .open(&self.log)
            .with_context(|| format!("cannot write to {}", self.log.display()))
    }
}
