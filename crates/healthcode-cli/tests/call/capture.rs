//! `--capture`: what the file has and has not, and who may read it.

use super::kit::Bench;
use crate::Run;
use healthcode_sandbox::Fault;
use serde_json::Value;
use std::fs;
use std::time::{Duration, Instant};

fn entries(bench: &Bench, name: &str) -> Vec<Value> {
    let text = fs::read_to_string(bench.path(name)).unwrap();
    assert_eq!(bench.leak(&text, &[]), None);
    let har: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(har["log"]["version"], "1.2");
    har["log"]["entries"].as_array().unwrap().clone()
}

/// `healthcode validate` finds no error of the exchanges, whatever it finds in bodies.
fn validate(bench: &Bench, name: &str) -> Vec<Value> {
    let args = [
        "validate",
        "--format",
        "ndjson",
        "--policy",
        "healthcode",
        name,
    ];
    let run = bench.run(&bench.folder(), &args, &[]);
    let lines = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let issues: Vec<Value> = lines
        .filter(|issue: &Value| issue["rule"].is_string())
        .collect();
    // Of Graphnet's answers, which are STU3, there is nothing to be said.
    let clean = run.code == 0 && run.err.is_empty();
    assert!(!issues.is_empty() || clean, "{} {}", run.out, run.err);
    for issue in &issues {
        let rule = issue["rule"].as_str().unwrap();
        let exchange = ["EXCHANGE-", "QUERY-", "SLIP-"]
            .iter()
            .any(|prefix| rule.starts_with(prefix));
        assert!(!exchange || issue["severity"] != "error", "{issue}");
    }
    issues
}

#[test]
fn files_hold_exchanges_without_credentials() {
    let bench = Bench::start();
    let check = |args: &[&str], expect: &[(&str, u64)]| {
        let name = format!("{}.har", args[0]);
        let run = bench.call(&[args, &["--capture", &name]].concat());
        assert_eq!(run.code, 0, "{}", run.err);
        let warning = format!("warning: {name} has {} exchanges;", expect.len());
        assert!(
            run.err.contains(&warning) && run.err.contains("patient data"),
            "{}",
            run.err
        );
        let entries = entries(&bench, &name);
        let found: Vec<_> = entries
            .iter()
            .map(|entry| {
                let url = entry["request"]["url"].as_str().unwrap();
                let path = url.split('?').next().unwrap().rsplit('/').next().unwrap();
                (path, entry["response"]["status"].as_u64().unwrap())
            })
            .collect();
        assert_eq!(found, expect);
        validate(&bench, &name);
        entries
    };
    let discovery = [
        ("discovery-document.json", 200),
        ("openid-configuration", 200),
    ];
    let [first, second] = discovery;
    let all = check(
        &["practitioner", "gender=male", "count=30", "--pages", "3"],
        &[
            first,
            second,
            ("practitioner", 200),
            ("practitioner", 200),
            ("practitioner", 200),
        ],
    );
    let request = &all[2]["request"];
    let header = |name: &str| {
        let headers = request["headers"].as_array().unwrap();
        headers
            .iter()
            .find(|header| header["name"] == name)
            .map(|header| header["value"].clone())
    };
    assert_eq!(header("authorization").unwrap(), "[redacted]");
    assert_eq!(header("su-siteid").unwrap(), "HC00ABC");
    assert_eq!(request["queryString"][0]["name"], "gender");
    assert!(
        all[2]["response"]["content"]["text"]
            .as_str()
            .unwrap()
            .contains("Practitioner")
    );
    let role = [
        "practitioner-role",
        "--restricted",
        "count=5",
        "near=51.5,-0.12,9km",
    ];
    check(&role, &[first, second, ("practitionerrole", 200)]);
    check(
        &["pds-patient", "family=Smith", "birthdate=2010-10-22"],
        &[("Patient", 200)],
    );
    check(&["graphnet-patient", "family=Smith"], &[("Patient", 200)]);
    let (organization, identifier) = bench.device();
    let all = check(
        &["sds-device", &organization, &identifier],
        &[("Device", 200)],
    );
    let text = all[0].to_string();
    assert!(
        text.contains(r#"{"name":"apikey","value":"[redacted]"}"#),
        "{text}"
    );
}

/// Reads, writes and what is no FHIR are known by their addresses and headers.
#[test]
fn every_call_is_known_again() {
    let bench = Bench::start();
    fs::write(bench.path("number"), "9000000009").unwrap();
    let schedule = r#"{"resourceType":"Schedule","actor":[{"display":"x"}]}"#;
    fs::write(bench.path("new.json"), schedule).unwrap();
    let patch = r#"[{"op":"replace","path":"/gender","value":"other"}]"#;
    fs::write(bench.path("patch.json"), patch).unwrap();
    let practitioner = bench.practitioner();
    let calls: [&[&str]; 6] = [
        &["practitioner", &practitioner],
        &["create-schedule", "--body", "new.json"],
        &["pds-patient", "@number"],
        &["pds-patient", "@number", "RelatedPerson", "--as-user"],
        &[
            "pds-patient",
            "@number",
            "--update",
            "--body",
            "patch.json",
            "--if-match",
            "2",
        ],
        &["graphnet-patient", "@number"],
    ];
    for (index, call) in calls.into_iter().enumerate() {
        let name = format!("{index}.har");
        let run = bench.call(&[call, &["--capture", &name]].concat());
        assert_eq!(run.code, 0, "{call:?} {}", run.err);
        entries(&bench, &name);
        let issues = validate(&bench, &name);
        let unknown = issues
            .iter()
            .find(|issue| issue["rule"] == "EXCHANGE-UNKNOWN");
        assert_eq!(unknown, None, "{call:?}");
    }
}

#[test]
fn what_failed_is_kept_too() {
    let bench = Bench::start();
    bench.faults(Some(Fault::Dropped));
    let run = bench.call(&["pds-patient", "family=Smith", "--capture", "x.har"]);
    assert_eq!(run.code, 1);
    let all = entries(&bench, "x.har");
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|entry| entry["response"]["status"] == 0));
    let rules = validate(&bench, "x.har");
    assert!(
        rules
            .iter()
            .any(|issue| issue["rule"] == "EXCHANGE-NO-ANSWER")
    );
    // Nothing can be sent: no exchange, and still a HAR file.
    bench.faults(None);
    let run = bench.call(&["practitioner", "--restricted", "--capture", "x.har"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("x.har exists already"), "{}", run.err);
}

