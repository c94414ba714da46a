//! Digests of the sources and of packages.

use healthcode_package::Packages;
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The digest of the sources that decide about rows and issues.
const SOURCES: &str = env!("HEALTHCODE_SOURCES");

/// A digest of the sources, and of the packages if there are any: of their names, versions and files.
pub(crate) fn of(packages: Option<&Packages>) -> io::Result<String> {
    let mut digest = Sha256::new();
    digest.update(SOURCES);
    for package in packages.into_iter().flat_map(Packages::packages) {
        let label = package.label();
        add(&mut digest, label.as_bytes());
        let place = package.place();
        let mut files = Vec::new();
        if place.is_dir() {
            list(place, &mut files)?;
            files.sort();
        } else {
            files.push(place.to_owned());
        }
        for file in files {
            let name = file.strip_prefix(place).unwrap_or(Path::new(""));
            add(&mut digest, name.as_os_str().as_encoded_bytes());
            add(&mut digest, &fs::read(&file)?);
        }
    }
    let bytes = digest.finalize();
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Adds a text with its length, so that no two lists of texts have the same bytes.
fn add(digest: &mut Sha256, text: &[u8]) {
    digest.update((text.len() as u64).to_le_bytes());
    digest.update(text);
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
