//! Profiles of Bundles that slice their entries: alike for a whole Bundle, for entries one by one, and
//! for entries on several threads.

use crate::profiles::{profile, set_of};
use healthcode_core::Issue;
use healthcode_json::stream::Kind;
use healthcode_r4::Bundle;
use healthcode_validate::{Policy, Validator};
use std::sync::Arc;

fn show(issues: &[Issue]) -> Vec<String> {
    let of_profiles = |issue: &&Issue| issue.rule.id.starts_with("R4-PROFILE-");
    let show = |issue: &Issue| {
        let rule = issue.rule.id.trim_start_matches("R4-PROFILE-");
        format!("{rule} {}", issue.path)
    };
    let mut found: Vec<_> = issues.iter().filter(of_profiles).map(show).collect();
    found.sort();
    found
}

/// What is found in a Bundle as one value, as a stream, and as a stream on several threads; its `meta`
/// comes before the entries.
fn by_all_ways(validator: &Validator, json: &str) -> [Vec<String>; 3] {
    let whole = validator.read::<Bundle>(json.as_bytes()).unwrap();
    let streamed = |threads| {
        let stream = validator.stream(json.as_bytes()).kind(Kind::Bundle);
        let report = stream.threads(threads).whole_bundles(0).report();
        show(&report.unwrap().issues)
    };
    [show(&whole.issues), streamed(1), streamed(3)]
}

