//! Packages with their dependencies, versions and locks, and which definition of several is used.

use super::{FILE, archive, definition};
use healthcode_package::{Cache, Packages};
use healthcode_validate::{DefinitionKind, Definitions, ProfileSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// A cache or a folder of packages, made of files.
struct Files(TempDir);

impl Files {
    fn new() -> Files {
        Files(TempDir::new().unwrap())
    }

    fn write(&self, path: &str, content: &str) -> &Files {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// A package with dependencies, and a value set whose version is the package's.
    fn package(&self, folder: &str, name: &str, version: &str, dependencies: &str) -> &Files {
        let manifest = format!(
            r#"{{"name":"{name}","version":"{version}","dependencies":{{{dependencies}}}}}"#
        );
        let set = definition(
            "ValueSet",
            &format!("http://a.b/{}", name.to_lowercase()),
            &format!(r#","version":"{version}","compose":{{}}"#),
        );
        self.write(&format!("{folder}/package/package.json"), &manifest);
        self.write(&format!("{folder}/package/ValueSet.json"), &set)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_string_lossy().into_owned()
    }

    fn load(&self, given: &[&str]) -> Result<Packages, String> {
        let cache = Cache::open(self.0.path());
        Packages::load(given.iter().copied(), &cache).map_err(|error| error.to_string())
    }
}

fn labels(packages: &Packages) -> Vec<String> {
    packages
        .packages()
        .iter()
        .map(healthcode_package::Package::label)
        .collect()
}

#[test]
fn dependencies_from_the_cache() {
    let files = Files::new();
    files
        .package(
            "a#1.0.0",
            "a",
            "1.0.0",
            r#""B":"1.2.x","hl7.fhir.r4.core":"4.0.1""#,
        )
        .package("b#1.2.9", "b", "1.2.9", "")
        .package("b#1.2.10", "b", "1.2.10", r#""a":"1.0.0","b":"1.2.10""#)
        .package("b#1.3.0", "b", "1.3.0", "")
        .package("b#current", "b", "9.0.0", "")
        .package(
            "old#1.0.0",
            "old",
            "1.0.0",
            r#""b":"1.2.x","c@npm:b":"1.3.0""#,
        );
    let loaded = files.load(&["a#1.0.0"]).unwrap();
    assert_eq!(labels(&loaded), ["a#1.0.0", "b#1.2.10"]);
    assert!(loaded.take_warnings().is_empty() && loaded.notes().is_empty());
    // By name alone: the latest release.
    assert_eq!(labels(&files.load(&["B"]).unwrap()), ["b#1.3.0"]);
    assert_eq!(labels(&files.load(&["b#current"]).unwrap()), ["b#9.0.0"]);
    assert_eq!(
        labels(&files.load(&["old"]).unwrap()),
        ["old#1.0.0", "b#1.2.10", "b#1.3.0", "a#1.0.0"]
    );
    // One that is named replaces what is requested, with one note.
    let loaded = files.load(&["a", "b#1.3.0"]).unwrap();
    assert_eq!(labels(&loaded), ["a#1.0.0", "b#1.3.0"]);
    assert_eq!(
        loaded.notes(),
        ["b#1.3.0 was named and replaces the dependencies #1.2.x of a#1.0.0"]
    );
}

#[test]
fn what_is_missing() {
    let files = Files::new();
    files.package("a#1.0.0", "a", "1.0.0", r#""absent":"3.1.4""#);
    let loaded = files.load(&["a"]).unwrap();
    let warnings = loaded.take_warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].starts_with("package absent#3.1.4, which a#1.0.0 depends on: not in the cache")
    );
    assert!(warnings[0].contains("npm pack absent@3.1.4"));
    assert!(loaded.take_warnings().is_empty());
    let error = files.load(&["a#2.0.0"]).unwrap_err();
    assert!(
        error.contains("which has 1.0.0") && error.contains("npm "),
        "{error}"
    );
    let error = files.load(&["./a.tgz"]).unwrap_err();
    assert!(
        error.contains("package ./a.tgz: no such file or folder"),
        "{error}"
    );
    files.write("empty/readme.txt", "");
    let error = files.load(&[&files.path("empty")]).unwrap_err();
    assert!(
        error.contains("no package.json, and no StructureDefinition"),
        "{error}"
    );
    // R4 itself need not be there.
    assert!(
        files
            .load(&["hl7.fhir.r4.core#4.0.1"])
            .unwrap()
            .packages()
            .is_empty()
    );
}

#[test]
fn locks_fix_versions() {
    let files = Files::new();
    files
        .package("b#1.0.0", "b", "1.0.0", "")
        .package("b#1.0.5", "b", "1.0.5", "");
    files.write(
        "mine/package.json",
        r#"{"name":"mine","dependencies":{"b":"1.0.x"}}"#,
    );
    files.write(
        "mine/sets/v.json",
        &definition("ValueSet", "http://a.b/v", ""),
    );
    assert_eq!(
        labels(&files.load(&[&files.path("mine")]).unwrap()),
        ["mine", "b#1.0.5"]
    );
    files.write(
        "mine/fhirpkg.lock.json",
        r#"{"dependencies":{"b":"1.0.0"}}"#,
    );
    assert_eq!(
        labels(&files.load(&[&files.path("mine")]).unwrap()),
        ["mine", "b#1.0.0"]
    );
}

/// A folder with definitions of one URL in several packages, and which is used.
#[test]
fn which_definition_is_used() {
    let url = "http://own.org/CodeSystem/x";
    let system = |more: &str| definition("CodeSystem", url, more);
    let manifest = |name: &str, canonical: &str| {
        format!(r#"{{"name":"{name}","version":"1.0.0","canonical":"{canonical}"}}"#)
    };
    let content = |content: &str, version: &str| {
        system(&format!(r#","content":"{content}","version":"{version}""#))
    };
    for (name, a, b, expect, reason) in [
        (
            "complete",
            ("http://own.org", content("not-present", "9.0.0")),
            ("http://other.org", content("complete", "1.0.0")),
            "b",
            "used: it is the most complete",
        ),
        (
            "owner",
            ("http://own.org", content("complete", "1.0.0")),
            ("http://own.organic", content("complete", "2.0.0")),
            "a",
            "used: its package owns the URL",
        ),
        (
            "version",
            ("http://o.org", content("complete", "1.9.0")),
            ("http://o.org", content("complete", "1.10.0")),
            "b",
            "used: its version is the highest",
        ),
        (
            "first",
            ("http://o.org", content("complete", "1.0.0")),
            ("http://o.org", content("complete", "1.0.0")),
            "a",
            "used: it came first",
        ),
    ] {
        let files = Files::new();
        files.write("a/package/package.json", &manifest("a", a.0));
        files.write("a/package/x.json", &a.1);
        files.write("b/package/package.json", &manifest("b", b.0));
        files.write("b/package/x.json", &b.1);
        let loaded = files.load(&[&files.path("a"), &files.path("b")]).unwrap();
        let found = loaded.resolve(url).unwrap();
        assert_eq!(found.package.manifest().name, expect, "{name}");
        assert_eq!(found.reason, reason, "{name}");
        assert_eq!(loaded.candidates(url).len(), 2, "{name}");
        assert!(
            loaded.candidates(url)[1].reason.starts_with("not used: "),
            "{name}"
        );
    }
}

#[test]
fn versions_are_exact_and_other_releases_apart() {
    let files = Files::new();
    let set = "http://hl7.org/fhir/ValueSet/item-type";
    files.write(
        "r5/package/package.json",
        r#"{"name":"hl7.fhir.r5.core","version":"5.0.0"}"#,
    );
    files.write(
        "r5/package/x.json",
        &definition("ValueSet", set, r#","version":"5.0.0""#),
    );
    let loaded = files.load(&[&files.path("r5")]).unwrap();
    let find = |version| loaded.find(DefinitionKind::ValueSet, set, version);
    assert_eq!(find(None), None);
    assert_eq!(find(Some("4.0.1")), None);
    assert!(
        find(Some("5.0.0"))
            .and_then(|number| loaded.read(number))
            .is_some()
    );
    assert!(loaded.resolve(set).is_none());
    assert!(loaded.resolve(&format!("{set}|5.0.0")).is_some());
}

#[test]
fn files_that_are_broken() {
    let cut = definition("ValueSet", "http://a.b/v", "");
    let entries = [
        super::MANIFEST,
        (FILE, "package/cut.json", &cut[..cut.len() - 3]),
        (
            FILE,
            "package/odd.xml",
            "<ValueSet><url value='http://a.b/w'/></ValueSet>",
        ),
    ];
    let files = Files::new();
    fs::write(files.0.path().join("a.tgz"), archive(&entries)).unwrap();
    let loaded = files.load(&[&files.path("a.tgz")]).unwrap();
    let warnings = loaded.take_warnings();
    assert_eq!(
        warnings,
        ["package a.b#1.0.0: neither JSON nor XML, left out: package/cut.json"]
    );
    // The index does not look at namespaces: that is found when the definition is read.
    let number = loaded
        .find(DefinitionKind::ValueSet, "http://a.b/w", None)
        .unwrap();
    assert!(loaded.read(number).is_none());
    assert!(loaded.take_warnings()[0].starts_with("package a.b#1.0.0: package/odd.xml: "));
    assert!(Path::new(&files.path("a.tgz")).exists());
}

/// Two packages depend on two versions of a third: each means its own.
#[test]
fn two_versions_side_by_side() {
    let files = Files::new();
    for (version, code) in [("1.0.0", "old"), ("2.0.0", "new")] {
        files.package(&format!("base#{version}"), "base", version, "");
        let include = format!(
            r#","version":"{version}","compose":{{"include":[{{"system":"http://s","concept":[{{"code":"{code}"}}]}}]}}"#
        );
        let set = definition("ValueSet", "http://a.b/codes", &include);
        files.write(&format!("base#{version}/package/codes.json"), &set);
    }
    for (name, version) in [("one", "1.0.0"), ("two", "2.0.0")] {
        files.package(
            &format!("{name}#1.0.0"),
            name,
            "1.0.0",
            &format!(r#""base":"{version}""#),
        );
        let import = r#","compose":{"include":[{"valueSet":["http://a.b/codes"]}]}"#;
        let set = definition("ValueSet", &format!("http://a.b/of-{name}"), import);
        files.write(&format!("{name}#1.0.0/package/set.json"), &set);
    }
    let loaded = files.load(&["one", "two"]).unwrap();
    assert_eq!(
        labels(&loaded),
        ["one#1.0.0", "two#1.0.0", "base#1.0.0", "base#2.0.0"]
    );
    let mut set = ProfileSet::new();
    set.provide(Arc::new(loaded));
    for (name, code, expect) in [
        ("of-one", "old", true),
        ("of-one", "new", false),
        ("of-two", "new", true),
        ("of-two", "old", false),
        // Without a package around it the later one is meant.
        ("codes", "new", true),
        ("codes|1.0.0", "old", true),
    ] {
        let found = set.value_set_has(&format!("http://a.b/{name}"), Some("http://s"), code);
        assert_eq!(found, Some(expect), "{name} {code}");
    }
}
