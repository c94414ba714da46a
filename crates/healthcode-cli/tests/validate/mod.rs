//! `healthcode validate`: what is shown, in which form, and when it ends; `rules` and `explain`.

mod threads;

use crate::{BAD_DATE, Folder, PATIENT, run_in};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const BLANK: &str =
    r#"{"resourceType":"Patient","name":[{"family":" "}],"birthDate":"01.01.2000"}"#;

const PADDED: &str = r#"{"resourceType":"Patient","name":[{"family":"A "}]}"#;

/// The issues that are found, as `file rule severity`.
fn found(folder: &Folder, args: &[&str]) -> Vec<String> {
    let run = folder.run(&[&["validate", "--format", "ndjson"], args].concat());
    assert_eq!(run.err, "");
    let show = |line: &str| {
        let issue: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| issue[name].as_str().unwrap_or_default().to_owned();
        format!("{} {} {}", text("file"), text("rule"), text("severity"))
    };
    run.out.lines().map(show).collect()
}

fn folder() -> Folder {
    Folder::new(&[
        ("blank.json", BLANK.as_bytes()),
        ("broken.json", b"{"),
        ("good.json", PATIENT.as_bytes()),
        ("padded.json", PADDED.as_bytes()),
    ])
}

const SYNTAX: &str = "broken.json JSON-TRUNCATED fatal";
const SPACE: &str = "blank.json R4-BLANK-STRING warning";
const DATE: &str = "blank.json R4-DATE error";
const FILES: &[&str] = &["blank.json", "broken.json", "good.json"];

#[test]
fn noise() {
    let folder = folder();
    for (args, expect) in [
        (&[][..], &[SPACE, DATE, SYNTAX][..]),
        (&["--ignore", "R4-*"], &[SYNTAX]),
        (&["--ignore", "*@Patient.name"], &[DATE, SYNTAX]),
        (&["--ignore", "*@Patient.name[1]"], &[SPACE, DATE, SYNTAX]),
        (&["--ignore", "JSON-TRUNCATED"], &[SPACE, DATE]),
        (&["--only", "R4-DATE@**.birthDate"], &[DATE, SYNTAX]),
        (&["--min-severity", "error"], &[DATE, SYNTAX]),
        (
            &[
                "--enable",
                "R4-PADDED-STRING",
                "--only",
                "R4-PADDED-STRING",
                "padded.json",
            ],
            &["padded.json R4-PADDED-STRING warning", SYNTAX],
        ),
        (
            &["--severity", "R4-DATE=warning"],
            &[SPACE, "blank.json R4-DATE warning", SYNTAX],
        ),
        (
            &["--ignore", "r4-date", "--ignore", "Json-Truncated"],
            &[SPACE],
        ),
    ] {
        assert_eq!(found(&folder, &[args, FILES].concat()), expect, "{args:?}");
    }
    let status = |args: &[&str]| folder.run(&[&["validate"], args].concat()).code;
    assert_eq!(status(&["--ignore", "R4-DATE", "blank.json"]), 0);
    assert_eq!(status(&["--severity", "R4-DATE=warning", "blank.json"]), 0);
}

