//! What reviews and hooks use: reports for GitLab, standard input under a name, manual pages, and the files of hooks
//! and editors.

use crate::{BAD_DATE, Folder, PATIENT, run_in};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn gitlab(folder: &Folder, args: &[&str]) -> Vec<Value> {
    let run = folder.run(&[&["validate", "--format", "gitlab"], args].concat());
    assert!(!run.out.contains("09.05.1977"), "{}", run.out);
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.out))
}

#[test]
fn reports_for_gitlab() {
    let twice = r#"{"resourceType":"Patient","birthDate":"1","contact":[{},{}]}"#;
    let folder = Folder::new(&[
        ("a/bad.json", BAD_DATE.as_bytes()),
        ("good.json", PATIENT.as_bytes()),
        ("twice.json", twice.as_bytes()),
    ]);
    assert_eq!(gitlab(&folder, &["good.json"]), [] as [Value; 0]);
    let mut found = gitlab(&folder, &["./a/bad.json"]);
    let fingerprint = found[0]["fingerprint"].take();
    assert_eq!(fingerprint.as_str().unwrap().len(), 32);
    assert_eq!(
        found,
        [json!({
            "description": "invalid date; expected YYYY, YYYY-MM or YYYY-MM-DD at Patient.birthDate",
            "check_name": "R4-DATE",
            "fingerprint": null,
            "severity": "major",
            "location": {"path": "a/bad.json", "lines": {"begin": 1}},
        })]
    );
    // A fingerprint stays when lines move.
    fs::write(folder.path("a/bad.json"), format!("\n\n{BAD_DATE}")).unwrap();
    let moved = gitlab(&folder, &["a/bad.json"]);
    assert_eq!(moved[0]["fingerprint"], fingerprint);
    assert_eq!(moved[0]["location"]["lines"]["begin"], 3);
    let all = gitlab(&folder, &[".", "none.json"]);
    let fingerprints: BTreeSet<&str> = all
        .iter()
        .map(|one| one["fingerprint"].as_str().unwrap())
        .collect();
    assert_eq!(fingerprints.len(), all.len(), "{all:#?}");
    let severities: BTreeSet<&str> = all
        .iter()
        .map(|one| one["severity"].as_str().unwrap())
        .collect();
    assert_eq!(severities, BTreeSet::from(["blocker", "major"]));
    gitlab(&folder, &["--fold", "0", "."]);
}

#[test]
fn standard_input_under_a_name() {
    let folder = Folder::new(&[]);
    let lines = format!("{PATIENT}\n{BAD_DATE}\n");
    for (name, input, expect) in [
        ("a/b.json", BAD_DATE, "a/b.json 1"),
        ("b.ndjson", &lines, "b.ndjson 2"),
        // One line is NDJSON by its name alone.
        ("b.jsonl", BAD_DATE, "b.jsonl 1"),
    ] {
        let args = [
            "validate",
            "--format",
            "ndjson",
            "--stdin-filename",
            name,
            "-",
        ];
        let run = run_in(&folder.path(""), &args, input.as_bytes());
        let issue: Value = serde_json::from_str(run.out.trim()).unwrap();
        let shown = format!("{} {}", issue["file"].as_str().unwrap(), issue["line"]);
        assert_eq!((shown.as_str(), run.code), (expect, 1));
    }
    let run = run_in(
        &folder.path(""),
        &["validate", "--format", "ndjson", "-"],
        BAD_DATE.as_bytes(),
    );
    assert!(run.out.contains("\"file\":\"-\""), "{}", run.out);
}

#[test]
fn manual_pages() {
    let folder = Folder::new(&[]);
    let run = folder.run(&["man"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(run.out.contains(".TH healthcode 1"), "{}", run.out);
    assert_eq!(folder.run(&["man", "--out-dir", "pages"]).code, 0);
    let help = folder.run(&["--help"]).out;
    let commands = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1);
    let commands = commands.take_while(|line| !line.is_empty());
    for command in commands.filter(|line| !line.starts_with("   ")) {
        let name = command.split_whitespace().next().unwrap();
        if name != "help" {
            let page = folder.read(&format!("pages/healthcode-{name}.1"));
            assert!(page.contains(".SH SYNOPSIS"), "{name}");
        }
    }
    assert!(
        folder
            .read("pages/healthcode-validate.1")
            .contains("stdin\\-filename")
    );
}

/// The manifest of the extension for VS Code is what its code reads, and names no file that is not there.
#[test]
fn extension_for_vs_code() {
    let folder = root().join("editors/vscode");
    let manifest: Value =
        serde_json::from_slice(&fs::read(folder.join("package.json")).unwrap()).unwrap();
    let code = fs::read_to_string(folder.join("extension.js")).unwrap();
    let main = manifest["main"].as_str().unwrap();
    assert!(folder.join(main).is_file(), "{main}");
    for field in ["name", "publisher", "version", "license"] {
        assert!(manifest[field].is_string(), "{field}");
    }
    let contributes = &manifest["contributes"];
    let settings = contributes["configuration"]["properties"]
        .as_object()
        .unwrap();
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    for (name, setting) in settings {
        let own = name.strip_prefix("healthcode.").unwrap();
        // The client itself reads what is traced.
        assert!(
            own == "trace.server" || code.contains(&format!("get(\"{own}\"")),
            "{name}"
        );
        assert!(
            setting["description"].is_string() && readme.contains(name.as_str()),
            "{name}"
        );
    }
    for command in contributes["commands"].as_array().unwrap() {
        let name = command["command"].as_str().unwrap();
        assert!(
            code.contains(&format!("registerCommand(\"{name}\"")),
            "{name}"
        );
    }
    for event in manifest["activationEvents"].as_array().unwrap() {
        let language = event.as_str().unwrap().strip_prefix("onLanguage:").unwrap();
        assert!(code.contains(&format!("\"{language}\"")), "{language}");
    }
    let dependencies = manifest["dependencies"].as_object().unwrap().keys();
    for dependency in dependencies {
        assert!(
            code.contains(&format!("require(\"{dependency}")),
            "{dependency}"
        );
    }
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
}

/// The hooks run what is there, and fail where payloads have errors.
#[test]
fn hooks() {
    let hooks = fs::read_to_string(root().join(".pre-commit-hooks.yaml")).unwrap();
    let entries: Vec<&str> = hooks
        .lines()
        .filter_map(|line| line.trim().strip_prefix("entry: "))
        .collect();
    assert_eq!(entries.len(), 2);
    let folder = Folder::new(&[
        ("bad.json", BAD_DATE.as_bytes()),
        ("good.json", format!("{PATIENT}\n").as_bytes()),
        ("pretty.json", b"{\n  \"resourceType\": \"Patient\"\n}\n"),
    ]);
    let program = Path::new(env!("CARGO_BIN_EXE_healthcode"))
        .parent()
        .unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    for (entry, file, code) in [
        (entries[0], "good.json", 0),
        (entries[0], "bad.json", 1),
        (entries[0], "none.json", 2),
        (entries[1], "pretty.json", 0),
        (entries[1], "good.json", 1),
    ] {
        let mut words = entry.split(' ');
        let script = root().join(words.next().unwrap());
        let run = std::process::Command::new(script)
            .args(words)
            .arg(file)
            .current_dir(folder.path(""))
            .env("PATH", &path)
            .output()
            .unwrap();
        assert_eq!(run.status.code(), Some(code), "{entry} {file}");
    }
}
