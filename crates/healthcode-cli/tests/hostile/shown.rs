//! What is shown: no values of payloads off a terminal, and nothing that terminals or build servers
//! obey.

use crate::{Folder, PATIENT};

const FORMATS: [&str; 9] = [
    "human",
    "json",
    "ndjson",
    "sarif",
    "junit",
    "github",
    "operation-outcome",
    "html",
    "statistics",
];

/// What texts that are no JSON, and objects that are maps, have for names is a value.
#[test]
fn values_in_the_place_of_names() {
    let payloads = [
        // A key was lost.
        r#"{"9000000009"}"#,
        r#"{"resourceType":"Patient","id":"a","9000000009"}"#,
        r#"{"resourceType":"Patient","name":[{"family":"Quixote","Dulcinea"}]}"#,
        // Sets, as Python writes them.
        r#"{"resourceType":"Patient","name":[{"given":{"Dulcinea","Quixote"}}]}"#,
        // Quotes were lost or not escaped.
        r#"{"resourceType":"Patient","name":[{"text":"the "Dulcinea" of", "Quixote": "x"]}"#,
        r#"{"resourceType":"Patient","name":[{"family":"Quixote}],"gender":"male"}"#,
        r#"{"Dulcinea" "Quixote":1}"#,
        r#"{"Dulcinea":"Quixote":"9000000009"}"#,
        r#"{"resourceType":"Patient","name":{"Dulcinea\q":1}}"#,
        "{\"resourceType\":\"Patient\",\"name\":{\"Dulcinea\n\":1}}",
        // Its type is not one of R4.
        r#"{"resourceType":"Quixote","a":}"#,
        r#"{"resourceType":"Quixote","a":1}"#,
        r#"{"resourceType":"Quixote","Dulcinea":{"a":9000000009,}}"#,
        // Maps, with and without other faults.
        r#"{"resourceType":"Patient","9000000009":{"family":"Quixote"}}"#,
        r#"{"resourceType":"Patient","name":[{"Dulcinea Quixote":1,"Quixote":2,"d@quixote.example":3}]}"#,
        r#"{"resourceType":"Patient","9000000009":[{"Dulcinea":{"Quixote" 1}}]}"#,
        r#"{"Quixote":{"Dulcinea":[{"9000000009":tru}]}}"#,
        r#"{"resourceType":"Patient","Quixote":1,"Quixote":2,"_Dulcinea":3}"#,
        r#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","9000000009":1}},{"Quixote"}]}"#,
        // Values of the wrong form, and more than there may be.
        r#"{"resourceType":"Patient","birthDate":"Quixote","gender":"Dulcinea","active":"9000000009"}"#,
        r#"{"resourceType":"Patient","meta":{"profile":["http://Quixote.example/9000000009"]}}"#,
        r#"{"resourceType":"Patient","extension":[{"url":"http://Quixote.example/Dulcinea"}]}"#,
        r##"{"resourceType":"Patient","generalPractitioner":[{"reference":"#Quixote"},{"reference":"Dulcinea/9000000009"}]}"##,
        r#"{"resourceType":"Patient","text":{"status":"generated","div":"<Quixote Dulcinea='9000000009'>&Quixote;</Dulcinea>"}}"#,
    ];
    let secrets = ["9000000009", "Quixote", "Dulcinea"];
    let names: Vec<String> = (0..payloads.len())
        .map(|number| format!("{number}.json"))
        .collect();
    let files: Vec<_> = names
        .iter()
        .map(String::as_str)
        .zip(payloads.iter().map(|text| text.as_bytes()))
        .collect();
    let folder = Folder::new(&files);
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    // These show what payloads hold, if they can be read.
    let is_json = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
    let broken: Vec<&str> = all
        .iter()
        .zip(payloads)
        .filter(|(_, text)| !is_json(text))
        .map(|(name, _)| *name)
        .collect();
    assert!(broken.len() > 10);
    let check = |args: &[&str], names: &[&str]| {
        let run = folder.run(&[args, names].concat());
        for text in [&run.out, &run.err] {
            for secret in secrets {
                let line = text.lines().find(|line| line.contains(secret));
                assert_eq!(line, None, "{args:?}");
            }
        }
    };
    for format in FORMATS {
        check(&["validate", "--format", format, "--no-fold"], &all);
        check(&["validate", "--format", format, "--fold", "0"], &all);
        check(
            &[
                "validate",
                "--format",
                format,
                "--severity",
                "JSON-SYNTAX=warning",
            ],
            &all,
        );
    }
    check(&["fmt", "--check"], &all);
    check(&["fhirpath", "id.exists()"], &all);
    check(&["fhirpath", "--format", "json", "id.exists()"], &all);
    check(&["fmt"], &broken);
    check(&["decode"], &broken);
    check(&["decode", "--format", "json"], &broken);
    for name in &all {
        check(&["query", "run", name, "Patient?_id=x"], &[]);
    }
}

