//! The command as a user runs it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(feature = "net")]
mod call;
mod decode;
#[cfg(all(unix, feature = "net"))]
mod docs;
mod fhirpath;
mod fixes;
mod hostile;
#[cfg(unix)]
mod lsp;
mod odd;
mod packages;
mod profiles;
mod query;
#[cfg(unix)]
mod review;
#[cfg(feature = "net")]
mod sandbox;
mod validate;
mod view;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const PATIENT: &str = r#"{"resourceType":"Patient","id":"p1","birthDate":"1977-05-09"}"#;
const BAD_DATE: &str = r#"{"resourceType":"Patient","id":"secret-id","birthDate":"09.05.1977"}"#;

/// A folder of files; gone with the value.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        Folder(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn run(&self, args: &[&str]) -> Run {
        run_in(self.0.path(), args, b"")
    }
}

struct Run {
    code: i32,
    out: String,
    err: String,
}

fn run_in(folder: &Path, args: &[&str], input: &[u8]) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_healthcode"))
        .args(args)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The command may end without reading its input.
    let _ = child.stdin.take().unwrap().write_all(input);
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    Run {
        code: status.code().unwrap_or(-1),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

#[test]
fn exit_status_says_what_was_found() {
    let folder = Folder::new(&[
        ("good.json", PATIENT.as_bytes()),
        ("bad.json", BAD_DATE.as_bytes()),
        (
            "blank.json",
            br#"{"resourceType":"Patient","language":"en","name":[{"family":" "}]}"#,
        ),
        ("empty.json", b""),
        ("binary.json", b"\x00\x01\x02\xff\xfe"),
        ("notes/none.txt", b"no payload"),
    ]);
    for (args, code) in [
        (&["validate", "good.json"][..], 0),
        (&["validate", "bad.json"], 1),
        (&["validate", "--policy", "healthcode", "bad.json"], 0),
        (&["validate", "blank.json"], 0),
        (&["validate", "--deny", "warnings", "blank.json"], 1),
        (&["validate", "empty.json"], 1),
        (&["validate", "binary.json"], 1),
        (&["validate", "absent.json"], 2),
        (&["validate", "notes"], 2),
        (&["validate", "absent.json", "good.json", "bad.json"], 2),
        (&["validate"], 2),
        (&["validate", "--nonsense", "good.json"], 2),
    ] {
        assert_eq!(folder.run(args).code, code, "{args:?}");
    }
    let run = folder.run(&["validate", "--format", "ndjson", "absent.json", "bad.json"]);
    assert!(
        run.out.contains("R4-DATE"),
        "the others are still checked: {}",
        run.out
    );
}

#[test]
fn every_kind_of_input_is_read() {
    let bundle = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"fullUrl":"http://a.b/1","resource":{BAD_DATE}}}]}}"#
    );
    let lines = format!("{PATIENT}\n\n{BAD_DATE}\n");
    let bom = format!("\u{feff}{BAD_DATE}");
    let folder = Folder::new(&[
        ("a.json", BAD_DATE.as_bytes()),
        ("b.ndjson", lines.as_bytes()),
        ("c.jsonl", lines.as_bytes()),
        ("d.json.gz", &gzip(BAD_DATE.as_bytes())),
        ("e.ndjson.zst", &zstd(lines.as_bytes())),
        ("f.json", bundle.as_bytes()),
        ("g.json", bom.as_bytes()),
        ("deep/er/h.json", BAD_DATE.as_bytes()),
        (".hidden/i.json", BAD_DATE.as_bytes()),
        ("j.txt", BAD_DATE.as_bytes()),
    ]);
    let run = folder.run(&["validate", "--format", "ndjson", "."]);
    assert_eq!(run.code, 1);
    let issues: Vec<serde_json::Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let found: Vec<String> = issues
        .iter()
        .filter(|issue| issue["rule"] == "R4-DATE")
        .map(|issue| {
            let file = issue["file"].as_str().unwrap().trim_start_matches("./");
            format!(
                "{file}:{}:{} {}",
                issue["line"],
                issue["column"],
                issue["path"].as_str().unwrap()
            )
        })
        .collect();
    let expect = [
        "a.json:1:56 Patient.birthDate",
        "b.ndjson:3:56 Patient.birthDate",
        "c.jsonl:3:56 Patient.birthDate",
        "d.json.gz:1:56 Patient.birthDate",
        "deep/er/h.json:1:56 Patient.birthDate",
        "e.ndjson.zst:3:56 Patient.birthDate",
        "f.json:1:147 Bundle.entry[0].resource.birthDate",
        "g.json:1:56 Patient.birthDate",
    ];
    assert_eq!(found, expect);
    // A file that is named is always tried.
    let run = folder.run(&["validate", "j.txt", ".hidden/i.json"]);
    assert_eq!(run.code, 1);
    let run = run_in(folder.0.path(), &["validate", "-"], BAD_DATE.as_bytes());
    assert_eq!(run.code, 1);
    assert!(run.out.contains("R4-DATE"));
}