#[cfg(unix)]
#[test]
fn files_are_their_owners_alone_and_new() {
    use std::os::unix::fs::{MetadataExt, symlink};
    let bench = Bench::start();
    let before = bench.requests();
    fs::write(bench.path("there"), "precious").unwrap();
    symlink("elsewhere", bench.path("link")).unwrap();
    symlink("there", bench.path("to-there")).unwrap();
    for name in ["there", "link", "to-there"] {
        let run = bench.call(&["practitioner", "--capture", name]);
        assert_eq!((run.code, run.out.as_str()), (2, ""));
        assert!(run.err.contains(&format!(
            "{name} exists already; a capture overwrites nothing"
        )));
    }
    let run = bench.call(&["practitioner", "--capture", "no/such/x.har"]);
    assert_eq!(run.code, 2);
    assert_eq!(bench.requests(), before);
    assert_eq!(fs::read_to_string(bench.path("there")).unwrap(), "precious");
    assert!(!bench.path("elsewhere").exists());
    let mut command = bench.command(&bench.folder(), &["call", "--sandbox", "sandbox.toml"]);
    command.args(["practitioner", "--capture", "new.har"]);
    assert!(command.output().unwrap().status.success());
    assert_eq!(
        fs::metadata(bench.path("new.har")).unwrap().mode() & 0o777,
        0o600
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_is_there() {
    let bench = Bench::start();
    let args = [
        "call",
        "--sandbox",
        "sandbox.toml",
        "practitioner",
        "count=1",
        "--pages",
        "all",
    ];
    let mut command = bench.command(&bench.folder(), &args);
    command.args(["--capture", "x.har", "--format", "ndjson"]);
    bench.faults(Some(Fault::Latency(Duration::from_millis(200))));
    let child = command.spawn().unwrap();
    // Discovery, and a page at least.
    let begun = Instant::now();
    while bench.requests() < 4 && begun.elapsed() < Duration::from_mins(1) {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(100));
    let mut kill = std::process::Command::new("kill");
    let killed = kill
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    let run = Run {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    };
    bench.check(&run);
    assert_eq!(run.code, 130, "{}", run.err);
    assert!(
        run.err.starts_with("interrupted\nwarning: x.har has "),
        "{}",
        run.err
    );
    let lines = run.out.lines().count();
    assert!((1..40).contains(&lines), "{lines}");
    assert!(entries(&bench, "x.har").len() >= 3);
}
