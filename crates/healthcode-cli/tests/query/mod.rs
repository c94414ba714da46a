//! `healthcode query`.

use crate::{Run, run_in};
use serde_json::Value;
use std::fs;
use std::path::Path;

fn query(args: &[&str], input: &str) -> Run {
    let args: Vec<_> = ["query"].iter().chain(args).copied().collect();
    run_in(Path::new("."), &args, input.as_bytes())
}

const BUILD: [&str; 6] = [
    "build",
    "--endpoint",
    "practitioner-role",
    "near=53.385225,-2.231105,200mi",
    "sort=distance:desc",
    "practitioner=SP00123,SP00456",
];

fn documented() -> String {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/fixtures/documented/restricted-ppr.search-practitionerrole.request.curl.txt"
    );
    fs::read_to_string(file).unwrap()
}

#[test]
fn build() {
    let run = query(&BUILD, "");
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    insta::assert_snapshot!(run.out);
}

#[test]
fn build_as_json() {
    let args = [
        &BUILD[..],
        &["--format", "json", "--address", "https://example.org/role"],
    ]
    .concat();
    let document: Value = serde_json::from_str(&query(&args, "").out).unwrap();
    assert_eq!(document["schema_version"], 1);
    assert_eq!(document["endpoint"]["audience"], "restricted");
    assert_eq!(
        document["url"],
        "https://example.org/role?near=53.385225:-2.231105:200:mi&_sort=distance:desc&practitioner=SP00123,SP00456"
    );
    let form = [
        "build",
        "--endpoint",
        "find-member",
        "insurerIdentifier=bup",
        "postCode=BT43 7BU",
        "--format",
        "json",
    ];
    let document: Value = serde_json::from_str(&query(&form, "").out).unwrap();
    assert_eq!(
        document["body"],
        "insurerIdentifier=bup&postCode=BT43%207BU"
    );
    assert_eq!(document["url"], "{find_member_endpoint}");
}

#[test]
fn what_is_wrong_is_refused() {
    for (args, says) in [
        (
            &["build", "--endpoint", "practitioner-rol"][..],
            "did you mean practitioner-role?",
        ),
        (
            &["build", "--endpoint", "Patient", "birthdat=1977-05-09"],
            "did you mean birthdate?",
        ),
        (
            &[
                "build",
                "--endpoint",
                "practitioner-role",
                "sort=distance:desc",
            ],
            "near=latitude:longitude",
        ),
    ] {
        let run = query(args, "");
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{args:?}");
        assert!(run.err.contains(says), "{}", run.err);
        assert!(!run.err.contains("1977-05-09"), "{}", run.err);
    }
    let run = query(&["explain", "family=Clinton"], "");
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains("QUERY-ENDPOINT"), "{}", run.err);
}

#[test]
fn explain() {
    let run = query(&["explain", "-"], &documented());
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    insta::assert_snapshot!(run.out);
    let sound = query(&["explain", "/Patient?family=Clinton"], "");
    assert_eq!(sound.code, 0, "{}", sound.out);
}

#[test]
fn explain_as_json() {
    let run = query(&["explain", "--format", "json", "-"], &documented());
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let rules = document["issues"].as_array().unwrap();
    let has = |rule| rules.iter().any(|it| it["rule"] == rule);
    assert!(has("SLIP-AMPERSAND") && has("SLIP-PROSE"), "{}", run.out);
    assert_eq!(
        document["parameters"][3]["value"],
        "53.385225:-2.231105:200:mi"
    );
}

#[test]
fn endpoints() {
    insta::assert_snapshot!(query(&["endpoints"], "").out);
    let run = query(&["endpoints", "--format", "json"], "");
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(document["endpoints"][0]["name"], "practitioner");
}
