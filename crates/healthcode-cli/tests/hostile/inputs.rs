//! Inputs without end, compressed ones of many parts, and those that are not read.

use crate::{Folder, PATIENT, gzip, run_in, zstd};

/// A zstd frame that decoders pass over.
fn skippable(number: u8, bytes: &[u8]) -> Vec<u8> {
    let size = u32::try_from(bytes.len()).unwrap();
    [
        &[0x50 | number, 0x2a, 0x4d, 0x18],
        &size.to_le_bytes()[..],
        bytes,
    ]
    .concat()
}

#[test]
fn compressed_in_parts() {
    let line = format!("{PATIENT}\n");
    let (zst, gz) = (zstd(line.as_bytes()), gzip(line.as_bytes()));
    let zeros = vec![0; 70_000];
    let nothing = "there is something else after the compressed data";
    for (name, bytes, lines, error) in [
        (
            "a.ndjson.zst",
            [&skippable(0, &[1, 0, 0, 0])[..], &zst].concat(),
            1,
            "",
        ),
        (
            "a.ndjson.zst",
            [&zst[..], &skippable(15, b""), &skippable(3, &zeros), &zst].concat(),
            2,
            "",
        ),
        (
            "a.ndjson.zst",
            [&zst[..], &skippable(7, b"end")].concat(),
            1,
            "",
        ),
        (
            "a.ndjson.zst",
            [&zst[..], &skippable(0, &zeros)[..99]].concat(),
            1,
            "unexpected end of file",
        ),
        (
            "a.ndjson.zst",
            [&zst[..], &skippable(0, b"")[..6]].concat(),
            1,
            "unexpected end of file",
        ),
        ("a.ndjson.zst", [&zst[..], b"text"].concat(), 1, nothing),
        ("a.ndjson.zst", zst.repeat(3000), 3000, ""),
        ("a.ndjson.gz", [&gz[..], &zeros].concat(), 1, ""),
        ("a.ndjson.gz", [&gz[..], &gz, b"\0"].concat(), 2, ""),
        (
            "a.ndjson.gz",
            [&gz[..], &zeros, b"text"].concat(),
            1,
            nothing,
        ),
        ("a.ndjson.gz", [&gz[..], b"text"].concat(), 1, nothing),
        (
            "a.ndjson.gz",
            gz[..gz.len() - 3].to_vec(),
            1,
            "unexpected end of file",
        ),
    ] {
        let folder = Folder::new(&[(name, &bytes)]);
        let run = folder.run(&["fhirpath", "id", name]);
        assert_eq!(
            run.code,
            if error.is_empty() { 0 } else { 2 },
            "{}",
            run.out
        );
        assert!(run.out.contains(error), "{}", run.out);
        let found = run.out.matches("Patient.id").count();
        assert!(
            found == lines || !error.is_empty() && found <= lines,
            "{}",
            run.out
        );
    }
}

