//! Every machine output follows the JSON schema that is committed for it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;
use std::path::Path;
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn run(folder: &Path, args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_healthcode"))
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.stderr.is_empty(), "{args:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn schema(path: &str) -> jsonschema::Validator {
    let text = std::fs::read_to_string(format!("{ROOT}/crates/{path}.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    assert!(jsonschema::meta::is_valid(&schema), "{path}");
    jsonschema::validator_for(&schema).unwrap()
}

#[track_caller]
fn follows(schema: &jsonschema::Validator, document: &Value) {
    let faults: Vec<_> = schema
        .iter_errors(document)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
    // A schema that takes anything proves nothing.
    let mut other = document.clone();
    other["schema_version"] = 2.into();
    assert!(!schema.is_valid(&other));
    let mut other = document.clone();
    other["undocumented"] = true.into();
    assert!(!schema.is_valid(&other));
}

fn payloads() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("good.json", r#"{"resourceType":"Patient"}"#),
        ("empty.json", ""),
        (
            "bad.json",
            r#"{"resourceType":"Patient","_birthDate":[],"name":[{"given":[null,"",""]}],"x":1,
                "active":"yes","gender":1,"birthDate":"1.1.2000","contact":[{},{}],"id":"ä b"}"#,
        ),
        ("other.json", r#"{"resourceType":"Pateint"}"#),
        (
            "group.json",
            r#"{"resourceType":"Group","name":"a","_name":{},"actual":true}"#,
        ),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn validate() {
    let folder = payloads();
    let report = schema("healthcode-validate/schemas/report");
    let line = schema("healthcode-validate/schemas/issue");
    for more in [&[][..], &["--show-values"], &["--fold", "1"]] {
        for (format, schema) in [("json", &report), ("ndjson", &line)] {
            let args = [&["validate", "--format", format], more, &[".", "none.json"]].concat();
            let text = run(folder.path(), &args);
            if format == "json" {
                follows(schema, &serde_json::from_str(&text).unwrap());
            } else {
                assert!(text.lines().count() > 5, "{text}");
                for line in text.lines() {
                    follows(schema, &serde_json::from_str(line).unwrap());
                }
            }
        }
    }
}

#[test]
fn others() {
    let documented = Path::new(ROOT).join("tests/fixtures/documented");
    for (path, args) in [
        ("rules", &["rules", "--format", "json"][..]),
        ("endpoints", &["query", "endpoints", "--format", "json"]),
        (
            "query",
            &[
                "query",
                "explain",
                "--format",
                "json",
                "--endpoint",
                "Patient",
                "birthdat=x&name=a",
            ],
        ),
        (
            "query",
            &[
                "query",
                "build",
                "--format",
                "json",
                "--endpoint",
                "Patient",
                "name=a",
            ],
        ),
        ("decode", &["decode", "--format", "json", "."]),
        (
            "fhirpath",
            &["fhirpath", "--format", "json", "id | 1 'kg' | meta", "."],
        ),
    ] {
        let schema = schema(&format!("healthcode-cli/schemas/{path}"));
        follows(
            &schema,
            &serde_json::from_str(&run(&documented, args)).unwrap(),
        );
    }
}

/// What SARIF 2.1.0 requires of the parts that are written.
#[test]
fn sarif() {
    let folder = payloads();
    let text = run(
        folder.path(),
        &["validate", "--format", "sarif", ".", "none.json"],
    );
    let log: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(run["tool"]["driver"]["name"].is_string());
    let results = run["results"].as_array().unwrap();
    assert!(results.len() > 5);
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        let levels = ["none", "note", "warning", "error"];
        assert!(levels.contains(&result["level"].as_str().unwrap()));
        assert!(result["message"]["text"].is_string());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["artifactLocation"]["uri"].is_string());
        assert!(place["region"]["startLine"].as_u64() >= Some(1));
        assert!(place["region"]["startColumn"].as_u64() >= Some(1));
    }
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let notice = &invocation["toolExecutionNotifications"][0];
    assert!(notice["message"]["text"].is_string());
}
