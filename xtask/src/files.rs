//! Folders that hold what was worked out, file by file, and nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use walkdir::WalkDir;

/// Texts of files by path, relative to their folder.
pub(crate) type Files = BTreeMap<String, String>;

/// Writes the files which differ from what is in `dir`, or with `check` only finds them; returns the
/// paths of those that differed or were missing.
pub(crate) fn write(dir: &Path, files: &Files, check: bool) -> Result<Vec<String>> {
    let mut differing = Vec::new();
    for (name, text) in files {
        let path = dir.join(name);
        if fs::read(&path).is_ok_and(|old| old == text.as_bytes()) {
            continue;
        }
        differing.push(name.clone());
        if !check {
            let folder = path.parent().unwrap_or(dir);
            fs::create_dir_all(folder)
                .and_then(|()| fs::write(&path, text))
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(differing)
}

/// The paths of the files in `dir` that are not among `files`.
pub(crate) fn others(dir: &Path, files: &Files) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in WalkDir::new(dir).into_iter().filter(|_| dir.exists()) {
        let entry = entry?;
        let name = entry
            .path()
            .strip_prefix(dir)?
            .to_string_lossy()
            .into_owned();
        if entry.file_type().is_file() && !files.contains_key(&name) {
            names.push(name);
        }
    }
    Ok(names)
}
