//! `healthcode validate --profile`.

use crate::{Folder, PATIENT};

fn profile(name: &str, base: &str, elements: &str) -> String {
    format!(
        r#"{{"resourceType":"StructureDefinition","url":"http://a.b/{name}","name":"P","status":"draft",
"kind":"resource","abstract":false,"type":"Patient","baseDefinition":"{base}","derivation":"constraint",
"differential":{{"element":[{elements}]}}}}"#
    )
}

#[test]
fn profiles_are_loaded_and_applied() {
    let base = "http://hl7.org/fhir/StructureDefinition/Patient";
    let named = r#"{"id":"Patient.name","path":"Patient.name","min":1}"#;
    let born = r#"{"id":"Patient.birthDate","path":"Patient.birthDate","max":"0"}"#;
    let faulty = r#"
{"id":"Patient.nme","path":"Patient.nme","min":1}"#;
    let claims = PATIENT.replace(
        "\"id\"",
        "\"meta\":{\"profile\":[\"http://a.b/named\"]},\"id\"",
    );
    let folder = Folder::new(&[
        ("set/named.json", profile("named", base, named).as_bytes()),
        // Its base is loaded too, whatever the order of the files.
        (
            "set/born.json",
            profile("born", "http://a.b/named", born).as_bytes(),
        ),
        ("set/patient.json", PATIENT.as_bytes()),
        ("faulty.json", profile("faulty", base, faulty).as_bytes()),
        ("plain.json", PATIENT.as_bytes()),
        ("claims.json", claims.as_bytes()),
    ]);
    let rules = |args: &[&str]| {
        let run = folder.run(&[&["validate", "--format", "ndjson"], args].concat());
        let lines = run.out.lines();
        let lines = lines.filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let rules: Vec<String> = lines
            .filter_map(|line| Some(line.get("rule")?.as_str()?.to_owned()))
            .collect();
        (run.code, rules, run.err)
    };
    let said = |code: i32, expected: &[&str], args: &[&str]| {
        let (found, rules, err) = rules(args);
        assert_eq!(
            (found, rules),
            (code, expected.iter().map(|it| (*it).to_owned()).collect()),
            "{args:?}: {err}"
        );
        err
    };
    said(0, &["R4-PROFILE-UNKNOWN"], &["claims.json"]);
    said(1, &["R4-PROFILE-MIN"], &["--profile", "set", "claims.json"]);
    said(0, &[], &["--profile", "set", "plain.json"]);
    said(
        1,
        &["R4-PROFILE-MIN", "R4-PROFILE-MAX"],
        &[
            "--profile",
            "set",
            "--profile-url",
            "http://a.b/born",
            "plain.json",
        ],
    );
    // What is wrong with a profile is said of its file, with the place.
    said(
        1,
        &["R4-PROFILE-DEFINITION"],
        &["--profile", "faulty.json", "plain.json"],
    );
    let run = folder.run(&["validate", "--profile", "faulty.json", "plain.json"]);
    assert!(run.out.contains("faulty.json:4:1"), "{}", run.out);
    assert!(
        run.out.contains("Patient has no element nme"),
        "{}",
        run.out
    );
    // What cannot be used is an error.
    for (args, expected) in [
        (
            &["--profile", "plain.json", "plain.json"][..],
            "holds no profile",
        ),
        (&["--profile", "nowhere.json", "plain.json"], "nowhere.json"),
        (
            &[
                "--profile",
                "set",
                "--profile-url",
                "http://a.b/none",
                "plain.json",
            ],
            "no such profile",
        ),
    ] {
        let err = said(2, &[], args);
        assert!(err.contains(expected), "{err}");
    }
}
