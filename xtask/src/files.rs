//! Folders that hold what was worked out, file by file, and nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Texts of files by path, relative to their folder.
pub(crate) type Files = BTreeMap<String, String>;

/// Writes the files which differ from what is in `dir`, or with `check` only finds them; gives the
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
    if dir.exists() {
        list(dir, "", &mut names).with_context(|| format!("cannot read {}", dir.display()))?;
    }
    names.retain(|name| !files.contains_key(name));
    Ok(names)
}

fn list(dir: &Path, prefix: &str, names: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            list(&entry.path(), &format!("{name}/"), names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}
