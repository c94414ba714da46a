//! `healthcode validate --fix`, `--diff` and `--baseline`.

use crate::{Folder, run_in};
use serde_json::Value;
use std::fs;
use std::path::Path;

const PATIENT: &str = "{\r\n  \"resourceType\": \"Patient\",\r\n  \"active\": \"true\",\r\n  \"birthDate\": \"1974-1-5\",\r\n  \"link\": []\r\n}\r\n";
const FIXED: &str = "{\r\n  \"resourceType\": \"Patient\",\r\n  \"active\": true,\r\n  \"birthDate\": \"1974-01-05\"\r\n}\r\n";
const DOTTED: &str = r#"{"resourceType":"Patient","birthDate":"09.05.1977"}"#;
const XML: &str = "<Patient xmlns=\"http://hl7.org/fhir\">\n  <gender value=\"Male\"/>\n  <active value=\"true\"/>\n</Patient>\n";

#[test]
fn files_are_rewritten() {
    let folder = Folder::new(&[
        ("a.json", PATIENT.as_bytes()),
        ("b.json", DOTTED.as_bytes()),
        ("c.xml", XML.as_bytes()),
        ("d.ndjson", b"{\"resourceType\":\"Patient\",\"link\":[]}\n\n{\"resourceType\":\"Patient\",\"active\":[true]}\r\n{\"resourceType\":\"Patient\"}"),
    ]);
    let run = folder.run(&["validate", "--fix", "."]);
    assert_eq!((run.code, run.err.as_str()), (1, ""), "{}", run.out);
    assert!(
        run.out.contains("R4-DATE") && run.out.contains("b.json"),
        "{}",
        run.out
    );
    assert!(
        run.out
            .ends_with("7 fixed, 1 fixable with --fix --unsafe-fixes\n"),
        "{}",
        run.out
    );
    assert_eq!(folder.read("a.json"), FIXED);
    assert_eq!(folder.read("b.json"), DOTTED);
    assert_eq!(
        folder.read("c.xml"),
        "<Patient xmlns=\"http://hl7.org/fhir\">\n  <active value=\"true\"/>\n  <gender value=\"male\"/>\n</Patient>\n"
    );
    assert_eq!(
        folder.read("d.ndjson"),
        "{\"resourceType\":\"Patient\"}\n\n{\"resourceType\":\"Patient\",\"active\":true}\r\n{\"resourceType\":\"Patient\"}"
    );
    let run = folder.run(&["validate", "--fix", "--unsafe-fixes", "."]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    assert!(folder.read("b.json").contains("1977-05-09"));
    let run = folder.run(&["validate", "--fix", "--unsafe-fixes", "--diff", "."]);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{}", run.err);
}

#[test]
fn diffs() {
    let folder = Folder::new(&[("a.json", PATIENT.as_bytes())]);
    let run = folder.run(&["validate", "--diff", "a.json"]);
    let masked = "--- a.json\n+++ a.json\n@@ -1,6 +1,5 @@\n {\n   \"resourceType\": \"*******\",\n-  \"active\": \"****\",\n-  \"birthDate\": \"********\",\n-  \"link\": []\n+  \"active\": ****,\n+  \"birthDate\": \"**********\"\n }\n";
    assert_eq!((run.code, run.out.as_str()), (1, masked));
    assert_eq!(run.err, "healthcode: 3 issues would be fixed in 1 file\n");
    assert_eq!(folder.read("a.json"), PATIENT);
    let run = folder.run(&["validate", "--diff", "--show-values", "a.json"]);
    assert!(
        run.out.contains("-  \"birthDate\": \"1974-1-5\",\r\n"),
        "{}",
        run.out
    );
    let run = run_in(
        folder.path("").as_path(),
        &["validate", "--diff", "-"],
        PATIENT.as_bytes(),
    );
    assert_eq!((run.code, run.out), (1, masked.replace("a.json", "-")));
}

#[test]
fn standard_input_becomes_standard_output() {
    let here = Path::new(".");
    let run = run_in(here, &["validate", "--fix", "-"], PATIENT.as_bytes());
    assert_eq!((run.code, run.out.as_str()), (0, FIXED));
    assert_eq!(run.err, "healthcode: 3 issues fixed in 1 file\n");
    for text in ["", "{", "\u{0}\u{1}\u{fffd}", "PK\u{3}\u{4}"] {
        let run = run_in(here, &["validate", "--fix", "-"], text.as_bytes());
        assert_eq!((run.code, run.out.as_str()), (1, text));
    }
    let run = run_in(here, &["validate", "--fix", "-", "x.json"], b"");
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("expected - as the only path"),
        "{}",
        run.err
    );
}

