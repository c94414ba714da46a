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
    for args in [
        &["build", "--endpoint", "search_practitioner"][..],
        &["explain", "family=Clinton"],
        &["run", "--endpoint", "none", "absent.json", "family=Clinton"],
    ] {
        let run = query(args, "");
        let says = "healthcode query endpoints lists them";
        assert!(run.err.contains(says), "{args:?}: {}", run.err);
    }
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
    let has = |rule| rules.iter().any(|issue| issue["rule"] == rule);
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

fn fixture(name: &str) -> String {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/fixtures/documented"
    );
    format!("{folder}/restricted-ppr.{name}")
}

/// Without the folder of the fixtures.
fn shown(text: &str) -> String {
    text.replace(&fixture(""), "")
}

const PLACES: &str = r#"{"resourceType":"Location","id":"HP005000","address":{"postalCode":"W1H 3DA"},"position":{"latitude":51.5176,"longitude":-0.1617}}"#;

#[test]
fn run_on_captured_answers() {
    let answer = fixture("search-practitionerrole.response.json");
    let practitioner = fixture("search-practitioner.response.json");
    let text = "practitioner=SP09000&near=53.385225:-2.231105:200:mi&_sort=name&_include=practitioner:location";
    let endpoint = ["run", "--endpoint", "practitioner-role"];
    let run = |rest: &[&str], input: &str| query(&[&endpoint[..], rest].concat(), input);

    // Nothing says where the location is.
    let unknown = run(&[&answer, text], "");
    assert_eq!((unknown.code, unknown.err.as_str()), (0, ""));
    insta::assert_snapshot!("run_unknown", shown(&unknown.out));

    let known = run(
        &["--with", "-", "--with", &practitioner, &answer, text],
        PLACES,
    );
    assert_eq!((known.code, known.err.as_str()), (0, ""));
    insta::assert_snapshot!("run_known", shown(&known.out));

    let json = run(&["--format", "json", "--with", "-", &answer, text], PLACES);
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["total"], 2);
    assert_eq!(json["entries"][1]["name"], "Mr Warren Clinton");
    assert!(json["entries"][0]["distance_metres"].as_f64().unwrap() > 250_000.0);

    let page = format!("{text}&page=2&count=1");
    let bundle = run(
        &["--format", "bundle", "--with", "-", &answer, &page],
        PLACES,
    );
    let bundle: Value = serde_json::from_str(&bundle.out).unwrap();
    assert_eq!(
        bundle["meta"]["tag"][2],
        serde_json::json!({"code": "maxCount", "display": "2"})
    );
    assert_eq!(bundle["entry"].as_array().unwrap().len(), 2);

    let refused = run(&[&answer, "ages=C0"], "");
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    assert!(refused.err.contains("QUERY-NAME"), "{}", refused.err);
    let unread = run(&["no-such-file", text], "");
    assert_eq!(unread.code, 2);
}

/// Options may be anywhere, Bundles in folders; what is in the wrong place is named.
#[test]
fn run_arguments() {
    let folder = crate::Folder::new(&[
        ("in/a.json", PLACES.as_bytes()),
        ("in/b.ndjson", PLACES.as_bytes()),
        ("empty/x.txt", b""),
    ]);
    let places = "Location?_id=HP005000";
    for (args, code, says) in [
        (&["in/a.json", "--check", places][..], 0, "every resource"),
        (&["in", "--format", "human", places], 0, "2 match"),
        (&["in", "--with", "in/a.json", places], 0, "2 match"),
        (&["in/a.json"], 2, "at least one"),
        (&[places, "in/a.json"], 2, "last the query"),
        (&["empty", places], 2, "it has no .json"),
    ] {
        let run = folder.run(&[&["query", "run"], args].concat());
        assert_eq!(run.code, code, "{args:?}: {}", run.err);
        assert!((run.out + &run.err).contains(says), "{args:?}");
    }
}

/// The documented answers are not those of the documented queries.
#[test]
fn run_check() {
    let mut out = String::new();
    for (name, with) in [
        ("search-practitioner", None),
        ("search-practitionerrole", Some("search-practitioner")),
    ] {
        let answer = fixture(&format!("{name}.response.json"));
        let text = fs::read_to_string(fixture(&format!("{name}.request.curl.txt"))).unwrap();
        let with = with.map(|name| fixture(&format!("{name}.response.json")));
        let with = with.as_deref().map_or(vec![], |path| vec!["--with", path]);
        let run = query(
            &[&["run", "--check"], &with[..], &[&answer, &text]].concat(),
            "",
        );
        assert_eq!((run.code, run.err.as_str()), (1, ""));
        out.push_str(&shown(&run.out));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn run_in_a_dialect() {
    let answer = fixture("search-practitionerrole.response.json");
    for (dialect, text, code) in [
        ("r4", "PractitionerRole?specialty=0003A&_count=1", 0),
        ("healthcode", "PractitionerRole?ages-treated=C0", 0),
        ("healthcode", "PractitionerRole?_count=1", 2),
        ("sds", "PractitionerRole?specialty=0003A", 2),
    ] {
        let run = query(&["run", "--dialect", dialect, &answer, text], "");
        assert_eq!(run.code, code, "{dialect} {text}: {}", run.err);
        assert_eq!(
            run.out.contains(": 2 match"),
            dialect == "r4",
            "{}",
            run.out
        );
    }
}
