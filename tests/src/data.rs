//! Fixtures, and data from outside the repository.

use std::fmt::Display;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A file's name and bytes.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file's name, without its folder.
    pub name: String,
    /// What is in it.
    pub json: Vec<u8>,
}

/// A path in `tests/fixtures/`.
#[must_use]
pub fn fixture_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

/// The JSON files of a folder of `tests/fixtures/`, by name.
///
/// # Panics
/// If the folder cannot be read or has none.
#[must_use]
pub fn fixtures(folder: &str) -> Vec<Document> {
    let path = fixture_path(folder);
    match folder_of(&path) {
        Ok(files) if !files.is_empty() => files,
        Ok(_) => panic!("{} has no JSON files", path.display()),
        Err(error) => panic!("{}: {error}", path.display()),
    }
}

/// The official R4 examples, by name, from `HEALTHCODE_SPEC`; `None` where it is not set, which
/// is said on the standard error output.
///
/// # Panics
/// If what `HEALTHCODE_SPEC` names cannot be read, or it is not set and must be.
#[must_use]
pub fn spec_examples(test: &str) -> Option<&'static [Document]> {
    static EXAMPLES: OnceLock<Vec<Document>> = OnceLock::new();
    let path = outside(
        test,
        "HEALTHCODE_SPEC",
        "set HEALTHCODE_SPEC to the package, got with: npm pack hl7.fhir.r4.examples@4.0.1",
    )?;
    Some(EXAMPLES.get_or_init(|| {
        let files = if path.is_dir() {
            folder_of(&path)
        } else {
            archive_of(&path)
        };
        files.unwrap_or_else(|error| panic!("HEALTHCODE_SPEC={}: {error}", path.display()))
    }))
}

/// The official examples of a release other than R4, by name, from the package of this name and version
/// in the folder `HEALTHCODE_RELEASES`; `None` where it is not set, which is said on the standard error
/// output.
///
/// # Panics
/// If the package cannot be read.
#[must_use]
pub fn release_examples(test: &str, package: &str) -> Option<Vec<Document>> {
    let folder = std::env::var_os("HEALTHCODE_RELEASES").filter(|path| !path.is_empty());
    let Some(folder) = folder else {
        let advice = "set HEALTHCODE_RELEASES to a folder of packages, got with: npm pack";
        let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {advice} {package}");
        return None;
    };
    let path = Path::new(&folder).join(format!("{}.tgz", package.replace('@', "-")));
    match archive_of(&path) {
        Ok(files) => Some(files),
        Err(error) => panic!("{}: {error}", path.display()),
    }
}

/// The synthetic Bundles of `HEALTHCODE_DATA`; `None` where it is not set, which is said on the
/// standard error output.
///
/// # Panics
/// If they cannot be read, or `HEALTHCODE_DATA` is not set and must be.
#[must_use]
pub fn synthea(test: &str) -> Option<Vec<Document>> {
    let path = outside(
        test,
        "HEALTHCODE_DATA",
        "set HEALTHCODE_DATA to the folder that holds synthea/*.json",
    )?;
    match folder_of(&path.join("synthea")) {
        Ok(files) => Some(files),
        Err(error) => panic!("HEALTHCODE_DATA={}: {error}", path.display()),
    }
}

/// HL7's FHIRPath cases for R4 and the resources that they are about, from the folder `fhirpath`
/// of `HEALTHCODE_DATA`; `None` where it is not set, which is said on the standard error output.
///
/// # Panics
/// If they cannot be read, or `HEALTHCODE_DATA` is not set and must be.
#[must_use]
pub fn fhirpath_suite(test: &str) -> Option<(Document, Vec<Document>)> {
    let path = outside(
        test,
        "HEALTHCODE_DATA",
        "set HEALTHCODE_DATA to the folder that holds fhirpath/tests-r4.json",
    )?;
    let path = path.join("fhirpath");
    let read = || {
        let name = "tests-r4.json".to_owned();
        let json = fs::read(path.join(&name))?;
        Ok((Document { name, json }, folder_of(&path.join("input"))?))
    };
    let read: std::io::Result<_> = read();
    match read {
        Ok(suite) => Some(suite),
        Err(error) => panic!("HEALTHCODE_DATA={}: {error}", path.display()),
    }
}

/// The files of SQL on FHIR's suite of cases, from the folder `sql-on-fhir` of `HEALTHCODE_DATA`; `None` where it is
/// not set, which is said on the standard error output.
///
/// # Panics
/// If they cannot be read, or `HEALTHCODE_DATA` is not set and must be.
#[must_use]
pub fn view_suite(test: &str) -> Option<Vec<Document>> {
    let path = outside(
        test,
        "HEALTHCODE_DATA",
        "set HEALTHCODE_DATA to the folder that holds sql-on-fhir/*.json",
    )?;
    match folder_of(&path.join("sql-on-fhir")) {
        Ok(files) => Some(files),
        Err(error) => panic!("HEALTHCODE_DATA={}: {error}", path.display()),
    }
}

fn outside(test: &str, variable: &str, advice: &str) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(variable).filter(|path| !path.is_empty()) {
        return Some(path.into());
    }
    let required = std::env::var_os("HEALTHCODE_REQUIRE_DATA").is_some_and(|v| v == "1");
    assert!(!required, "{test}: {advice}");
    // Not by `eprintln`, which the test harness would hide.
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {advice}");
    None
}

fn is_json(name: &str) -> bool {
    name.ends_with(".json") && name != "package.json" && !name.starts_with('.')
}

fn folder_of(path: &Path) -> std::io::Result<Vec<Document>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_json(&name) {
            let json = fs::read(entry.path())?;
            files.push(Document { name, json });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

fn archive_of(path: &Path) -> std::io::Result<Vec<Document>> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(fs::File::open(path)?));
    let mut files = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let Some(name) = path.strip_prefix("package").ok().and_then(Path::to_str) else {
            continue;
        };
        if is_json(name) && !name.contains('/') {
            let name = name.to_owned();
            let mut json = Vec::new();
            entry.read_to_end(&mut json)?;
            files.push(Document { name, json });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// Whether pinned files are to be rewritten: `HEALTHCODE_BLESS=1`.
#[must_use]
pub fn blessing() -> bool {
    std::env::var_os("HEALTHCODE_BLESS").is_some_and(|value| value == "1")
}

/// Compares `found` with the committed file of this name in `tests/fixtures/`, or writes the file
/// when [`blessing`].
///
/// # Panics
/// If they differ.
pub fn pinned(name: &str, found: &str) {
    let path = fixture_path(name);
    if blessing() {
        write_or_panic(&path, found);
        return;
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    if committed == found {
        return;
    }
    let mut lines = committed.lines().zip(found.lines());
    let differs = lines.position(|(a, b)| a != b);
    let at = differs.unwrap_or(committed.lines().count().min(found.lines().count()));
    let show = |text: &str| {
        text.lines()
            .nth(at)
            .unwrap_or("(nothing)")
            .chars()
            .take(400)
            .collect()
    };
    let (old, new): (String, String) = (show(&committed), show(found));
    panic!(
        "{} is stale from line {} on; HEALTHCODE_BLESS=1 rewrites it\ncommitted: {old}\n    found: {new}",
        path.display(),
        at + 1,
    );
}

fn write_or_panic(path: &Path, text: &str) {
    let result = path.parent().map_or(Ok(()), fs::create_dir_all);
    if let Err(error) = result.and_then(|()| fs::write(path, text)) {
        fail(path, &error);
    }
}

fn fail(path: &Path, error: &dyn Display) -> ! {
    panic!("{}: {error}", path.display())
}
