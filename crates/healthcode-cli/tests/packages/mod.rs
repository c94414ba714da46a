//! `--package` and `healthcode package`.

use crate::{Folder, PATIENT, gzip};

const PROFILE: &str = r#"{"resourceType":"StructureDefinition","url":"http://a.b/named","version":"1.0.0",
"name":"P","status":"draft","kind":"resource","abstract":false,"type":"Patient","derivation":"constraint",
"baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient",
"differential":{"element":[{"id":"Patient.name","path":"Patient.name","min":1}]}}"#;

const XML: &str = "<CodeSystem xmlns='http://hl7.org/fhir'><url value='http://a.b/codes'/><version value='3'/>\
<status value='active'/><content value='complete'/><concept><code value='x'/></concept></CodeSystem>";

fn folder() -> Folder {
    let manifest = br#"{"name":"one","version":"1.0.0","dependencies":{"absent":"2.x"}}"#;
    Folder::new(&[
        ("cache/one#1.0.0/package/package.json", manifest),
        ("cache/one#1.0.0/package/named.json", PROFILE.as_bytes()),
        ("cache/one#1.0.0/package/codes.xml", XML.as_bytes()),
        ("plain.json", PATIENT.as_bytes()),
        ("page.tgz", b"<html>not found</html>"),
        ("cut.tgz", &gzip(&[7; 5000])[..20]),
        (
            "set.toml",
            b"packages = [\"one\"]\npackage-cache = \"cache\"\n",
        ),
    ])
}

const CACHE: [&str; 4] = ["--package", "one", "--package-cache", "cache"];

#[test]
fn definitions_are_used() {
    let folder = folder();
    let url = ["--profile-url", "http://a.b/named"];
    let validate = |args: &[&str]| {
        folder.run(
            &[
                &["validate", "--format", "ndjson", "plain.json"],
                &url[..],
                args,
            ]
            .concat(),
        )
    };
    let run = validate(&CACHE);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.out.contains("R4-PROFILE-MIN"), "{}", run.out);
    let warning =
        "healthcode: warning: package absent#2.x, which one#1.0.0 depends on: not in the cache";
    assert!(run.err.contains(warning), "{}", run.err);
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    let run = validate(&["--config", "set.toml"]);
    assert_eq!(run.code, 1, "{}", run.err);
    let run = validate(&[]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("unknown profile http://a.b/named"),
        "{}",
        run.err
    );
}

#[test]
fn what_cannot_be_used_is_named() {
    let folder = folder();
    for (package, expect) in [
        ("page.tgz", "package page.tgz: not a gzip archive"),
        ("cut.tgz", "package cut.tgz: the archive is cut off"),
        ("./none.tgz", "package ./none.tgz: no such file or folder"),
        ("plain.json", "package plain.json: not a gzip archive"),
        (
            "ona",
            "package ona: not in the cache cache; did you mean one?",
        ),
        (
            "one#1.0.1",
            "package one#1.0.1: not in the cache cache, which has 1.0.0.",
        ),
    ] {
        let args = [
            "validate",
            "--package-cache",
            "cache",
            "--package",
            package,
            "plain.json",
        ];
        let run = folder.run(&args);
        assert_eq!(run.code, 2, "{package}");
        assert!(
            run.err.starts_with(&format!("healthcode: {expect}")),
            "{}",
            run.err
        );
        assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    }
}

#[test]
fn packages_are_shown() {
    let folder = folder();
    let show = |args: &[&str]| folder.run(&[&["package"], args, &CACHE[..]].concat());
    for (args, code, expect) in [
        (
            &["list"][..],
            0,
            "one      1.0.0    1         0           1",
        ),
        (&["list", "--format", "json"], 0, r#""dependencies": ["#),
        (&["show"], 0, "http://a.b/codes"),
        (
            &["show", "--format", "json"],
            0,
            r#""file": "package/codes.xml""#,
        ),
        (
            &["resolve", "http://a.b/codes|3"],
            0,
            "CodeSystem http://a.b/codes|3",
        ),
        (&["resolve", "http://a.b/codes|4"], 1, ""),
        (
            &["resolve", "http://a.b/named", "--format", "json"],
            0,
            r#""version": "1.0.0""#,
        ),
        (
            &["why", "http://a.b/codes|4"],
            0,
            "not used: version 4 is asked for",
        ),
        (&["why", "http://a.b/nothing"], 1, ""),
        (
            &["why", "http://a.b/named", "--format", "json"],
            0,
            r#""reason": "used: it is the only one""#,
        ),
        (
            &["snapshot", "http://a.b/named"],
            0,
            " Patient.name                             1..*",
        ),
        (
            &["snapshot", "http://a.b/named", "--format", "json"],
            0,
            r#""snapshot""#,
        ),
        (&["snapshot", "http://a.b/nothing"], 1, ""),
    ] {
        let run = show(args);
        assert_eq!(run.code, code, "{args:?}: {}", run.err);
        assert!(run.out.contains(expect), "{args:?}: {}", run.out);
    }
    let run = folder.run(&["package", "list", "--package-cache", "cache"]);
    assert_eq!((run.code, run.out.contains("one")), (0, true));
    let run = folder.run(&["package", "show"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("missing package: expected --package"),
        "{}",
        run.err
    );
}
