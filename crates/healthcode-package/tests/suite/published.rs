//! What the tests on published packages share. The packages are in the folder that `HEALTHCODE_PACKAGES`
//! names (`npm pack hl7.fhir.uv.ips@2.0.0` and others), UK Core in the folder `ukcore` of `HEALTHCODE_DATA`.

use healthcode_core::Issue;
use healthcode_package::{Cache, Packages};
use healthcode_validate::{Policy, ProfileSet, Validator};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

/// The archives of `HEALTHCODE_PACKAGES`; `None` where it is not set, which is said.
pub(crate) fn archives() -> Option<Vec<String>> {
    let folder = outside("HEALTHCODE_PACKAGES")?;
    let files = fs::read_dir(folder).unwrap().flatten();
    let files = files.map(|file| file.path().to_string_lossy().into_owned());
    let mut files: Vec<String> = files.filter(|path| path.ends_with(".tgz")).collect();
    files.sort();
    Some(files)
}

/// The folder of UK Core's package; `None` where `HEALTHCODE_DATA` is not set, which is said.
pub(crate) fn uk_core() -> Option<PathBuf> {
    Some(outside("HEALTHCODE_DATA")?.join("ukcore"))
}

fn outside(variable: &str) -> Option<PathBuf> {
    let path = env::var_os(variable).map(PathBuf::from);
    if path.is_none() {
        println!("SKIPPED: {variable} is not set");
    }
    path
}

/// Packages without a cache.
pub(crate) fn load<'g>(given: impl IntoIterator<Item = &'g str>) -> Arc<Packages> {
    Arc::new(Packages::load(given, &Cache::open(Path::new(""))).unwrap())
}

/// The profiles of packages.
pub(crate) fn profiles(packages: &Arc<Packages>) -> ProfileSet {
    let mut set = ProfileSet::new();
    set.provide(Arc::clone(packages) as _);
    set
}

/// What is reported of a text.
pub(crate) fn issues(set: &Arc<ProfileSet>, text: &[u8]) -> Vec<Issue> {
    let validator = Validator::new(Policy::R4).profiles(Arc::clone(set));
    validator.stream(text).report().unwrap().issues
}

/// Holds lines to a fixture, whose lines have a reason in a last column.
pub(crate) fn adjudicated(fixture: &str, found: &BTreeSet<String>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let text = fs::read_to_string(path.join(fixture)).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    let mut known = BTreeSet::new();
    for row in rows {
        let (line, reason) = row.rsplit_once('\t').unwrap();
        assert!(!reason.is_empty(), "{fixture}: no reason: {row}");
        assert!(known.insert(line.to_owned()), "{fixture}: twice: {row}");
    }
    let more: Vec<_> = found.difference(&known).collect();
    let fewer: Vec<_> = known.difference(found).collect();
    assert!(
        more.is_empty() && fewer.is_empty(),
        "{fixture}: not adjudicated: {more:#?}\nno longer found: {fewer:#?}"
    );
}
