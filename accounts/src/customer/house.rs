//! Holds the domain's files to what `customer.rs` says of them: no web, no database, no clock, no source of ids.

use std::fs;
use std::path::{Path, PathBuf};

const FORBIDDEN: [&str; 9] =
    ["actix", "mongodb", "rdkafka", "tokio", "bson", "Utc::now", "SystemTime", "Instant::now", "Uuid::new"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let deeper = folders.iter().filter(|folder| !folder.ends_with("http")).flat_map(|folder| sources(folder));
    files.into_iter().chain(deeper).collect()
}

#[test]
fn the_domain_knows_no_web_no_database_no_clock_and_makes_no_ids() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/customer");
    let mut checked = 0;
    for path in sources(&folder) {
        if path.ends_with("http.rs") || path.ends_with("house.rs") || path.extension().is_none_or(|kind| kind != "rs") {
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        let found: Vec<_> = FORBIDDEN.iter().filter(|word| source.contains(**word)).collect();
        assert!(found.is_empty(), "{}: {found:?}", path.display());
        checked += 1;
    }
    assert!(checked > 10, "the domain is where this test looks for it");
}
