//! The two forms of the command: with a verb, and with the endpoint first.

use super::kit::Bench;
use std::fs;

/// A request without the ids that are new each time.
fn without_ids(mut text: String) -> String {
    for name in ["x-request-id: ", "ssp-traceid: "] {
        if let Some((before, after)) = text.clone().split_once(name) {
            text = format!("{before}{name}UUID{}", &after[36..]);
        }
    }
    text
}

#[test]
fn both_forms_send_the_same() {
    let bench = Bench::start();
    let claims = r#"{"iss":"a","sub":"b","reason_for_request":"directcare","scope":"c"}"#;
    for (name, text) in [
        ("number", "9000000009"),
        ("schedule", r#"{"resourceType":"Schedule"}"#),
        ("patch", r#"[{"op":"remove","path":"/telecom/0"}]"#),
        ("find", r#"{"Surname":"Gray"}"#),
        ("claims", claims),
        ("who", "family=Gray"),
        ("path", "path=Patient/9000000009"),
    ] {
        fs::write(bench.path(name), text).unwrap();
    }
    // The proxy is not used in a dry run.
    let mut printed = fs::read_to_string(bench.path("sandbox.toml")).unwrap();
    printed.push_str("[spine]\nproxy = \"https://proxy.example\"\nasid = \"200000000205\"\n");
    fs::write(bench.path("sandbox.toml"), printed).unwrap();
    let interaction = "urn:nhs:names:services:gpconnect:fhir:rest:read:patient-1";
    let named = format!("interaction={interaction}");
    let spine = [
        "spine",
        "--interaction",
        interaction,
        "--root",
        "https://gp.example",
        "--to",
        "928942012545",
        "--path",
        "@number",
        "--claims",
        "claims",
    ];
    let ssp = [
        "ssp",
        &named,
        "root=https://gp.example",
        "to=928942012545",
        "@path",
        "--claims",
        "claims",
    ];
    fs::write(bench.path("number-path"), "Patient/9000000009").unwrap();
    let spine = spine.map(|word| {
        if word == "@number" {
            "@number-path"
        } else {
            word
        }
    });
    let pairs: &[(&[&str], &[&str])] = &[
        (
            &["search", "practitioner", "family=Gray"],
            &["practitioner", "family=Gray"],
        ),
        (&["search", "practitioner"], &["practitioner"]),
        (&["search", "pds-patient", "@who"], &["pds-patient", "@who"]),
        (&["read", "practitioner", "SP1"], &["practitioner", "SP1"]),
        (&["read", "code-sets", "a", "b"], &["code-sets", "a", "b"]),
        (
            &["read", "create-schedule", "S1"],
            &["create-schedule", "S1"],
        ),
        (
            &["read", "pds-patient", "@number"],
            &["pds-patient", "@number"],
        ),
        (
            &["read", "pds-related-person", "@number"],
            &["pds-patient", "@number", "RelatedPerson"],
        ),
        (
            &["read", "pds-coverage", "@number"],
            &["pds-coverage", "@number"],
        ),
        (
            &["read", "graphnet-patient", "p1", "--product", "fhir"],
            &["graphnet-patient", "p1", "--product", "fhir"],
        ),
        (
            &["create", "create-schedule", "--body", "schedule"],
            &["create-schedule", "--body", "schedule"],
        ),
        (
            &[
                "update",
                "create-schedule",
                "S1",
                "--body",
                "schedule",
                "--if-match",
                "3",
            ],
            &[
                "create-schedule",
                "S1",
                "--update",
                "--body",
                "schedule",
                "--if-match",
                "3",
            ],
        ),
        (
            &["delete", "create-schedule", "S1"],
            &["create-schedule", "S1", "--delete"],
        ),
        (
            &[
                "patch",
                "pds-patient",
                "@number",
                "--body",
                "patch",
                "--if-match",
                "2",
            ],
            &[
                "pds-patient",
                "@number",
                "--update",
                "--body",
                "patch",
                "--if-match",
                "2",
            ],
        ),
        (
            &["post", "Find", "--body", "find"],
            &["graphnet-api", "Find", "--body", "find"],
        ),
        (&["token", "healthcode"], &["healthcode-token"]),
        (&["token", "nhs"], &["nhs-token"]),
        (&["token", "graphnet"], &["graphnet-token"]),
        (&spine, &ssp),
    ];
    for (verb, endpoint) in pairs {
        let sent = [verb, endpoint].map(|words| {
            let run = bench.call(&[words, &["--dry-run"][..]].concat());
            assert_eq!(run.code, 0, "{words:?}: {}", run.err);
            // Forms that request tokens have an assertion, which is new each time.
            without_ids(run.out)
        });
        assert_eq!(sent[0], sent[1], "{verb:?}");
        assert!(!sent[0].is_empty(), "{verb:?}");
    }
}

/// Options may come before or after the verb, and what does not fit is refused by clap.
#[test]
fn each_verb_has_its_own_options() {
    let bench = Bench::start();
    fs::write(bench.path("schedule"), r#"{"resourceType":"Schedule"}"#).unwrap();
    let run = bench.call(&["search", "practitioner", "count=1"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let before = bench.requests();
    let check = |args: &[&str], expect: &str| {
        let run = bench.call(args);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}");
        assert!(
            run.err.contains(expect),
            "{args:?}: {expect} in {}",
            run.err
        );
    };
    check(
        &["search", "practitioner", "--body", "schedule"],
        "unexpected argument '--body'",
    );
    check(&["search", "practitioner", "SP1"], "ids are for call read");
    check(&["search", "code-sets"], "it takes no parameters");
    check(&["search", "practitionr"], "QUERY-ENDPOINT");
    check(&["search"], "<ENDPOINT>");
    check(&["read", "practitioner"], "missing ID");
    check(
        &["read", "practitioner", "SP1", "--pages", "2"],
        "unexpected argument '--pages'",
    );
    check(
        &["read", "practitioner", "a=b"],
        "parameters are for call search",
    );
    check(
        &["create", "practitioner", "--body", "schedule"],
        "it takes no resource",
    );
    check(&["update", "create-schedule", "S1"], "--body <FILE>");
    check(
        &["update", "pds-patient", "x", "--body", "schedule"],
        "call patch changes a patient",
    );
    check(
        &["update", "graphnet-patient", "x", "--body", "schedule"],
        "it is only read",
    );
    check(&["delete", "create-schedule"], "<ID>");
    check(
        &["delete", "create-schedule", "S1", "--body", "x"],
        "unexpected argument '--body'",
    );
    check(
        &["token", "spine"],
        "possible values: healthcode, nhs, graphnet",
    );
    check(
        &["token", "graphnet", "--as-user"],
        "--as-user is not allowed here",
    );
    check(&["post", "Find"], "--body <FILE>");
    check(&["spine", "--path", "x"], "--interaction <URN>");
    check(&["get"], "<URL>");
    check(
        &["get", "http://a.example", "--restricted"],
        "unexpected argument '--restricted'",
    );
    check(
        &["search", "practitioner", "--env", "a"],
        "--env is not allowed here",
    );
    check(
        &["search", "practitioner", "--config", "a"],
        "--config is not allowed here",
    );
    check(
        &["search", "practitioner", "--discovery", "a"],
        "--discovery is not allowed here",
    );
    check(
        &["search", "practitioner", "--dry-run", "--capture", "a.har"],
        "--capture is not allowed here",
    );
    assert_eq!(bench.requests(), before);
}
