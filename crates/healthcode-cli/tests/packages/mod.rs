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
            "not used: version 4 is requested",
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

/// Queries use the value sets and code systems of packages, of the Bundles, and of R4.
#[test]
fn queries_ask_packages() {
    let folder = folder();
    let condition = |id: &str, system: &str, code: &str| {
        let coding = format!(r#"{{"system":"{system}","code":"{code}"}}"#);
        format!(
            r#"{{"resource":{{"resourceType":"Condition","id":"{id}","code":{{"coding":[{coding}]}}}}}}"#
        )
    };
    let entries = [
        condition("c1", "http://a.b/codes", "below"),
        condition("c2", "http://a.b/codes", "other"),
        condition("c3", "http://snomed.info/sct", "1"),
    ];
    let bundle = format!(
        r#"{{"resourceType":"Bundle","entry":[{}]}}"#,
        entries.join(",")
    );
    let system = r#"{"resourceType":"CodeSystem","url":"http://a.b/codes","status":"active","content":"complete",
        "concept":[{"code":"above","concept":[{"code":"below"}]},{"code":"other"}]}"#;
    let set = r#"{"resourceType":"ValueSet","url":"http://a.b/set","status":"active","compose":{"include":[
        {"system":"http://a.b/codes","filter":[{"property":"concept","op":"is-a","value":"above"}]}]}}"#;
    for (name, text) in [
        ("plain/all.json", bundle.as_str()),
        ("defined/codes.json", system),
        ("defined/set.json", set),
        ("healthcode.toml", "packages = [\"defined\"]"),
    ] {
        let path = folder.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let query = |args: &[&str], query: &str| {
        folder.run(&[&["query", "run"], args, &["plain/all.json", query]].concat())
    };
    // Which packages are used is said in the settings.
    for (text, expect, unknown) in [
        ("Condition?code:in=http://a.b/set", "Condition/c1", 0),
        ("Condition?code:not-in=http://a.b/set", "Condition/c2", 0),
        (
            "Condition?code:below=http://a.b/codes|above",
            "Condition/c1",
            0,
        ),
        ("Condition?code:in=http://a.b/none", "3 may match", 3),
        (
            "Condition?code:below=http://snomed.info/sct|2",
            "Condition/c3",
            1,
        ),
    ] {
        let run = query(&[], text);
        assert_eq!((run.code, &*run.err), (0, ""), "{text}");
        assert!(run.out.contains(expect), "{text}: {}", run.out);
        let reason = "no known value set or code system decides it";
        assert_eq!(
            run.out.matches(reason).count(),
            unknown,
            "{text}: {}",
            run.out
        );
    }
    std::fs::remove_file(folder.path("healthcode.toml")).unwrap();
    let text = "Condition?code:below=http://a.b/codes|above";
    let run = query(&[], text);
    assert!(run.out.contains("2 may match"), "{}", run.out);
    // What is given with the Bundles counts too.
    let run = query(&["--with", "defined"], text);
    assert!(run.out.contains("1 match\n"), "{}", run.out);
    let run = query(&["--package", "defined"], text);
    assert!(run.out.contains("1 match\n"), "{}", run.out);
    let run = query(&["--package", "none.tgz"], text);
    assert_eq!(run.code, 2);
}

/// Codes without a display are named as a package names them.
#[test]
fn decode_names_codes() {
    let folder = folder();
    let role = r#"{"resourceType":"PractitionerRole","id":"r","specialty":[{"coding":[
        {"system":"http://a.b/codes","code":"x"}]}]}"#;
    let system = r#"{"resourceType":"CodeSystem","url":"http://a.b/codes","status":"active",
        "content":"complete","concept":[{"code":"x","display":"Named"}]}"#;
    std::fs::write(folder.path("role.json"), role).unwrap();
    std::fs::create_dir_all(folder.path("defined")).unwrap();
    std::fs::write(folder.path("defined/codes.json"), system).unwrap();
    let run = folder.run(&["decode", "--format", "json", "role.json"]);
    assert!(run.out.contains(r#""x""#), "{}", run.out);
    let run = folder.run(&[
        "decode",
        "--format",
        "json",
        "--package",
        "defined",
        "role.json",
    ]);
    assert_eq!((run.code, &*run.err), (0, ""));
    assert!(run.out.contains(r#""Named""#), "{}", run.out);
}

/// Expressions too use the packages of the settings.
#[test]
fn settings_name_packages_of_expressions() {
    let folder = folder();
    std::fs::rename(folder.path("set.toml"), folder.path("healthcode.toml")).unwrap();
    let expression = "conformsTo('http://a.b/named')";
    let run = folder.run(&["fhirpath", expression, "plain.json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("System.Boolean  false"), "{}", run.out);
}

#[test]
fn init_writes_settings() {
    let folder = folder();
    let options = [
        "--package",
        "one",
        "--package-cache",
        "cache",
        "--deny",
        "warnings",
    ];
    let dry = folder.run(&[&["init", "--dry-run", "--exclude", "drafts"], &options[..]].concat());
    assert_eq!(dry.code, 0, "{}", dry.err);
    assert!(!folder.path("healthcode.toml").exists());
    for line in [
        "packages = [\"one\"]",
        "package-cache = \"cache\"",
        "deny = \"warnings\"",
        "exclude = [\"drafts\"]",
    ] {
        assert!(
            dry.out.lines().any(|own| own == line),
            "{line}: {}",
            dry.out
        );
    }
    let run = folder.run(&[&["init"], &options[..]].concat());
    assert_eq!((run.code, &*run.out), (0, "healthcode.toml was written\n"));
    let run = folder.run(&[
        "validate",
        "--profile-url",
        "http://a.b/named",
        "plain.json",
    ]);
    assert_eq!(run.code, 1, "{}", run.err);
    // What is there stays.
    let before = folder.read("healthcode.toml");
    let run = folder.run(&["init"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("--force"), "{}", run.err);
    assert_eq!(folder.read("healthcode.toml"), before);
    // Neither standard stream is a terminal: nothing is asked.
    let run = folder.run(&["init", "--force"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let lines = folder.read("healthcode.toml");
    assert!(
        lines
            .lines()
            .all(|line| line.is_empty() || line.starts_with('#'))
    );
    let run = folder.run(&["init", "--force", "--ignore", "R4-NOTHING"]);
    assert_eq!(run.code, 2);
    assert_eq!(folder.read("healthcode.toml"), lines);
    let run = folder.run(&["init", "--force", "--package", "absent"]);
    assert_eq!(run.code, 0);
    assert!(
        run.err
            .contains("warning: package absent: not in the cache"),
        "{}",
        run.err
    );
}