#[track_caller]
fn check(slicing: &str, cases: &[(&[&str], &[&str])]) {
    let slice = |name: &str, of_type: &str, count: &str, more: &str| {
        format!(
            r#"{{"id":"Bundle.entry:{name}","path":"Bundle.entry","sliceName":"{name}",{count}}},
            {{"id":"Bundle.entry:{name}.resource","path":"Bundle.entry.resource","min":1,"type":[{{"code":"{of_type}"{more}}}]}}"#
        )
    };
    let elements = [
        format!(
            r#"{{"id":"Bundle.entry","path":"Bundle.entry","min":2,"max":"5","slicing":{{"discriminator":[{{"type":"type","path":"resource"}}],{slicing}}},
            "constraint":[{{"key":"e-1","severity":"error","human":"h","expression":"link.empty()"}}]}}"#
        ),
        slice(
            "patient",
            "Patient",
            r#""min":1,"max":"1""#,
            r#","profile":["http://a.b/named"]"#,
        ),
        slice("group", "Group", r#""max":"2""#, ""),
    ];
    let named = r#"{"id":"Patient.name","path":"Patient.name","min":1}"#;
    let set = Arc::new(set_of(&[
        profile("p", "Bundle", &elements.join(",")),
        profile("named", "Patient", named),
    ]));
    assert!(set.problems("http://a.b/p").is_empty());
    let claiming = Validator::new(Policy::R4).profiles(Arc::clone(&set));
    let applying = claiming.clone().profile("http://a.b/p").unwrap();
    for (entries, expected) in cases {
        let entries: Vec<_> = entries
            .iter()
            .map(|resource| format!(r#"{{"resource":{{"resourceType":{resource}}}}}"#))
            .collect();
        let entries = match entries.as_slice() {
            [] => String::new(),
            _ => format!(r#","entry":[{}]"#, entries.join(",")),
        };
        for (validator, claim) in [
            (&applying, ""),
            (&claiming, r#","meta":{"profile":["http://a.b/p"]}"#),
        ] {
            let json =
                format!(r#"{{"resourceType":"Bundle"{claim},"type":"collection"{entries}}}"#);
            let [whole, one_by_one, on_threads] = by_all_ways(validator, &json);
            assert_eq!(whole, *expected, "{json}");
            assert_eq!(one_by_one, whole, "{json}");
            assert_eq!(on_threads, whole, "{json}");
        }
    }
}

const NAMED: &str = r#""Patient","name":[{"text":"x"}]"#;
const NAMELESS: &str = r#""Patient""#;
const GROUP: &str = r#""Group","type":"person","actual":true"#;
const BASIC: &str = r#""Basic","code":{"text":"x"}"#;

#[test]
fn open() {
    check(
        r#""rules":"open""#,
        &[
            (&[NAMED, GROUP], &[]),
            (&[BASIC, GROUP, NAMED, BASIC], &[]),
            (&[], &["MIN Bundle.entry", "MIN Bundle.entry"]),
            (&[NAMED], &["MIN Bundle.entry"]),
            (&[BASIC, GROUP], &["MIN Bundle.entry"]),
            (&[NAMELESS, GROUP], &["MIN Bundle.entry[0].resource.name"]),
            (&[NAMED, GROUP, NAMED], &["MAX Bundle.entry[2]"]),
            (
                &[GROUP, GROUP, NAMED, GROUP, GROUP],
                &["MAX Bundle.entry[3]"],
            ),
            (
                &[NAMED, BASIC, BASIC, BASIC, BASIC, BASIC],
                &["MAX Bundle.entry[5]"],
            ),
        ],
    );
}

#[test]
fn closed() {
    check(
        r#""rules":"closed""#,
        &[
            (&[GROUP, NAMED], &[]),
            (&[GROUP, NAMED, BASIC], &["SLICE-CLOSED Bundle.entry[2]"]),
        ],
    );
}

#[test]
fn in_order() {
    check(
        r#""ordered":true,"rules":"open""#,
        &[
            (&[NAMED, GROUP, GROUP], &[]),
            (&[NAMED, BASIC, GROUP], &[]),
            (&[GROUP, NAMED, GROUP], &["SLICE-ORDER Bundle.entry[1]"]),
        ],
    );
    check(
        r#""rules":"openAtEnd""#,
        &[
            (&[GROUP, NAMED, BASIC], &[]),
            (
                &[NAMED, BASIC, GROUP, BASIC],
                &["SLICE-ORDER Bundle.entry[2]"],
            ),
        ],
    );
}

/// What a profile requires of all entries together is unchecked where they come one by one, and so is all
/// that it requires of entries if it is named after them.
#[test]
fn what_is_not_checked() {
    let elements = r#"{"id":"Bundle","path":"Bundle","constraint":[{"key":"b-1","severity":"error","human":"h","expression":"entry.count() = 1"},{"key":"b-2","severity":"error","human":"h","expression":"type = 'collection'"}]},
        {"id":"Bundle.entry","path":"Bundle.entry","max":"1"}"#;
    let set = set_of(&[profile("p", "Bundle", elements)]);
    let validator = Validator::new(Policy::R4).profiles(Arc::new(set));
    let applying = validator.clone().profile("http://a.b/p").unwrap();
    let json = format!(
        r#"{{"resourceType":"Bundle","type":"batch","entry":[{{"resource":{{"resourceType":{NAMED}}}}},{{"resource":{{"resourceType":{NAMED}}}}}]}}"#
    );
    let [whole, one_by_one, on_threads] = by_all_ways(&applying, &json);
    assert_eq!(
        whole,
        [
            "INVARIANT Bundle",
            "INVARIANT Bundle",
            "MAX Bundle.entry[1]"
        ]
    );
    assert_eq!(
        one_by_one,
        [
            "INVARIANT Bundle",
            "MAX Bundle.entry[1]",
            "UNCHECKED Bundle"
        ]
    );
    assert_eq!(on_threads, one_by_one);
    // Claimed, but not before the entries.
    let claim = r#"],"meta":{"profile":["http://a.b/p"]}}"#;
    let late = json.strip_suffix("]}").unwrap().to_owned() + claim;
    let stream = validator.stream(late.as_bytes()).kind(Kind::Bundle);
    let issues = stream.whole_bundles(0).report().unwrap().issues;
    assert_eq!(show(&issues), ["INVARIANT Bundle", "UNCHECKED Bundle"]);
}
