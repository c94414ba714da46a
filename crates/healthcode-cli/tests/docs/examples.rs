//! Payloads that the page of rules shows break their rules, and those that it calls good are correct.

use super::read;
use healthcode_core::RuleDefault;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A rule with its payloads, and a profile that these claim.
struct Row {
    rule: String,
    bad: String,
    good: String,
    profile: Option<String>,
}

/// The rows, and all rules in their order.
fn rows() -> (Vec<Row>, Vec<String>) {
    let table = read("crates/healthcode-cli/src/rules/examples.tsv").replace('\u{2424}', "\u{0}");
    let (mut rows, mut rules) = (Vec::new(), Vec::new());
    for line in table.lines().skip(1) {
        let cells: Vec<_> = line
            .split('\t')
            .map(|cell| cell.replace('\0', "\n"))
            .collect();
        rules.push(cells[0].clone());
        match &cells[..] {
            [_, reason] => assert!(reason.ends_with('.'), "{line}"),
            [rule, bad, good, profile @ ..] if profile.len() < 2 => rows.push(Row {
                rule: rule.clone(),
                bad: bad.clone(),
                good: good.clone(),
                profile: profile.first().cloned(),
            }),
            _ => panic!("a row has two to four columns: {line}"),
        }
    }
    (rows, rules)
}

fn healthcode(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_healthcode");
    Command::new(program).args(arguments).output().unwrap()
}

/// The issues in a document of the command, wherever they are: rule and severity.
fn issues(document: &Value) -> Vec<(String, String)> {
    match document {
        Value::Object(members) => {
            let text = |name: &str| members.get(name)?.as_str().map(str::to_owned);
            let own = text("rule").zip(text("severity"));
            own.into_iter()
                .chain(members.values().flat_map(issues))
                .collect()
        }
        Value::Array(items) => items.iter().flat_map(issues).collect(),
        _ => Vec::new(),
    }
}

/// Whether a row's payloads are read by `healthcode validate` as they are, with its defaults.
fn is_plain(row: &Row) -> bool {
    let rule = healthcode_validate::rule(&row.rule);
    row.profile.is_none()
        && row.rule != "R4-PROFILE-DEFINITION"
        && !row.rule.starts_with("HC-")
        && rule.is_some_and(|rule| rule.default == RuleDefault::On)
}

/// Whether a row is about requests: of calls that are reserved or documented in part, correct ones have
/// notes and warnings too.
fn is_of_calls(row: &Row) -> bool {
    ["EXCHANGE-", "QUERY-", "SLIP-"]
        .iter()
        .any(|start| row.rule.starts_with(start))
}

/// Writes a text into a file whose name fits it.
fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let kind = match text.as_bytes()[0] {
        b'<' => "xml",
        b'{' => "json",
        _ => "txt",
    };
    let file = folder.join(format!("{name}.{kind}"));
    fs::write(&file, text).unwrap();
    file
}

/// What is found in a payload that is not plain.
fn found(row: &Row, text: &str, folder: &Path) -> Vec<(String, String)> {
    let (id, json) = (row.rule.as_str(), ["--format", "json"]);
    let file = write(folder, "payload", text);
    let file = file.to_str().unwrap();
    let profile = match (&row.profile, id) {
        (Some(profile), _) => Some(profile.as_str()),
        // Its payloads are profiles.
        (None, "R4-PROFILE-DEFINITION") => Some(text),
        _ => None,
    };
    let profile = profile.map(|profile| write(folder, "profile", profile));
    let output = match healthcode_validate::rule(id) {
        _ if id.starts_with("QUERY-") || id.starts_with("SLIP-") => {
            healthcode(&[&["query", "explain"], &json[..], &[text]].concat())
        }
        None if id.starts_with("HC-") => healthcode(&[&["decode"], &json[..], &[file]].concat()),
        rule => {
            let mut arguments = [&["validate", "--no-config"], &json[..], &[file]].concat();
            if id.starts_with("HC-") || id.starts_with("EXCHANGE-") {
                arguments.extend(["--policy", "healthcode"]);
            }
            match rule.map_or(RuleDefault::On, |rule| rule.default) {
                RuleDefault::Off => arguments.extend(["--enable", id]),
                RuleDefault::BestPractice => {
                    arguments.extend(["--best-practice", "--only", id]);
                }
                _ => {}
            }
            if let Some(profile) = &profile {
                arguments.extend(["--profile", profile.to_str().unwrap()]);
            }
            healthcode(&arguments)
        }
    };
    if output.stdout.is_empty() {
        // A query that cannot be read has no document.
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(
            text.starts_with("error: ") && text.contains(&format!("[{id}]")),
            "{id}: {text}"
        );
        return vec![(id.to_owned(), "error".to_owned())];
    }
    issues(&serde_json::from_slice(&output.stdout).unwrap())
}

