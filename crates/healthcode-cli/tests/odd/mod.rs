//! What is odd about where the command runs: full disks, files in the way, folders without leave.

use crate::{BAD_DATE, Folder, PATIENT, run_in};
use serde_json::Value;
use std::fs;
use std::process::{Command, Stdio};

/// No output fails with a panic, whichever command has it and whichever stream is full.
#[cfg(target_os = "linux")]
#[test]
fn full_disks() {
    let folder = Folder::new(&[("good.json", PATIENT.as_bytes()), ("odd.json", b"{ }")]);
    let full = || Stdio::from(fs::File::options().write(true).open("/dev/full").unwrap());
    for args in [
        &["validate", "good.json"][..],
        &["validate", "--output", "/dev/full", "good.json"],
        &["validate", "--format", "statistics", "good.json"],
        &["rules"],
        &["completions", "bash"],
        &["explain", "R4-DATE"],
        &["fmt", "good.json"],
        &["fmt", "--check", "odd.json"],
        &["decode", "good.json"],
        &["fhirpath", "id", "good.json"],
        &["bench", "--rounds", "3", "good.json"],
        &["query", "endpoints"],
        &["query", "build", "--endpoint", "Patient", "name=x"],
        &["query", "explain", "Patient?name=x"],
        &["query", "run", "good.json", "Patient?name=x"],
        &["query", "run", "--check", "good.json", "Patient?name=x"],
    ] {
        let status = |stderr: Stdio| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_healthcode"));
            command.args(args).current_dir(folder.path("."));
            let output = command.stdout(full()).stderr(stderr).output().unwrap();
            (
                output.status.code(),
                String::from_utf8(output.stderr).unwrap(),
            )
        };
        let (code, said) = status(Stdio::piped());
        assert_eq!(code, Some(2), "{args:?}: {said}");
        assert!(said.contains("No space left on device"), "{args:?}: {said}");
        assert_eq!(status(full()).0, Some(2), "{args:?}");
    }
}

/// A report never takes the place of a payload; that of an earlier run is no payload.
#[test]
fn reports_beside_payloads() {
    let folder = Folder::new(&[("in/bad.json", BAD_DATE.as_bytes()), ("in/r.json", b"{}")]);
    let run = folder.run(&["validate", "-o", "in/../in/bad.json", "in/bad.json"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    let says = "--output in/../in/bad.json: this is an input; it stays as it is";
    assert!(run.err.contains(says), "{}", run.err);
    assert_eq!(folder.read("in/bad.json"), BAD_DATE);
    let args = ["validate", "--format", "json", "-o", "in/r.json", "in"];
    for _ in 0..2 {
        assert_eq!(folder.run(&args).code, 1);
        let report: Value = serde_json::from_str(&folder.read("in/r.json")).unwrap();
        assert_eq!(report["summary"]["files"], 1);
    }
}

/// What a link names is written, and the link stays.
#[cfg(unix)]
#[test]
fn linked_reports() {
    let folder = Folder::new(&[("bad.json", BAD_DATE.as_bytes()), ("to/report", b"")]);
    std::os::unix::fs::symlink("to/report", folder.path("link")).unwrap();
    assert_eq!(folder.run(&["validate", "-o", "link", "bad.json"]).code, 1);
    assert!(folder.read("to/report").contains("R4-DATE"));
    assert!(folder.path("link").is_symlink());
}

/// Messages name the files that somebody requested, and no others.
#[test]
fn places_that_cannot_be_written() {
    let folder = Folder::new(&[("bad.json", BAD_DATE.as_bytes())]);
    let run = folder.run(&["validate", "-o", "absent/report", "bad.json"]);
    assert_eq!(run.code, 2);
    assert_eq!(run.err.lines().count(), 1);
    assert!(
        run.err.starts_with("healthcode: absent/report: "),
        "{}",
        run.err
    );
    assert!(!run.err.contains(".healthcode-"), "{}", run.err);
}

/// A folder that is gone has no settings.
#[cfg(unix)]
#[test]
fn a_folder_that_is_gone() {
    let folder = Folder::new(&[("good.json", PATIENT.as_bytes()), ("here/x", b"")]);
    let (bin, file) = (env!("CARGO_BIN_EXE_healthcode"), folder.path("good.json"));
    let text = format!("rm -r ../here && '{bin}' validate '{}'", file.display());
    let mut shell = Command::new("sh");
    let shell = shell.args(["-c", &text]).current_dir(folder.path("here"));
    let output = shell.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn options_out_of_range() {
    let folder = Folder::new(&[("good.json", PATIENT.as_bytes())]);
    for option in [
        "--max-resource",
        "--max-decompressed",
        "--max-depth",
        "--jobs",
    ] {
        let run = folder.run(&["validate", option, "0", "good.json"]);
        assert_eq!(run.code, 2);
        assert!(run.err.contains(option), "{}", run.err);
    }
}

/// Lines of NDJSON at fault are named by their place in the file.
#[test]
fn lines_at_fault() {
    let lines = format!("{PATIENT}\n\n{PATIENT}\n{{\"a\":}}\n");
    let folder = Folder::new(&[("a.ndjson", lines.as_bytes())]);
    for args in [
        &["fmt", "a.ndjson"][..],
        &["query", "run", "a.ndjson", "Patient?name=x"],
    ] {
        let run = folder.run(args);
        assert_eq!(run.code, 2, "{args:?}");
        assert!(run.err.contains("(4:6)"), "{args:?}: {}", run.err);
    }
}

/// Resources without a type are counted in English.
#[test]
fn untyped() {
    let folder = Folder::new(&[("a.ndjson", b"{}\n{}"), ("b.ndjson", b"{}\n{\"x\":1}\n[]")]);
    let run = run_in(&folder.path("."), &["decode", "a.ndjson", "b.ndjson"], b"");
    assert!(
        run.out.contains("a.ndjson: 2 resources without a type"),
        "{}",
        run.out
    );
    let one = run_in(&folder.path("."), &["decode", "-"], b"{}");
    assert!(
        one.out.contains("-: 1 resource without a type"),
        "{}",
        one.out
    );
}

#[test]
fn compressed_payloads_are_not_measured() {
    let folder = Folder::new(&[("a.json.gz", &crate::gzip(PATIENT.as_bytes()))]);
    let run = folder.run(&["bench", "a.json.gz"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("it is compressed"), "{}", run.err);
}