#[test]
fn values_are_shown_only_when_asked_for() {
    let folder = Folder::new(&[("bad.json", BAD_DATE.as_bytes())]);
    for format in ["human", "ndjson", "json"] {
        let args = ["validate", "--format", format, "bad.json"];
        let hidden = folder.run(&args);
        assert!(!hidden.out.contains("09.05"), "{}", hidden.out);
        assert!(!hidden.out.contains("secret-id"), "{}", hidden.out);
        let shown = folder.run(&[&args[..], &["--show-values"]].concat());
        assert!(shown.out.contains("09.05.1977"), "{}", shown.out);
    }
}

#[test]
fn compressed_inputs_are_limited() {
    let large = format!(
        r#"{{"resourceType":"Patient","x":"{}"}}"#,
        "a".repeat(3 << 20)
    );
    let folder = Folder::new(&[
        ("bomb.json.gz", &gzip(large.as_bytes())),
        ("cut.json.gz", &gzip(PATIENT.as_bytes())[..30]),
    ]);
    let run = folder.run(&["validate", "--max-decompressed", "2", "bomb.json.gz"]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert_eq!(folder.run(&["validate", "cut.json.gz"]).code, 2);
}

#[test]
fn fmt_keeps_everything_and_is_stable() {
    let odd = "{ \"resourceType\":\"Patient\",\n\"x\" : 1.50, \"name\":{}, \"id\":\"a\" }";
    let broken = "{\"resourceType\":\"Patient\",";
    let folder = Folder::new(&[
        ("odd.json", odd.as_bytes()),
        ("broken.json", broken.as_bytes()),
        (
            "lines.ndjson",
            format!("{PATIENT}\n{{ \"resourceType\" : \"Patient\" }}\n").as_bytes(),
        ),
    ]);
    assert_eq!(folder.run(&["fmt", "--check", "odd.json"]).code, 1);
    let run = folder.run(&[
        "fmt",
        "--in-place",
        "odd.json",
        "broken.json",
        "lines.ndjson",
    ]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("broken.json"), "{}", run.err);
    assert_eq!(folder.read("broken.json"), broken);
    assert_eq!(
        folder.read("odd.json"),
        "{\n  \"resourceType\": \"Patient\",\n  \"id\": \"a\",\n  \"x\": 1.50,\n  \"name\": {}\n}\n"
    );
    assert_eq!(
        folder.read("lines.ndjson"),
        format!("{PATIENT}\n{{\"resourceType\":\"Patient\"}}\n")
    );
    assert_eq!(
        folder
            .run(&["fmt", "--check", "odd.json", "lines.ndjson"])
            .code,
        0
    );
    let run = folder.run(&["fmt", "--compact", "odd.json"]);
    assert_eq!(
        run.out,
        "{\"resourceType\":\"Patient\",\"id\":\"a\",\"x\":1.50,\"name\":{}}\n"
    );
    let run = folder.run(&["fmt", "--out-dir", "out", "odd.json", "lines.ndjson"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(folder.read("out/odd.json"), folder.read("odd.json"));
}

#[test]
fn a_closed_pipe_ends_silently() {
    let lines = format!("{BAD_DATE}\n").repeat(20_000);
    let folder = Folder::new(&[("many.ndjson", lines.as_bytes())]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_healthcode"))
        .args(["validate", "--format", "ndjson", "many.ndjson"])
        .current_dir(folder.0.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    // What was not read may have had errors.
    assert_eq!(output.status.code(), Some(141));
}

#[test]
fn bench_measures() {
    let bundle = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"fullUrl":"http://a.b/1","resource":{PATIENT}}}]}}"#
    );
    let folder = Folder::new(&[("bundle.json", bundle.as_bytes())]);
    let run = folder.run(&["bench", "--rounds", "3", "--format", "json", "bundle.json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let tasks = report["files"][0]["tasks"].as_array().unwrap();
    assert_eq!(tasks.len(), 7);
    assert!(
        tasks
            .iter()
            .all(|task| task["mb_per_s"].as_f64().unwrap() > 0.0)
    );
    assert_eq!(folder.run(&["bench", "absent.json"]).code, 2);
}

/// XML is measured beside the same content as JSON.
#[test]
fn bench_measures_xml() {
    let bundle = "<Bundle xmlns='http://hl7.org/fhir'><type value='collection'/><entry><resource><Patient>\
                  <id value='1'/></Patient></resource></entry></Bundle>";
    let patient =
        "<?xml version='1.0'?><Patient xmlns='http://hl7.org/fhir'><id value='1'/></Patient>";
    let files = [("bundle.xml", bundle), ("patient.xml", patient)];
    let folder = Folder::new(&files.map(|(name, text)| (name, text.as_bytes())));
    let args = ["bench", "--rounds", "3", "bundle.xml", "patient.xml"];
    let run = folder.run(&[&args[..], &["--format", "json"]].concat());
    assert_eq!(run.code, 0, "{}", run.err);
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let tasks = |file: usize| {
        let tasks = report["files"][file]["tasks"].as_array().unwrap();
        let names = tasks.iter().map(|task| task["task"].as_str().unwrap());
        names.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(
        tasks(0),
        "parse, parse + drop, parse the same as JSON, parse + drop the same as JSON, stream, write, \
         write the same as JSON"
    );
    assert!(!tasks(1).contains("stream"));
    // Each task has a ratio to that on JSON.
    let run = folder.run(&args);
    let rows = run.out.lines().filter(|line| line.contains("x "));
    assert!(rows.count() >= 4, "{}", run.out);
    assert_eq!(folder.run(&["bench", "absent.xml"]).code, 2);
}

/// XML has no form for several resources in one text: each line becomes a file.
#[test]
fn ndjson_becomes_files_of_xml() {
    let lines = format!("{PATIENT}\n\n{{\"resourceType\":\"Patient\",\"mood\":1}}\n{PATIENT}\n");
    let folder = Folder::new(&[
        ("rows.ndjson", lines.as_bytes()),
        (
            "broken.ndjson",
            format!("{PATIENT}\n{PATIENT}\n{{\n").as_bytes(),
        ),
    ]);
    let run = folder.run(&["fmt", "--to", "xml", "rows.ndjson"]);
    assert_eq!(
        (run.code, run.out.as_str(), run.err.as_str()),
        (
            2,
            "",
            "healthcode: rows.ndjson: XML has no form for several resources in one text: --out-dir DIR writes a \
             file for each line\n"
        )
    );
    let run = folder.run(&[
        "fmt",
        "--to",
        "xml",
        "--compact",
        "--out-dir",
        "out",
        "rows.ndjson",
    ]);
    assert_eq!(
        (run.code, run.err.as_str()),
        (
            1,
            "healthcode: rows.ndjson: 2: Patient.mood: XML has no form for this; it is left out\n"
        )
    );
    let patient = "<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"p1\"/><birthDate value=\"1977-05-09\"/></Patient>\n";
    assert_eq!(folder.read("out/rows-1.xml"), patient);
    assert_eq!(
        folder.read("out/rows-2.xml"),
        "<Patient xmlns=\"http://hl7.org/fhir\"/>\n"
    );
    assert_eq!(folder.read("out/rows-3.xml"), patient);
    // Nothing is written of what cannot be read as a whole.
    let run = folder.run(&["fmt", "--to", "xml", "--out-dir", "none", "broken.ndjson"]);
    assert_eq!(run.code, 2);
    assert!(!folder.path("none").exists());
}

/// Each shell's completions have the subcommands and their options.
#[test]
fn completions() {
    let folder = Folder::new(&[]);
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = folder.run(&["completions", shell]);
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        for word in ["validate", "fhirpath", "min-severity"] {
            assert!(run.out.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(folder.run(&["completions", "tcsh"]).code, 2);
}