#[test]
fn settings() {
    let folder = folder();
    let set = |text: &str| fs::write(folder.path("healthcode.toml"), text).unwrap();
    set(
        "policy = \"healthcode\"\nignore = [\"*@Patient.name\"]\nmax-depth = 16\nfold = false\n\
         [severity]\nHC-DOTTED-DATE = \"warning\"\n",
    );
    let note = "blank.json HC-DOTTED-DATE warning";
    assert_eq!(found(&folder, FILES), [note, SYNTAX]);
    assert_eq!(
        found(&folder, &["--policy", "r4", "blank.json"]),
        [DATE],
        "the command line counts"
    );
    let all = found(&folder, &[&["--no-config"], FILES].concat());
    assert_eq!(all, [SPACE, DATE, SYNTAX]);
    assert_eq!(found(&folder, &["padded.json"]), [] as [&str; 0]);
    let settings = fs::read_to_string(folder.path("healthcode.toml")).unwrap();
    set("enable = [\"R4-PADDED-STRING\"]\n");
    let on_request = "padded.json R4-PADDED-STRING warning";
    assert_eq!(found(&folder, &["padded.json"]), [on_request]);
    set(&settings);
    // A file is found from folders inside.
    fs::create_dir(folder.path("inside")).unwrap();
    let args = ["validate", "../blank.json", "--format", "ndjson"];
    let run = run_in(&folder.path("inside"), &args, b"");
    assert!(!run.out.contains("R4-BLANK-STRING"), "{}", run.out);
    for (text, expect) in [
        (
            "polcy = 1",
            "unknown setting polcy: expected one of policy, deny, enable,",
        ),
        (
            "colour = 1",
            "unknown setting colour: expected one of policy, deny, enable,",
        ),
        ("polcy = 1", "; did you mean policy?"),
        ("policy = 1", "invalid policy: expected a string"),
        (
            "fold = true",
            "invalid fold: expected a whole number from 0, or false",
        ),
        ("environments = 1", "invalid environments: expected a map"),
        (
            "enable = [\"R4-DATE\"]",
            "enable: the rule is not off by default",
        ),
        (
            "policy = \"r5\"",
            "invalid policy: expected r4 or healthcode",
        ),
        ("ignore = \"R4-DATE\"", "invalid ignore: expected an array"),
        (
            "ignore = [\"R4-DAET\"]",
            "unknown rule R4-DAET: did you mean R4-DATE?",
        ),
        ("only = [\"*@\"]", "invalid path"),
        (
            "severity = { R4-DATE = \"bad\" }",
            "invalid severity.R4-DATE: expected information or warning or error",
        ),
        ("severity = { R4 = \"error\" }", "severity: unknown rule R4"),
        (
            "max-depth = 0",
            "invalid max-depth: expected a whole number from 1 to 512",
        ),
        (
            "jobs = 1.5",
            "invalid jobs: expected a whole number from 1 to 1024",
        ),
        ("jobs = [", "TOML parse error at line 1"),
    ] {
        set(text);
        let run = folder.run(&["validate", "good.json"]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{text}");
        assert!(run.err.contains(expect), "{text}: {}", run.err);
        assert!(run.err.contains("healthcode.toml"), "{}", run.err);
    }
    let run = folder.run(&["validate", "--config", "none.toml", "good.json"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("none.toml"), "{}", run.err);
}

#[test]
fn options_that_cannot_be_meant() {
    let folder = folder();
    for (args, expect) in [
        (&["--ignore", "R4-DAET"][..], "did you mean R4-DATE?"),
        (&["--only", "R4-DATE@a..b"], "invalid path a..b"),
        (
            &["--enable", "HC-NHS-NUMBR"],
            "--enable HC-NHS-NUMBR: unknown rule: did you mean HC-NHS-NUMBER?",
        ),
        (
            &["--severity", "JSON-SYNTAX=warning"],
            "the severity of JSON-SYNTAX cannot be changed",
        ),
        (&["--severity", "R4-DATE"], "expected RULE=SEVERITY"),
        (&["--severity", "R4-DATE=fatal"], "expected information or"),
        (&["--watch", "--format", "html"], "--watch shows"),
        (&["--watch", "-"], "standard input"),
        (&["--output", "no/such/folder/report"], "no/such/folder"),
    ] {
        let run = folder.run(&[&["validate"], args, &["good.json"]].concat());
        assert_eq!(run.code, 2, "{args:?}");
        assert!(run.err.contains(expect), "{args:?}: {}", run.err);
    }
}

#[test]
fn what_repeats_is_folded_for_people() {
    let many = format!("{BLANK}\n").repeat(20);
    let folder = Folder::new(&[("a.ndjson", many.as_bytes()), ("b.ndjson", many.as_bytes())]);
    let run = folder.run(&["validate", "."]);
    assert_eq!(run.out.matches("-->").count(), 10, "{}", run.out);
    let more = "error[R4-DATE]: … and 35 more at Patient.birthDate in 2 files";
    assert!(run.out.contains(more), "{}", run.out);
    assert!(run.out.contains("40 errors, 40 warnings in 2 files"));
    let run = folder.run(&["validate", "--no-fold", "."]);
    assert_eq!(run.out.matches("-->").count(), 80);
    assert_eq!(found(&folder, &["."]).len(), 80);
    assert_eq!(found(&folder, &["--fold", "0", "."]).len(), 2);
}

/// However many work on it, what is said is the same.
#[test]
fn order() {
    let names: Vec<String> = (0..300).map(|index| format!("{index:03}.json")).collect();
    let texts = [BLANK, PATIENT, BAD_DATE, "{", "", "\u{0}\u{1}"];
    let files = names.iter().enumerate();
    let files: Vec<_> = files
        .map(|(index, name)| (name.as_str(), texts[index % texts.len()].as_bytes()))
        .collect();
    let folder = Folder::new(&files);
    for format in ["json", "junit", "github"] {
        let report = |jobs: &str| {
            let args = [
                "validate", "--format", format, "--jobs", jobs, ".", "absent",
            ];
            let run = folder.run(&args);
            assert_eq!((run.code, run.err.as_str()), (2, ""));
            let whole = run
                .out
                .lines()
                .filter(|line| !line.contains(" in 301 files"));
            whole.collect::<Vec<_>>().join("\n")
        };
        let one = report("1");
        assert!(one.contains("299.json") && one.contains("absent"));
        assert_eq!(report("2"), one);
        assert_eq!(report("16"), one);
    }
}

#[test]
fn reports_in_files() {
    let folder = folder();
    for (format, start) in [
        ("human", "warning["),
        ("ndjson", "{\"schema_version\":1,"),
        ("json", "{\"schema_version\":1,"),
        ("sarif", "{\"$schema\":"),
        ("junit", "<?xml"),
        ("github", "::warning file=blank.json,line=1,col=45,"),
        (
            "operation-outcome",
            "{\"resourceType\":\"OperationOutcome\"",
        ),
        ("html", "<!DOCTYPE html>"),
    ] {
        let args = [
            "validate",
            "--format",
            format,
            "-o",
            "report",
            "blank.json",
            "broken.json",
        ];
        let run = folder.run(&args);
        assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (1, "", ""));
        let report = folder.read("report");
        assert!(report.starts_with(start), "{report}");
        assert!(!report.contains("01.01.2000"), "{report}");
    }
    // A report that cannot be put in its place leaves nothing behind.
    let left = |folder: &Folder| fs::read_dir(folder.path(".")).unwrap().count();
    let before = left(&folder);
    fs::create_dir(folder.path("taken")).unwrap();
    assert_eq!(
        folder.run(&["validate", "-o", "taken", "good.json"]).code,
        2
    );
    assert_eq!(left(&folder), before + 1);
}

#[test]
fn rules_and_explanations() {
    let folder = Folder::new(&[]);
    let run = folder.run(&["rules"]);
    for id in ["  R4-DATE ", "  HC-EXTENSION-VALUE ", "  SLIP-SPACE "] {
        assert!(run.out.contains(id), "{}", run.out);
    }
    let rules: Value =
        serde_json::from_str(&folder.run(&["rules", "--format", "json"]).out).unwrap();
    for rule in rules["rules"].as_array().unwrap() {
        let run = folder.run(&["explain", rule["rule"].as_str().unwrap()]);
        assert_eq!(run.code, 0);
        assert!(run.out.contains(rule["help"].as_str().unwrap()));
    }
    let run = folder.run(&["explain", "R4-DAET"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains("did you mean R4-DATE?"), "{}", run.err);
}

/// Links to files are read as files; what cannot be read is among what can.
#[cfg(unix)]
#[test]
fn links() {
    let folder = Folder::new(&[("in/a.json", BAD_DATE.as_bytes()), ("target", b"{")]);
    std::os::unix::fs::symlink("../target", folder.path("in/b.json")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path("in/c.json")).unwrap();
    std::os::unix::fs::symlink(".", folder.path("in/d.json")).unwrap();
    let expect = [
        "in/a.json R4-DATE error",
        "in/b.json JSON-TRUNCATED fatal",
        "in/c.json  fatal",
    ];
    assert_eq!(found(&folder, &["in"]), expect);
}

/// Deep nesting has a long path, which people are spared.
#[test]
fn long_paths() {
    let folder = Folder::new(&[("deep.json", "[".repeat(100_000).as_bytes())]);
    let run = folder.run(&["validate", "deep.json"]);
    assert!(run.out.len() < 2000, "{}", run.out.len());
}

fn spawn(folder: &Folder, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_healthcode"))
        .args(args)
        .current_dir(folder.path("."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[cfg(unix)]
fn interrupt(child: &Child) {
    let id = child.id().to_string();
    let status = Command::new("kill").args(["-INT", &id]).status();
    assert!(status.unwrap().success());
}

/// Ctrl-C while standard input is still open: what was found so far is reported.
#[cfg(unix)]
#[test]
fn interrupted() {
    for (format, expect) in [
        ("human", "interrupted, found so far: 1 error"),
        ("json", "\"interrupted\":true"),
        ("sarif", "\"executionSuccessful\":false"),
        ("junit", "<error type=\"interrupted\""),
        ("operation-outcome", "\"code\":\"incomplete\""),
        ("statistics", "interrupted, found so far: 1 error"),
    ] {
        let folder = Folder::new(&[]);
        let mut child = spawn(&folder, &["validate", "--format", format, "-"]);
        let mut input = child.stdin.take().unwrap();
        // More than is looked at to recognise what it is.
        let lines = format!("{BAD_DATE}\n{}", format!("{PATIENT}\n").repeat(4000));
        input.write_all(lines.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(500));
        interrupt(&child);
        let started = Instant::now();
        let mut out = String::new();
        child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut out)
            .unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{out}");
        assert!(started.elapsed() < Duration::from_secs(5));
        assert!(out.contains("R4-DATE") && out.contains(expect), "{out}");
        drop(input);
    }
}

/// What changes is checked again, and nothing else.
#[cfg(unix)]
#[test]
fn watch() {
    let folder = Folder::new(&[("a.json", PATIENT.as_bytes()), ("b.json", BLANK.as_bytes())]);
    let mut child = spawn(&folder, &["validate", "--watch", "."]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut until = |end: &str| {
        let mut read = Vec::new();
        loop {
            read.push(lines.next().unwrap().unwrap());
            if read.last().is_some_and(|line| line.starts_with(end)) {
                return read.join("\n");
            }
        }
    };
    let first = until("watching: 1 of 2 files have errors");
    assert!(
        first.contains("./b.json") && first.contains("R4-DATE"),
        "{first}"
    );
    fs::write(folder.path("a.json"), BAD_DATE).unwrap();
    let second = until("watching: 2 of 2 files");
    assert!(
        second.contains("./a.json") && !second.contains("b.json"),
        "{second}"
    );
    fs::remove_file(folder.path("b.json")).unwrap();
    until("watching: 1 of 1 file");
    fs::write(folder.path("a.json"), PATIENT).unwrap();
    until("watching: 0 of 1 file");
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// A HAR file and what curl printed are captures: each exchange is checked.
#[test]
fn captures() {
    let url = "https://int.api.service.nhs.uk/spine-directory/FHIR/R4/Device?organization=x";
    let body = r#"{"resourceType":"Bundle","type":"searchset","total":-1}"#;
    let har = serde_json::json!({"log": {"entries": [{
        "request": {"method": "GET", "url": url, "headers": []},
        "response": {"status": 200, "headers": [], "content": {"text": body}},
    }]}});
    let printed = format!("$ curl -i '{url}' -H 'apikey: s3cr3t'\nHTTP/1.1 200 OK\n\n{body}\n");
    let folder = Folder::new(&[
        ("a.har", har.to_string().as_bytes()),
        ("b.txt", printed.as_bytes()),
        ("c.har", b"{\"log\": {\"entries\": [{]}}"),
    ]);
    let expect = [
        "a.har EXCHANGE-HEADER-MISSING error",
        "a.har QUERY-REQUIRED error",
        "a.har R4-INTEGER-RANGE error",
        "a.har R4-SEARCHSET-SELF warning",
        "b.txt R4-INTEGER-RANGE error",
        "b.txt R4-SEARCHSET-SELF warning",
        "b.txt EXCHANGE-CREDENTIALS warning",
        "b.txt QUERY-REQUIRED error",
        "c.har EXCHANGE-CAPTURE fatal",
    ];
    // Rules of exchanges and queries are known by name.
    let names = [
        "validate",
        "--ignore",
        "EXCHANGE-HEADER-MISSING",
        "--severity",
        "QUERY-REQUIRED=warning",
        "a.har",
    ];
    let run = folder.run(&names);
    assert_eq!(run.code, 1);
    assert!(!run.out.contains("EXCHANGE-HEADER-MISSING"), "{}", run.out);
    assert!(run.out.contains("warning[QUERY-REQUIRED]"), "{}", run.out);
    let run = folder.run(&["validate", "--ignore", "EXCHANGE-HEADER-MISING", "a.har"]);
    assert!(
        run.err.contains("did you mean EXCHANGE-HEADER-MISSING?"),
        "{}",
        run.err
    );
    let mut got = found(&folder, &["a.har", "b.txt", "c.har"]);
    let mut expect: Vec<String> = expect.map(Into::into).to_vec();
    got.sort();
    expect.sort();
    assert_eq!(got, expect);
    let run = folder.run(&["validate", "--show-values", "a.har", "b.txt", "c.har"]);
    assert!(run.out.contains("b.txt:4:53"), "{}", run.out);
    assert!(!run.out.contains("s3cr3t"), "{}", run.out);
}

#[test]
fn exclusions() {
    let folder = Folder::new(&[
        ("a.json", BAD_DATE.as_bytes()),
        ("drafts/b.json", BAD_DATE.as_bytes()),
        ("in/drafts/c.json", BAD_DATE.as_bytes()),
        ("in/d.request.json", BAD_DATE.as_bytes()),
    ]);
    let files = |args: &[&str]| {
        let found = found(&folder, &[args, &["."]].concat());
        let names = found
            .iter()
            .map(|line| line.split(' ').next().unwrap().trim_start_matches("./"));
        names.collect::<Vec<_>>().join(" ")
    };
    let all = "a.json drafts/b.json in/d.request.json in/drafts/c.json";
    for (globs, expect) in [
        (&[][..], all),
        (&["drafts"], "a.json in/d.request.json"),
        (&["drafts/**"], "a.json in/d.request.json in/drafts/c.json"),
        (&["**/drafts"], "a.json in/d.request.json"),
        (&["in/*.json"], "a.json drafts/b.json in/drafts/c.json"),
        (&["*.request.json", "[ab].json"], "in/drafts/c.json"),
        (&["DRAFTS"], all),
    ] {
        let args: Vec<_> = globs
            .iter()
            .flat_map(|pattern| ["--exclude", *pattern])
            .collect();
        assert_eq!(files(&args), expect, "{globs:?}");
    }
    fs::write(folder.path("healthcode.toml"), "exclude = [\"drafts\"]").unwrap();
    assert_eq!(files(&["--exclude", "in"]), "a.json");
    // What is named is not looked for.
    assert_eq!(found(&folder, &["drafts/b.json"]).len(), 1);
    let run = folder.run(&["validate", "--exclude", "*", "."]);
    assert_eq!(run.code, 2);
    assert!(run.out.contains("that are not excluded"), "{}", run.out);
    let run = folder.run(&["fmt", "--check", "--exclude", "in", "."]);
    assert_eq!(
        run.out, "./a.json\n./drafts/b.json\n",
        "fmt has no settings"
    );
    for text in ["a[", "{a"] {
        let run = folder.run(&["validate", "--exclude", text, "."]);
        assert_eq!(run.code, 2);
        assert!(run.err.contains("--exclude <GLOB>"), "{}", run.err);
        let settings = format!("exclude = [\"{text}\"]");
        fs::write(folder.path("healthcode.toml"), settings).unwrap();
        let run = folder.run(&["validate", "."]);
        assert_eq!(run.code, 2);
        assert!(
            run.err.contains(&format!("exclude: {text}: un")),
            "{}",
            run.err
        );
    }
}

#[test]
fn exit_zero() {
    let folder = folder();
    for (args, code) in [
        (&["blank.json"][..], 0),
        (&["--deny", "warnings", "blank.json"], 0),
        (&["blank.json", "absent.json"], 2),
    ] {
        let run = folder.run(&[&["validate", "--exit-zero"], args].concat());
        assert_eq!(run.code, code, "{args:?}");
        assert!(run.out.contains("R4-DATE"), "{}", run.out);
    }
}

#[test]
fn colors() {
    let folder = folder();
    let colored = |args: &[&str]| {
        let run = folder.run(&[args, &["blank.json"]].concat());
        assert!(!run.out.contains("01.01.2000"), "colour shows no values");
        run.out.contains("\x1b[")
    };
    for command in ["validate", "decode"] {
        assert!(!colored(&[command]));
        assert!(!colored(&[command, "--color", "never"]));
        assert!(!colored(&[command, "--color", "auto"]));
    }
    assert!(colored(&["validate", "--color", "always"]));
    assert!(!colored(&[
        "validate", "--color", "always", "--format", "json"
    ]));
    let run = folder.run(&["decode", "--color", "always", "broken.json"]);
    assert!(run.out.contains("\x1b["), "{}", run.out);
}

#[test]
fn statistics() {
    let folder = folder();
    let mut args = vec!["validate", "--format", "statistics", "absent.json"];
    args.extend(FILES);
    args.extend(["blank.json", "--fold", "1"]);
    let run = folder.run(&args);
    assert_eq!((run.code, run.err.as_str()), (2, ""));
    let (table, summary) = run.out.rsplit_once("\n\n").unwrap();
    insta::assert_snapshot!(table);
    assert!(summary.contains("in 5 files, 1 unreadable"), "{summary}");
}