/// Names that are surely names stay, and all of them where values are requested.
#[test]
fn names_that_are_shown() {
    let payload = r#"{"resourceType":"Patient","favouriteColour":1,"BirthDate":"x","fhir_comments":["y"],"9000000009":1}"#;
    let folder = Folder::new(&[("a.json", payload.as_bytes())]);
    let paths = |args: &[&str]| {
        let run = folder.run(&[&["validate", "--format", "ndjson", "a.json"], args].concat());
        let lines = run.out.lines();
        let lines = lines.map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let place = |line: serde_json::Value| format!("{} {}", line["path"], line["pointer"]);
        lines
            .map(place)
            .collect::<Vec<_>>()
            .join("\n")
            .replace('"', "")
    };
    let names = "Patient.favouriteColour /favouriteColour\nPatient.BirthDate /BirthDate\nPatient.fhir_comments /fhir_comments\n";
    assert_eq!(paths(&[]), format!("{names}Patient.*** /***"));
    let all = format!("{names}Patient.`9000000009` /9000000009");
    assert_eq!(paths(&["--show-values"]), all);
    let ignored = paths(&["--ignore", "*@Patient.`9000000009`"]);
    assert_eq!(ignored, names.trim_end());
}

/// Whether a text has anything that a terminal or a build server obeys.
fn obeyed(text: &str) -> Option<String> {
    let steers = |c: char| {
        c != '\n' && c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let command = |line: &&str| {
        // Those of the renderer itself are about a rule or a file.
        let line = line.trim_start();
        line.starts_with("::set-env") || line.starts_with("::stop") || line.contains("##[stop")
    };
    text.lines()
        .find(|line| line.contains(steers) || command(line))
        .map(str::to_owned)
}

const EVIL: &str = "\u{1b}[31m\u{1b}]0;x\u{7}\u{9b}2J\u{7f}\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\r\n::set-env name=a::b ##[stop-commands]x";

/// Names of files and folders, of which somebody else may have chosen those in an archive.
#[cfg(unix)]
#[test]
fn names_of_files() {
    let named = |start: &str, end: &str| format!("{start}{EVIL}{end}").replace('/', "_");
    let (bad, broken) = (named("", ".json"), named("::stop", "x.json"));
    let in_folder = format!("d/{}", named("", ".json"));
    let config = named("", ".toml");
    let folder = Folder::new(&[
        (&bad, br#"{ "resourceType":"Patient","id":"a b"}"#),
        (&broken, b"{"),
        (&in_folder, b"{"),
        (&config, b"\"a\\n::stop\" = 1\n"),
        ("good.json", PATIENT.as_bytes()),
        (&format!("{}/good.txt", named("e", "")), b""),
    ]);
    let empty = named("e", "");
    let mut runs: Vec<Vec<&str>> = vec![
        vec!["fmt", "--check", &bad, &broken],
        vec!["fmt", &broken],
        vec!["fmt", "--out-dir", "out", &bad, &bad],
        vec!["decode", &bad, &broken],
        vec!["decode", "--format", "json", &bad, &broken],
        vec!["fhirpath", "id", &bad, &broken],
        vec!["fhirpath", "--format", "json", "id", &bad, &broken],
        vec!["fhirpath", EVIL, &bad],
        vec!["bench", "--rounds", "3", &broken, &empty],
        vec!["query", "run", &broken, "Patient?_id=a"],
        vec!["query", "run", &bad, "Patient?_id=a"],
        vec!["query", "run", "--format", "json", &bad, "Patient?_id=a"],
        vec![
            "query",
            "build",
            "--endpoint",
            "Patient",
            "--address",
            EVIL,
            "name=x",
        ],
        vec![
            "query",
            "build",
            "--format",
            "json",
            "--endpoint",
            "Patient",
            "--address",
            EVIL,
            "name=x",
        ],
        vec!["query", "build", "--endpoint", EVIL, EVIL],
        vec!["query", "build", "--endpoint", "Patient", EVIL],
        vec!["query", "explain", EVIL],
        vec!["explain", EVIL],
        vec!["validate", "--profile", "d", "good.json"],
        vec!["validate", "--profile", &empty, "good.json"],
        vec!["validate", "--profile", &broken, "good.json"],
        vec![
            "validate",
            "--profile",
            "good.json",
            "--profile-url",
            EVIL,
            "good.json",
        ],
        vec!["validate", "--config", &config, "good.json"],
        vec!["validate", "--config", &broken, "good.json"],
        vec!["validate", "--ignore", EVIL, "good.json"],
        vec!["validate", "--severity", EVIL, "good.json"],
        vec!["validate", "--format", EVIL, "good.json"],
        vec!["validate", "-o", &bad, &bad],
        vec![EVIL],
        vec!["validate", EVIL],
    ];
    for format in FORMATS {
        runs.push(vec![
            "validate", "--format", format, &bad, &broken, "absent", "d", &empty,
        ]);
    }
    for args in runs {
        let run = folder.run(&args);
        for text in [&run.out, &run.err] {
            assert_eq!(obeyed(text), None, "{args:?}");
        }
    }
}

/// The texts of profiles.
#[test]
fn texts_of_profiles() {
    let text = serde_json::Value::from(EVIL);
    let profile = format!(
        r#"{{"resourceType":"StructureDefinition","url":"http://a.example/p","name":"P","status":"draft","kind":"resource","abstract":false,"type":"Patient","baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","derivation":"constraint","differential":{{"element":[{{"id":"Patient","path":"Patient","constraint":[{{"key":{text},"severity":"error","human":{text},"expression":"false"}}]}},{{"id":"Patient.gender","path":"Patient.gender","min":1,"fixedCode":{text}}}]}}}}"#
    );
    let payload =
        r#"{"resourceType":"Patient","meta":{"profile":["http://a.example/p"]},"gender":"male"}"#;
    let folder = Folder::new(&[
        ("p.json", profile.as_bytes()),
        ("a.json", payload.as_bytes()),
    ]);
    for format in FORMATS {
        let args = [
            "validate",
            "--format",
            format,
            "--profile",
            "p.json",
            "a.json",
        ];
        let run = folder.run(&args);
        assert_eq!(run.code, 1, "{format}: {}", run.err);
        assert_eq!(obeyed(&run.out), None, "{format}");
        let shown = folder.run(&[&args[..], &["--show-values"]].concat());
        assert_eq!(obeyed(&shown.out), None, "{format}");
    }
}

/// What payloads hold, where values are requested.
#[test]
fn values_that_are_shown() {
    let value = serde_json::Value::from(EVIL.replace(['\u{1b}', '\r', '\n', '\u{7}'], ""));
    let payload = format!(r#"{{"resourceType":"Patient","id":"a","gender":{value},{value}:1}}"#);
    let folder = Folder::new(&[("a.json", payload.as_bytes())]);
    for format in FORMATS {
        let run = folder.run(&["validate", "--show-values", "--format", format, "a.json"]);
        assert_eq!(obeyed(&run.out), None, "{format}");
    }
    for format in ["human", "json"] {
        let run = folder.run(&["fhirpath", "--format", format, "gender", "a.json"]);
        assert_eq!(obeyed(&run.out), None, "{format}");
        assert_eq!(run.code, 0);
        let run = folder.run(&["decode", "--format", format, "a.json"]);
        assert_eq!(obeyed(&run.out), None, "{format}");
    }
    // Off a terminal, a payload stays as it is.
    let run = folder.run(&["fmt", "--compact", "a.json"]);
    assert_eq!(run.out.trim_end(), payload);
}
