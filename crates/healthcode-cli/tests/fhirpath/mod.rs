//! `healthcode fhirpath`.

use crate::{Folder, PATIENT, run_in};
use serde_json::Value;
use std::path::Path;

const NAMED: &str = r#"{"resourceType":"Patient","id":"p2","name":[{"given":["Ann","B\u001bob"]},{"family":"Cy","_family":{"id":"f"}}],"deceasedBoolean":false,"multipleBirthInteger":2}"#;

const BUNDLE: &str = r#"{"resourceType":"Bundle","type":"collection","entry":[
    {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Organization","id":"o","name":"Ward"}},
    {"resource":{"resourceType":"Patient","managingOrganization":{"reference":"urn:uuid:1"}}},
    {"resource":{"resourceType":"Patient","managingOrganization":{"reference":"Organization/o"}}},
    {"resource":{"resourceType":"Patient","managingOrganization":{"reference":"Organization/x"}}}]}"#;

/// True of what is a Patient, and no vital sign.
const CONFORMS: &str = "conformsTo('http://hl7.org/fhir/StructureDefinition/Patient') \
    and conformsTo('http://hl7.org/fhir/StructureDefinition/heartrate').not()";

fn folder() -> Folder {
    let lines = format!("{PATIENT}\nno json\n{NAMED}\n");
    Folder::new(&[
        ("bundle.json", BUNDLE.as_bytes()),
        ("lines.ndjson", lines.as_bytes()),
        ("named.json", NAMED.as_bytes()),
        ("broken.json", b"{"),
    ])
}

#[test]
fn for_people() {
    let folder = folder();
    let expressions = [
        "name.given | name.family | deceased | 1.50 | name.first()",
        "name.family.id | (multipleBirth + 1) | (today() > now())",
        "Bundle.entry.resource.ofType(Patient).managingOrganization.resolve().type().name",
        "Bundle.entry.resource.managingOrganization.resolve().name",
        "id + 1",
    ];
    let mut shown = String::new();
    for expression in expressions {
        let run = folder.run(&["fhirpath", expression, "bundle.json", "lines.ndjson"]);
        shown += &format!("{expression}\n{}{}exit {}\n\n", run.out, run.err, run.code);
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn for_programs() {
    let folder = folder();
    let args = [
        "fhirpath",
        "--format",
        "json",
        "name.given | 1.50",
        "named.json",
    ];
    let run = folder.run(&args);
    assert_eq!(run.code, 0);
    insta::assert_snapshot!(run.out);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(document["schema_version"], 1);
}

#[test]
fn exit_status() {
    let folder = folder();
    for (args, code) in [
        (&["fhirpath", "id", "named.json"][..], 0),
        (&["fhirpath", "id + 1", "named.json"], 1),
        (&["fhirpath", "deceasedBoolean", "named.json"], 0),
        (
            &["fhirpath", "--strict", "deceasedBoolean", "named.json"],
            1,
        ),
        (&["fhirpath", "--strict", CONFORMS, "named.json"], 0),
        (&["fhirpath", "id", "named.json", "absent.json"], 2),
        (&["fhirpath", "id", "broken.json"], 2),
        (&["fhirpath", "id +", "named.json"], 2),
        // An expression may begin as an option does; options are still options around it.
        (&["fhirpath", "-7 mod 2", "named.json"], 0),
        (&["fhirpath", "-(1)", "named.json", "--strict"], 0),
        (
            &["fhirpath", "--strict", "-name.count() < 0", "named.json"],
            0,
        ),
        (&["fhirpath", "-name", "named.json"], 1),
        (&["fhirpath", "-1 +", "named.json"], 2),
        // R4's types are known, as types and as profiles.
        (&["fhirpath", "name is HumanNam", "named.json"], 1),
        (
            &[
                "fhirpath",
                "conformsTo('http://hl7.org/fhir/StructureDefinition/Group|4.0.1')",
                "named.json",
            ],
            0,
        ),
        (
            &[
                "fhirpath",
                "conformsTo('http://hl7.org/fhir/StructureDefinition/Gruop')",
                "named.json",
            ],
            1,
        ),
        (&["fhirpath", "id"], 2),
    ] {
        assert_eq!(folder.run(args).code, code, "{args:?}");
    }
}

#[test]
fn faults_of_the_expression_are_shown_in_it() {
    let run = run_in(Path::new("."), &["fhirpath", "name.\n exist()", "-"], b"");
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    insta::assert_snapshot!(run.err);
}

#[test]
fn standard_input_and_trace() {
    let args = ["fhirpath", "name.given.trace('t').count()", "-"];
    let run = run_in(Path::new("."), &args, NAMED.as_bytes());
    assert_eq!(run.code, 0);
    assert!(run.out.contains("System.Integer  2"), "{}", run.out);
    assert_eq!(run.err, "t: \"Ann\"\nt: \"B\\u001bob\"\n");
}
