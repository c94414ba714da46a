//! Deep and large payloads.

use crate::profiles::{profile, set_of};
use healthcode_r4::Resource;
use healthcode_validate::{Policy, Validator};
use std::sync::Arc;

fn nested(depth: usize) -> String {
    let mut json = String::from(r#"{"resourceType":"Patient""#);
    for _ in 0..depth {
        json += r#","extension":[{"url":"http://a.b""#;
    }
    json += r#","valueString":"x""#;
    for _ in 0..depth {
        json += "}]";
    }
    json + "}"
}

/// Items in items, whose invariants are evaluated by their expressions.
fn nested_items(depth: usize) -> String {
    let mut json = String::from(r#"{"resourceType":"Questionnaire","status":"draft""#);
    for level in 0..depth {
        json += &format!(r#","item":[{{"linkId":"{level}","type":"group""#);
    }
    json += r#","item":[{"linkId":"x","type":"string"}]"#;
    json + &"}]".repeat(depth) + "}"
}

/// Row 51. At the greatest depth a thread of 1 MiB is enough, in debug builds too.
#[test]
fn deep() {
    let work = || {
        for depth in [500, 511, 600, 100_000] {
            for json in [nested(depth), nested_items(depth - 1)] {
                let validator = Validator::new(Policy::R4)
                    .without("R4-EXTENSION-UNKNOWN")
                    .unwrap()
                    .max_depth(512);
                let report = validator.read::<Resource>(json.as_bytes()).unwrap();
                let deep: Vec<_> = report.issues.iter().map(|issue| issue.rule.id).collect();
                let expect: &[&str] = if depth < 512 { &[] } else { &["JSON-DEPTH"] };
                assert_eq!(deep, expect, "{depth}");
            }
        }
    };
    let thread = std::thread::Builder::new().stack_size(1024 * 1024);
    thread.spawn(work).unwrap().join().unwrap();
}

/// Payloads with very much wrong, each in its own way: so many issues are kept and no more, and the
/// report says that there are more.
#[test]
fn no_end_of_issues() {
    const MANY: usize = 11_000;
    let list =
        |start: &str, item: &str, end: &str| format!("{start}{}{end}", vec![item; MANY].join(","));
    let numbered = |start: &str, item: &str, end: &str| {
        let items = (0..MANY).map(|number| item.replace('#', &number.to_string()));
        format!("{start}{}{end}", items.collect::<Vec<_>>().join(","))
    };
    let patient = r#"{"resourceType":"Patient","#;
    for (what, json) in [
        (
            "empty objects",
            list(&format!(r#"{patient}"name":["#), "{}", "]}"),
        ),
        (
            "empty strings",
            list(&format!(r#"{patient}"name":[{{"given":["#), r#""""#, "]}]}"),
        ),
        (
            "nulls",
            list(&format!(r#"{patient}"name":[{{"given":["#), "null", "]}]}"),
        ),
        (
            "no objects",
            list(&format!(r#"{patient}"name":["#), "0", "]}"),
        ),
        (
            "wrong types",
            list(&format!(r#"{patient}"name":[{{"given":["#), "0", "]}]}"),
        ),
        ("unknown members", numbered(patient, r#""x#":1"#, "}")),
        ("repeated names", list(patient, r#""id":"a""#, "}")),
        (
            "extensions",
            list(
                &format!(r#"{patient}"extension":["#),
                r#"{"url":"x"}"#,
                "]}",
            ),
        ),
        (
            "references",
            list(
                &format!(r#"{patient}"generalPractitioner":["#),
                r##"{"reference":"#x"}"##,
                "]}",
            ),
        ),
        (
            "contained",
            list(
                &format!(r#"{patient}"contained":["#),
                r#"{"resourceType":"Basic","id":"a"}"#,
                "]}",
            ),
        ),
        (
            "telecoms",
            list(
                &format!(r#"{patient}"telecom":["#),
                r#"{"value":"1"}"#,
                "]}",
            ),
        ),
    ] {
        let report = Validator::new(Policy::R4).read::<Resource>(json.as_bytes());
        let report = report.unwrap_or_else(|error| panic!("{what}: {error}"));
        let more = report
            .issues
            .iter()
            .filter(|issue| issue.rule.id == "FHIR-MORE-ISSUES");
        let more: Vec<_> = more
            .map(|issue| (issue.path.as_str(), issue.severity.as_str()))
            .collect();
        assert_eq!(
            (report.issues.len(), more),
            (10_001, vec![("Patient", "error")]),
            "{what}"
        );
    }
}

/// What a resource may have wrong and still be listed whole.
#[test]
fn issues_up_to_the_limit() {
    for (count, listed) in [(9_999, 9_999), (10_000, 10_000), (10_001, 10_001)] {
        let names = vec!["{}"; count].join(",");
        let json = format!(r#"{{"resourceType":"Patient","name":[{names}]}}"#);
        let report = Validator::new(Policy::R4)
            .read::<Resource>(json.as_bytes())
            .unwrap();
        assert_eq!(report.issues.len(), listed);
        let more = report
            .issues
            .iter()
            .any(|issue| issue.rule.id == "FHIR-MORE-ISSUES");
        assert_eq!(more, count > 10_000);
    }
}

/// The entries of a Bundle that is read whole have more room, together.
#[test]
fn issues_of_a_whole_bundle() {
    for (entries, expect) in [(90_000, 90_000), (110_000, 100_001)] {
        let entry = |number| {
            format!(
                r#"{{"fullUrl":"http://a.b/{number}","resource":{{"resourceType":"Basic","code":{{"text":""}}}}}}"#
            )
        };
        let json = format!(
            r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#,
            (0..entries).map(entry).collect::<Vec<_>>().join(",")
        );
        let validator = Validator::new(Policy::R4);
        let report = validator.read::<Resource>(json.as_bytes()).unwrap();
        assert_eq!(report.issues.len(), expect);
    }
}

/// Invariants of profiles that take more steps than a resource has: that is reported once, and what
/// other invariants find is too.
#[test]
fn no_end_of_steps() {
    let set = set_of(&[profile(
        "p",
        "Patient",
        r#"{"id":"Patient.name","path":"Patient.name","constraint":[
             {"key":"s-1","severity":"error","human":"endless","expression":"1.repeat($this + 1).empty()"},
             {"key":"s-2","severity":"error","human":"used","expression":"use.exists()"}]}"#,
    )]);
    let validator = Validator::new(Policy::R4)
        .profiles(Arc::new(set))
        .profile("http://a.b/p")
        .unwrap();
    let names = |count: usize| vec![r#"{"text":"x"}"#; count].join(",");
    let patient = |count| format!(r#"{{"resourceType":"Patient","name":[{}]}}"#, names(count));
    for count in [1, 2, 4, 300] {
        let entry = format!(r#"{{"resource":{}}}"#, patient(count));
        let bundle =
            format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{entry},{entry}]}}"#);
        for (json, resources) in [(patient(count), 1), (bundle, 2)] {
            let report = validator.read::<Resource>(json.as_bytes()).unwrap();
            let of = |id: &str| {
                report
                    .issues
                    .iter()
                    .filter(|issue| issue.rule.id == id)
                    .count()
            };
            assert_eq!(of("R4-LIMIT"), resources, "{count}");
            assert_eq!(of("R4-PROFILE-INVARIANT"), count * resources, "{count}");
            assert!(!report.is_valid());
        }
    }
}
