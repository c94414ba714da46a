//! A digest of the sources that decide about rows and issues: programs with different digests may return different
//! results.

use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The crates of the main workspace whose code decides about rows and issues.
const CRATES: [&str; 11] = [
    "core",
    "extensions",
    "fhirpath",
    "json",
    "package",
    "r4",
    "releases",
    "uk",
    "validate",
    "views",
    "xml",
];

fn main() -> io::Result<()> {
    let own = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let root = own.join("../..");
    let mut folders = vec![own.join("src")];
    folders.extend(CRATES.map(|name| root.join(format!("crates/healthcode-{name}/src"))));
    let lock = own.join("../Cargo.lock");
    let mut files = vec![lock.clone()];
    for folder in &folders {
        println!("cargo:rerun-if-changed={}", folder.display());
        list(folder, &mut files)?;
    }
    println!("cargo:rerun-if-changed={}", lock.display());
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        let name = file.strip_prefix(&own).unwrap_or(&file);
        digest.update(name.as_os_str().as_encoded_bytes());
        let text = fs::read(&file)?;
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(&text);
    }
    let digest: String = digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    println!("cargo:rustc-env=HEALTHCODE_SOURCES={digest}");
    Ok(())
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
