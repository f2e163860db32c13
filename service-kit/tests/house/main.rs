//! The rules of the house that no compiler holds: what a business folder may know, and what every file owes its reader.

#![expect(clippy::unwrap_used, reason = "a test: a file that cannot be read is a failure")]

use std::fs;
use std::path::{Path, PathBuf};

/// One folder per aggregate or projection. A new one is a line here.
const BUSINESS_FOLDERS: [&str; 4] =
    ["accounts/src/customer", "orders/src/order", "orders/src/customer_copy", "orders/src/item_sales"];
/// Files of a business folder that are its edge: they may know the web, or how documents are stored.
const EDGES: [&str; 2] = ["http", "view"];
/// Clients of servers: they belong to the machinery, which hands out collections.
const CLIENTS: [&str; 2] = ["rdkafka", "mongodb"];
/// What a rule must be given and never take: the web, storage, a clock, ids.
const IMPURE: [&str; 8] =
    ["actix", "bson", "tokio", "Utc::now", "SystemTime", "Instant::now", "Uuid::new", "Uuid::now"];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file below `folder` (and `folder.rs` beside it), with its path from the workspace.
fn sources(folder: &str) -> Vec<(String, String)> {
    let root = workspace().join(folder);
    let mut open = vec![root.clone()];
    let mut files: Vec<PathBuf> = Some(root.with_extension("rs")).filter(|file| file.exists()).into_iter().collect();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                files.push(path);
            }
        }
    }
    let name = |path: &Path| path.strip_prefix(workspace()).unwrap().display().to_string();
    files.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// The lines that are code and not comments.
fn code(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter(|line| !line.trim_start().starts_with("//"))
}

fn uses(source: &str, word: &str) -> bool {
    code(source).any(|line| {
        line.contains(&format!("{word}::"))
            || line.contains(&format!("use {word}"))
            || line.contains(&format!("{word}("))
    })
}

/// Whether the file is an edge: `http.rs`, or anything below `http/`.
fn is_edge(path: &str) -> bool {
    EDGES.iter().any(|edge| path.contains(&format!("/{edge}/")) || path.ends_with(&format!("/{edge}.rs")))
}

fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs")
}

#[test]
fn business_folders_open_no_client_of_a_server() {
    for folder in BUSINESS_FOLDERS {
        for (path, source) in sources(folder) {
            let found: Vec<_> = CLIENTS.iter().filter(|client| uses(&source, client)).collect();
            assert!(found.is_empty(), "{path} uses {found:?}: that belongs to service-kit");
        }
    }
}

#[test]
fn the_domain_has_no_web_no_storage_no_clock_and_makes_no_ids() {
    for folder in BUSINESS_FOLDERS {
        for (path, source) in sources(folder).iter().filter(|(path, _)| !is_edge(path) && !is_test(path)) {
            let found: Vec<_> = IMPURE.iter().filter(|word| uses(source, word)).collect();
            assert!(found.is_empty(), "{path} uses {found:?}: it must be given that in the command or the event");
        }
    }
}

#[test]
fn every_folder_of_a_service_is_held_to_these_rules() {
    for service in ["accounts", "orders"] {
        for entry in fs::read_dir(workspace().join(service).join("src")).unwrap() {
            let entry = entry.unwrap();
            let folder = format!("{service}/src/{}", entry.file_name().display());
            assert!(
                !entry.path().is_dir() || BUSINESS_FOLDERS.contains(&folder.as_str()),
                "{folder} is not among the business folders of this test: it is a line there"
            );
        }
    }
}

#[test]
fn every_file_says_first_what_it_is_for() {
    let crates = ["shared-events", "service-kit", "accounts", "orders", "local-stack", "bench"];
    for (path, source) in crates.iter().flat_map(|name| sources(&format!("{name}/src"))) {
        assert!(source.starts_with("//!"), "{path} does not begin with what it is for (//!)");
        assert!(!path.ends_with("/mod.rs"), "{path}: name.rs beside name/, never mod.rs");
    }
}

#[test]
fn main_shows_the_way_of_a_service_at_a_glance() {
    for service in ["accounts", "orders"] {
        let main = fs::read_to_string(workspace().join(service).join("src/main.rs")).unwrap();
        assert!(
            main.lines().count() <= 40,
            "{service}/src/main.rs: settings, telemetry, build, run, exit code; no more"
        );
    }
}
