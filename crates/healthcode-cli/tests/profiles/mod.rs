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
            (
                code,
                expected
                    .iter()
                    .map(|expected| (*expected).to_owned())
                    .collect()
            ),
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
            "unknown profile",
        ),
    ] {
        let err = said(2, &[], args);
        assert!(err.contains(expected), "{err}");
    }
}

/// Profiles that slice the entries of a Bundle, and profiles of what references between them lead to,
/// in Bundles that are read whole; slices also in larger ones, on one thread and on many.
#[test]
fn across_entries() {
    let entries = r#"{"id":"Bundle.entry","path":"Bundle.entry","slicing":{"discriminator":[{"type":"type","path":"resource"}],"rules":"closed"}},
        {"id":"Bundle.entry:patient","path":"Bundle.entry","sliceName":"patient","min":1},
        {"id":"Bundle.entry:patient.resource","path":"Bundle.entry.resource","type":[{"code":"Patient"}]},
        {"id":"Bundle.entry:basic","path":"Bundle.entry","sliceName":"basic","max":"1"},
        {"id":"Bundle.entry:basic.resource","path":"Bundle.entry.resource","type":[{"code":"Basic"}]}"#;
    let type_url = |name: &str| format!("http://hl7.org/fhir/StructureDefinition/{name}");
    let bundles = profile("bundle", &type_url("Bundle"), entries)
        .replace(r#""type":"Patient""#, r#""type":"Bundle""#);
    let linked = r#"{"id":"Patient.link.other","path":"Patient.link.other","type":[{"code":"Reference","targetProfile":["http://a.b/named"]}]}"#;
    let named = r#"{"id":"Patient.name","path":"Patient.name","min":1}"#;
    let patient = |at: usize, name: &str, other: usize| {
        format!(
            r#"{{"fullUrl":"http://a.b/Patient/{at}","resource":{{"resourceType":"Patient","id":"{at}","meta":{{"profile":["http://a.b/linked"]}}{name},"link":[{{"type":"refer","other":{{"reference":"http://a.b/Patient/{other}"}}}}]}}}}"#
        )
    };
    let basic = r#"{"fullUrl":"urn:uuid:c757873d-ec9a-4326-a141-56f43239520a","resource":{"resourceType":"Basic","code":{"text":"x"}}}"#;
    let other = basic.replace("520a", "520b");
    let group = r#"{"fullUrl":"urn:uuid:c757873d-ec9a-4326-a141-56f43239520c","resource":{"resourceType":"Group","type":"person","actual":true}}"#;
    let bundle = |entries: &[String]| {
        format!(
            r#"{{"resourceType":"Bundle","meta":{{"profile":["http://a.b/bundle"]}},"type":"collection","entry":[{}]}}"#,
            entries.join(",\n")
        )
    };
    let known = |at| patient(at, r#","name":[{"text":"x"}]"#, at);
    let linked_to = [
        known(0),
        patient(1, "", 0),
        patient(2, r#","name":[{"text":"x"}]"#, 1),
    ];
    let missing = [basic.to_owned(), other.clone(), group.to_owned()];
    let many: Vec<String> = (0..6000).map(known).chain(missing.clone()).collect();
    let folder = Folder::new(&[
        ("set/bundle.json", bundles.as_bytes()),
        (
            "set/linked.json",
            profile("linked", &type_url("Patient"), linked).as_bytes(),
        ),
        (
            "set/named.json",
            profile("named", &type_url("Patient"), named).as_bytes(),
        ),
        ("linked.json", bundle(&linked_to).as_bytes()),
        ("missing.json", bundle(&missing).as_bytes()),
        ("many.json", bundle(&many).as_bytes()),
    ]);
    let found = |jobs: &str, name: &str| {
        let options = ["--profile", "set", "--max-resource", "1", "--jobs", jobs];
        let run =
            folder.run(&[&["validate", "--format", "ndjson"], &options[..], &[name]].concat());
        let lines = run.out.lines();
        let lines = lines.filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let issue = |line: serde_json::Value| {
            let text = |name: &str| Some(line.get(name)?.as_str()?.to_owned());
            Some(format!("{} {}", text("rule")?, text("path")?))
        };
        let issues = lines
            .filter_map(issue)
            .filter(|line| !line.contains("UNCHECKED"));
        issues.collect::<Vec<_>>()
    };
    let expected = |at: usize| {
        [
            format!("R4-PROFILE-MAX Bundle.entry[{}]", at + 1),
            format!("R4-PROFILE-SLICE-CLOSED Bundle.entry[{}]", at + 2),
        ]
    };
    for jobs in ["1", "5"] {
        assert_eq!(
            found(jobs, "linked.json"),
            ["R4-PROFILE-TARGET Bundle.entry[2].resource.link[0].other.reference"]
        );
        let mut whole = found(jobs, "missing.json");
        whole.sort();
        let [most, closed] = expected(0);
        assert_eq!(whole, [&most, "R4-PROFILE-MIN Bundle.entry", &closed]);
        assert_eq!(found(jobs, "many.json"), expected(6000));
    }
}