#[test]
fn what_is_not_rewritten() {
    let har = br#"{"log":{"entries":[{"request":{"method":"GET","url":"https://example.org"},"response":{"status":200,"content":{"text":"{\"resourceType\":\"Patient\",\"link\":[]}"}}}]}}"#;
    let folder = Folder::new(&[
        ("a.har", har),
        ("binary", b"\x00\xff\x01"),
        ("empty.json", b""),
    ]);
    for (name, reason) in [
        ("a.har", "a captured exchange is not rewritten"),
        ("missing.json", "No such file"),
        ("binary", ""),
        ("empty.json", ""),
    ] {
        let before = fs::read(folder.path(name)).ok();
        let run = folder.run(&["validate", "--fix", "--unsafe-fixes", name]);
        assert!(
            format!("{}{}", run.out, run.err).contains(reason),
            "{name}: {}{}",
            run.out,
            run.err
        );
        assert_eq!(fs::read(folder.path(name)).ok(), before, "{name}");
    }
    let run = folder.run(&["validate", "--unsafe-fixes", "a.har"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("--unsafe-fixes is for --fix or --diff"),
        "{}",
        run.err
    );
}

#[cfg(unix)]
#[test]
fn links_and_modes() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::new(&[
        ("a.json", PATIENT.as_bytes()),
        ("b.json", PATIENT.as_bytes()),
    ]);
    fs::set_permissions(folder.path("a.json"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("a.json", folder.path("link.json")).unwrap();
    let run = folder.run(&["validate", "--fix", "link.json"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(folder.read("a.json"), FIXED);
    assert!(
        folder
            .path("link.json")
            .symlink_metadata()
            .unwrap()
            .is_symlink()
    );
    let mode = folder
        .path("a.json")
        .metadata()
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
    fs::set_permissions(folder.path("b.json"), fs::Permissions::from_mode(0o444)).unwrap();
    let run = folder.run(&["validate", "--fix", "b.json"]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(
        run.err
            .contains("b.json: cannot be rewritten: it is read-only"),
        "{}",
        run.err
    );
    assert!(run.out.contains("FHIR-EMPTY-ARRAY"), "{}", run.out);
    assert_eq!(folder.read("b.json"), PATIENT);
    fs::set_permissions(folder.path("b.json"), fs::Permissions::from_mode(0o644)).unwrap();
    fs::hard_link(folder.path("b.json"), folder.path("c.json")).unwrap();
    let run = folder.run(&["validate", "--fix", "b.json"]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("several hard links"), "{}", run.err);
}

#[test]
fn filters_choose_fixes() {
    let folder = Folder::new(&[("a.json", PATIENT.as_bytes())]);
    let run = folder.run(&["validate", "--fix", "--ignore", "FHIR-*", "a.json"]);
    assert_eq!(run.code, 0, "{}", run.out);
    assert_eq!(
        folder.read("a.json"),
        PATIENT.replace("1974-1-5", "1974-01-05")
    );
    // What is not reported is not introduced either.
    let required =
        r#"{"resourceType":"Patient","communication":[{"language":{},"preferred":true}]}"#;
    fs::write(folder.path("b.json"), required).unwrap();
    let args = ["validate", "--fix", "--only", "FHIR-EMPTY-OBJECT", "b.json"];
    assert_eq!(folder.run(&args).code, 1);
    assert_eq!(folder.read("b.json"), required);
}

#[test]
fn reports_have_fixes() {
    let ndjson = "{\"resourceType\":\"Patient\"}\n{\"resourceType\":\"Patient\",\"birthDate\":\"1974-1-5\"}\n";
    let folder = Folder::new(&[
        ("a.json", PATIENT.as_bytes()),
        ("b.ndjson", ndjson.as_bytes()),
    ]);
    let run = folder.run(&[
        "validate",
        "--format",
        "ndjson",
        "--show-values",
        "b.ndjson",
    ]);
    let issue: Value = serde_json::from_str(&run.out).unwrap();
    let edit = &issue["fix"]["edits"][0];
    let range = |place: &str| edit[place]["offset"].as_u64().unwrap() as usize;
    assert_eq!(
        &ndjson[range("location")..range("end_location")],
        "\"1974-1-5\""
    );
    assert_eq!(edit["location"]["line"], 2);
    assert_eq!(edit["content"], "\"1974-01-05\"");
    assert_eq!(issue["fix"]["applicability"], "safe");
    let run = folder.run(&["validate", "--format", "ndjson", "b.ndjson"]);
    assert!(
        run.out.contains(r#""content":"\"**********\"""#),
        "{}",
        run.out
    );
    let run = folder.run(&["validate", "--format", "sarif", "a.json"]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let fix = &report["runs"][0]["results"][0]["fixes"][0];
    let region = &fix["artifactChanges"][0]["replacements"][0]["deletedRegion"];
    assert_eq!(region["startLine"], 3);
    assert_eq!(
        (&region["startColumn"], &region["endColumn"]),
        (&13.into(), &19.into())
    );
    let run = folder.run(&["validate", "a.json"]);
    assert!(run.out.ends_with("\n3 fixable with --fix\n"), "{}", run.out);
    assert!(
        run.out
            .contains("= safe fix: write the value without quotes"),
        "{}",
        run.out
    );
}

const KNOWN: &str =
    r#"{"resourceType":"Patient","birthDate":"1974-1-5","name":[{"family":""},{"family":""}]}"#;

#[test]
fn baselines() {
    let folder = Folder::new(&[
        ("in/a.json", KNOWN.as_bytes()),
        ("in/b.json", DOTTED.as_bytes()),
    ]);
    let run = folder.run(&["validate", "--write-baseline", "in"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(
        run.err,
        "healthcode: 4 known issues written to healthcode-baseline.json\n"
    );
    let list = folder.read("healthcode-baseline.json");
    assert!(!list.contains("1974") && !list.contains("09.05"), "{list}");
    // A folder may have the list in it, which is no payload.
    for folder_of_list in [".", "in"] {
        let with = [
            "validate",
            "--baseline",
            "healthcode-baseline.json",
            folder_of_list,
        ];
        let run = folder.run(&with);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    }
    let with = ["validate", "--baseline", "healthcode-baseline.json", "in"];
    let run = folder.run(&with);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    assert!(
        run.out
            .starts_with("0 errors, 0 warnings, 4 known left out in 2 files"),
        "{}",
        run.out
    );
    // In another place of the file, from another folder, and with other values.
    let moved = KNOWN
        .replace("[{", "[\n{\"text\":\"x\"},{")
        .replace("1974-1-5", "1975-1-5");
    fs::write(folder.path("in/a.json"), moved).unwrap();
    let inner = folder.path("in");
    let run = run_in(
        &inner,
        &[
            "validate",
            "--baseline",
            "../healthcode-baseline.json",
            "a.json",
        ],
        b"",
    );
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    // One more than is known.
    let more = KNOWN.replace("[{", "[{\"family\":\"\"},{");
    fs::write(folder.path("in/a.json"), more).unwrap();
    let run = folder.run(&with);
    assert_eq!(run.code, 1);
    assert!(
        run.out.contains("1 error, 0 warnings, 4 known left out"),
        "{}",
        run.out
    );
    // Some are resolved, and a file is gone.
    fs::write(
        folder.path("in/a.json"),
        KNOWN.replace("1974-1-5", "1974-01-05"),
    )
    .unwrap();
    fs::remove_file(folder.path("in/b.json")).unwrap();
    let run = folder.run(&with);
    assert_eq!(run.code, 0, "{}", run.out);
    assert_eq!(
        run.err,
        "healthcode: 2 known issues are resolved; --write-baseline removes them from healthcode-baseline.json:\n  R4-DATE in in/a.json at Patient.birthDate\n  R4-DATE in in/b.json at Patient.birthDate\n"
    );
    let run = folder.run(&[
        "validate",
        "--write-baseline",
        "--baseline",
        "healthcode-baseline.json",
        "in",
    ]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(!folder.read("healthcode-baseline.json").contains("R4-DATE"));
    // By the file of settings.
    fs::write(
        folder.path("healthcode.toml"),
        "baseline = \"healthcode-baseline.json\"\n",
    )
    .unwrap();
    let run = run_in(&inner, &["validate", "--format", "json", "a.json"], b"");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["summary"]["known"], 2);
}

#[test]
fn other_baselines() {
    let folder = Folder::new(&[
        ("a.json", DOTTED.as_bytes()),
        ("empty", b""),
        ("other", b"{\"version\":2,\"issues\":[]}"),
        ("text", b"{\"version\":1,\"issues\":[{\"file\":1974}]}"),
    ]);
    for (name, expect) in [
        ("missing", "missing: No such file"),
        ("empty", "empty: invalid baseline at line 1, column 0"),
        ("other", "other: unsupported version 2 of baselines"),
        ("text", "text: invalid baseline at line 1"),
    ] {
        let run = folder.run(&["validate", "--baseline", name, "a.json"]);
        assert_eq!(run.code, 2, "{name}");
        assert!(
            run.err.contains(expect) && !run.err.contains("1974"),
            "{name}: {}",
            run.err
        );
    }
    let run = folder.run(&[
        "validate",
        "--write-baseline=new.json",
        "a.json",
        "missing.json",
    ]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("the baseline was not written"),
        "{}",
        run.err
    );
    assert!(!folder.path("new.json").exists());
}

/// What would be changed in the payloads that Healthcode documents.
#[test]
fn documented_payloads() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for policy in ["r4", "healthcode"] {
        let args = [
            "validate",
            "--diff",
            "--unsafe-fixes",
            "--show-values",
            "--policy",
            policy,
        ];
        let enabled = ["--enable", "R4-PADDED-STRING", "tests/fixtures/documented"];
        let run = run_in(&root, &[&args[..], &enabled].concat(), b"");
        assert_eq!(run.code, 1, "{}", run.err);
        insta::assert_snapshot!(policy, format!("{}{}", run.out, run.err));
    }
}