/// Limits are looked at before all is read.
#[cfg(target_os = "linux")]
#[test]
fn without_end() {
    let bomb = zstd(&vec![b' '; 40 << 20]);
    let folder = Folder::new(&[("bomb.json.zst", &bomb), ("good.json", PATIENT.as_bytes())]);
    for input in ["/dev/zero", "bomb.json.zst"] {
        for (args, code) in [
            (&["validate", "--max-resource", "2"][..], 1),
            (&["fmt", "--max-resource", "2"], 2),
            (&["fmt", "--check", "--max-resource", "2"], 2),
            (&["decode", "--max-resource", "2"], 1),
            (&["fhirpath", "--max-resource", "2", "id"], 2),
            (
                &["validate", "good.json", "--max-resource", "2", "--profile"],
                2,
            ),
        ] {
            let run = folder.run(&[args, &[input]].concat());
            assert_eq!(run.code, code, "{args:?} {input}: {}{}", run.out, run.err);
        }
        let args = [
            "query",
            "run",
            "--max-resource",
            "2",
            input,
            "Patient?_id=x",
        ];
        let run = folder.run(&args);
        assert_eq!(run.code, 2, "{}", run.err);
        assert!(run.err.contains("--max-resource"), "{}", run.err);
    }
    let run = folder.run(&["validate", "--config", "/dev/zero", "good.json"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("larger than 4 MiB"), "{}", run.err);
    let run = run_in(
        &folder.path("."),
        &["query", "explain", "-"],
        &vec![b'a'; 5 << 20],
    );
    assert_eq!(run.code, 2);
    assert!(run.err.contains("larger than 4 MiB"), "{}", run.err);
}

/// The position at which a text is too large is that of its offset.
#[test]
fn where_a_text_is_too_large() {
    let start = "\u{feff}{\"resourceType\": \"Patient\",\n";
    let text = format!("{start}\"id\": \"{}\"}}", "é".repeat(1 << 20));
    let folder = Folder::new(&[("a.json", text.as_bytes())]);
    let run = folder.run(&[
        "validate",
        "--format",
        "ndjson",
        "--max-resource",
        "1",
        "a.json",
    ]);
    let issue: serde_json::Value = serde_json::from_str(run.out.lines().next().unwrap()).unwrap();
    assert_eq!((run.code, &issue["rule"]), (1, &"JSON-SIZE".into()));
    assert_eq!(
        (&issue["offset"], &issue["line"]),
        (&(1 << 20).into(), &2.into())
    );
    let read = (1 << 20) - start.len() - "\"id\": \"".len();
    assert_eq!(issue["column"], "\"id\": \"".len() + read.div_ceil(2) + 1);
}

/// What is not read is reported, and never ends in 0.
#[test]
fn what_is_not_read() {
    let xml =
        r#"<?xml version="1.0"?><Patient xmlns="http://hl7.org/fhir"><id value="a"/></Patient>"#;
    let folder = Folder::new(&[
        ("good.json", PATIENT.as_bytes()),
        ("a.xml", xml.as_bytes()),
        ("b.json", xml.as_bytes()),
        ("xml/a.xml", xml.as_bytes()),
        ("mixed/a.xml", xml.as_bytes()),
        ("mixed/good.json", PATIENT.as_bytes()),
        ("others/good.json", PATIENT.as_bytes()),
        ("others/pom.xml", b"<project/>"),
        ("others/read.me", b"text"),
        ("empty/read.me", b"text"),
        ("page.json", b"<html>http://hl7.org/fhir</html>"),
    ]);
    let nothing = "--profile a.xml: it holds no profile";
    for (args, code, message) in [
        (&["validate", "a.xml"][..], 0, "in 1 file"),
        (&["validate", "b.json"], 0, "in 1 file"),
        (&["validate", "xml"], 0, "in 1 file"),
        (&["validate", "mixed"], 0, "in 2 files"),
        (&["validate", "--exclude", "*.xml", "mixed"], 0, "in 1 file"),
        (&["validate", "others"], 0, ""),
        (&["validate", "empty"], 2, "it has no .json"),
        (
            &["validate", "--exclude", "*.json", "others"],
            2,
            "that are not excluded",
        ),
        (&["validate", "page.json"], 1, "this begins like HTML"),
        (&["fmt", "a.xml"], 0, "<Patient xmlns"),
        (&["decode", "a.xml"], 0, ""),
        (&["fhirpath", "id", "a.xml"], 0, "Patient.id"),
        (&["query", "run", "a.xml", "Patient?_id=a"], 0, "Patient"),
        (&["validate", "--profile", "a.xml", "good.json"], 2, nothing),
        (
            &["validate", "--profile", "xml", "good.json"],
            2,
            "it holds no profile",
        ),
        (
            &["validate", "--profile", "empty", "good.json"],
            2,
            "--profile empty: it has no .json",
        ),
        (
            &["validate", "--profile", "others", "good.json"],
            2,
            "--profile others: it holds no profile",
        ),
        (
            &["validate", "--profile", "good.json", "good.json"],
            2,
            "--profile good.json: it holds no profile",
        ),
    ] {
        let run = folder.run(args);
        let text = format!("{}{}", run.out, run.err);
        assert_eq!(run.code, code, "{args:?}: {text}");
        assert!(text.contains(message), "{args:?}: {text}");
    }
}

/// Pipes in folders are not waited for, not by a link either.
#[cfg(unix)]
#[test]
fn pipes_in_folders() {
    let folder = Folder::new(&[("in/good.json", PATIENT.as_bytes()), ("else/x", b"")]);
    for pipe in ["in/a.json", "else/pipe"] {
        let made = std::process::Command::new("mkfifo")
            .arg(folder.path(pipe))
            .status();
        assert!(made.unwrap().success());
    }
    std::os::unix::fs::symlink("../else/pipe", folder.path("in/b.json")).unwrap();
    for command in [
        &["validate"][..],
        &["decode"],
        &["fhirpath", "id"],
        &["fmt", "--check"],
    ] {
        let run = folder.run(&[command, &["in"]].concat());
        let text = format!("{}{}", run.out, run.err);
        assert_eq!(run.code, 2, "{command:?}: {text}");
        for name in ["in/a.json", "in/b.json"] {
            assert!(text.contains(name), "{command:?}: {text}");
        }
    }
}