/// What is found in the plain payloads, by the names of their files.
fn found_in_plain(rows: &[Row], folder: &Path) -> BTreeMap<String, Vec<(String, String)>> {
    let mut arguments = ["validate", "--no-config", "--no-fold", "--format", "json"]
        .map(str::to_owned)
        .to_vec();
    for row in rows.iter().filter(|row| is_plain(row)) {
        for (name, text) in [("bad", &row.bad), ("good", &row.good)] {
            let file = write(folder, &format!("{}.{name}", row.rule), text);
            arguments.push(file.to_str().unwrap().to_owned());
        }
    }
    let output = healthcode(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let name = |file: &Value| {
        let path = PathBuf::from(file["file"].as_str().unwrap());
        path.file_stem().unwrap().to_str().unwrap().to_owned()
    };
    let files = report["files"].as_array().unwrap().iter();
    files.map(|file| (name(file), issues(file))).collect()
}

#[test]
fn examples_of_rules_hold() {
    let (rows, rules) = rows();
    let listed = healthcode(&["rules", "--format", "json"]).stdout;
    let listed: Value = serde_json::from_slice(&listed).unwrap();
    let ids = listed["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["rule"].as_str().unwrap());
    assert_eq!(
        rules,
        ids.collect::<Vec<_>>(),
        "each rule has a row, in the order of the rules"
    );

    let folder = tempfile::tempdir().unwrap();
    let plain = found_in_plain(&rows, folder.path());
    for row in &rows {
        let [bad, good] = if is_plain(row) {
            ["bad", "good"].map(|name| plain[&format!("{}.{name}", row.rule)].clone())
        } else {
            [&row.bad, &row.good].map(|text| found(row, text, folder.path()))
        };
        let breaks = |issues: &[(String, String)]| issues.iter().any(|(rule, _)| *rule == row.rule);
        assert!(
            breaks(&bad),
            "{} is not broken: {} {bad:?}",
            row.rule,
            row.bad
        );
        let wrong = |(rule, severity): &(String, String)| {
            *rule == row.rule || severity == "error" || !is_of_calls(row)
        };
        assert!(
            !good.iter().any(wrong),
            "{}: {} {good:?}",
            row.rule,
            row.good
        );
    }
}

/// What the help of a rule may begin with: the standard or the documentation that it comes from.
const SOURCES: &[&str] = &[
    "A limit of this ",
    "FHIR R4 ",
    "HTTP Archive 1.2",
    "Healthcode's ",
    "NHS Data Dictionary",
    "POSIX, ",
    "RFC ",
    "The NHS's documentation",
    "The Spine Secure Proxy's documentation",
    "The manuals of curl",
    "The service's documentation",
    "The services' documentation",
    "The table of endpoints",
    "URL Standard, ",
    "XML 1.0",
    "curl's manual",
];

#[test]
fn the_help_of_rules_names_its_source() {
    let listed = healthcode(&["rules", "--format", "json"]).stdout;
    let listed: Value = serde_json::from_slice(&listed).unwrap();
    for rule in listed["rules"].as_array().unwrap() {
        let help = rule["help"].as_str().unwrap();
        let named = SOURCES.iter().any(|source| help.starts_with(source));
        assert!(named, "{}: {help}", rule["rule"]);
    }
}
