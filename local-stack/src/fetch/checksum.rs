//! SHA-256 digests of what was fetched, against those that are written down in this crate.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use anyhow::{Context, ensure};
use sha2::{Digest, Sha256};

/// Refuses a file whose content is not the one that was expected.
///
/// # Errors
/// When the digest differs or the file cannot be read.
pub(crate) fn verify(file: &Path, expected: &str) -> anyhow::Result<()> {
    let actual = sha256(file)?;
    ensure!(
        actual == expected,
        "{} is not what was expected (SHA-256 {actual} instead of {expected}); it was not used",
        file.file_name().unwrap_or(file.as_os_str()).to_string_lossy()
    );
    Ok(())
}

/// Refuses a folder that has not exactly the files of `list` (lines of `<digest>  <name>`, as `sha256sum` writes them)
/// with exactly their content.
///
/// # Errors
/// When a file is missing, is not listed, has other content, or cannot be read.
pub(crate) fn verify_folder(folder: &Path, list: &str) -> anyhow::Result<()> {
    let mut expected: BTreeMap<&str, &str> =
        list.lines().filter_map(|line| line.split_once("  ").map(|(digest, name)| (name, digest))).collect();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let digest = expected.remove(name.as_str()).with_context(|| format!("{name} was fetched but not expected"))?;
        verify(&path, digest)?;
    }
    ensure!(expected.is_empty(), "not fetched: {}", expected.into_keys().collect::<Vec<_>>().join(", "));
    Ok(())
}

fn sha256(file: &Path) -> anyhow::Result<String> {
    let unreadable = || format!("cannot read {}", file.display());
    let mut hasher = Sha256::new();
    let mut input = File::open(file).with_context(unreadable)?;
    let mut buffer = vec![0_u8; 1 << 20];
    loop {
        let bytes = std::io::Read::read(&mut input, &mut buffer).with_context(unreadable)?;
        if bytes == 0 {
            break;
        }
        hasher.update(&buffer[..bytes]);
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST_OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn folder_with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        folder
    }

    #[test]
    fn the_expected_content_passes() {
        let folder = folder_with(&[("a.jar", "abc")]);
        verify_folder(folder.path(), &format!("{DIGEST_OF_ABC}  a.jar\n")).unwrap();
    }

    #[test]
    fn other_content_is_refused() {
        let folder = folder_with(&[("a.jar", "abd")]);
        let error = verify_folder(folder.path(), &format!("{DIGEST_OF_ABC}  a.jar\n")).unwrap_err();
        assert!(error.to_string().starts_with("a.jar is not what was expected"), "{error}");
    }

    #[test]
    fn a_file_that_is_not_listed_is_refused() {
        let folder = folder_with(&[("a.jar", "abc"), ("b.jar", "abc")]);
        let error = verify_folder(folder.path(), &format!("{DIGEST_OF_ABC}  a.jar\n")).unwrap_err();
        assert_eq!(error.to_string(), "b.jar was fetched but not expected");
    }

    #[test]
    fn a_file_that_is_missing_is_refused() {
        let folder = folder_with(&[]);
        let error = verify_folder(folder.path(), &format!("{DIGEST_OF_ABC}  a.jar\n")).unwrap_err();
        assert_eq!(error.to_string(), "not fetched: a.jar");
    }
}
