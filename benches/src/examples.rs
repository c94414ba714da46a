//! The official examples, out of their package.

use anyhow::{Result, ensure};
use std::io::Read;
use std::path::Path;

/// The resources of a package, in the order of their names.
pub(crate) fn read(place: &Path) -> Result<Vec<String>> {
    let mut files = if place.is_dir() {
        let inner = place.join("package");
        folder(if inner.is_dir() { &inner } else { place })?
    } else {
        archive(place)?
    };
    ensure!(!files.is_empty(), "missing resources in the package");
    files.sort();
    Ok(files.into_iter().map(|(_, text)| text).collect())
}

fn folder(place: &Path) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for file in place.read_dir()? {
        let path = file?.path();
        if let Some(name) = resource_name(&path) {
            files.push((name, std::fs::read_to_string(&path)?));
        }
    }
    Ok(files)
}

fn archive(place: &Path) -> Result<Vec<(String, String)>> {
    let file = std::io::BufReader::new(std::fs::File::open(place)?);
    let mut files = Vec::new();
    for entry in tar::Archive::new(flate2::bufread::GzDecoder::new(file)).entries()? {
        let mut entry = entry?;
        let Some(name) = resource_name(&entry.path()?) else {
            continue;
        };
        let mut text = String::new();
        entry.read_to_string(&mut text)?;
        files.push((name, text));
    }
    Ok(files)
}

/// The name of a file that is a resource: the package's own description and index are not.
fn resource_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let resource = name.ends_with(".json") && name != "package.json" && !name.starts_with('.');
    resource.then(|| name.to_owned())
}
