//! Profiles of what references point at: contained, in the same Bundle, or away.

use crate::profiles::{CODED, found, profile, set_of};
use healthcode_validate::{Policy, Validator};
use std::sync::Arc;

/// A profile `p` of Observations, whose subject is a `grown` Patient or any Group, and who is derived
/// from another that follows `p` too.
fn validator() -> Validator {
    let element = |path: &str, targets: &[&str]| {
        let targets: Vec<String> = targets.iter().map(|target| format!("{target:?}")).collect();
        format!(
            r#"{{"id":"Observation.{path}","path":"Observation.{path}","type":[{{"code":"Reference","targetProfile":[{}]}}]}}"#,
            targets.join(",")
        )
    };
    let subject = element(
        "subject",
        &[
            "http://a.b/grown|1",
            "http://hl7.org/fhir/StructureDefinition/Group",
        ],
    );
    let derived = element("derivedFrom", &["http://a.b/p"]);
    let focus = element("focus", &["http://a.b/not-loaded"]);
    let set = set_of(&[
        profile("p", "Observation", &[subject, derived, focus].join(",")),
        profile(
            "grown",
            "Patient",
            r#"{"id":"Patient.birthDate","path":"Patient.birthDate","min":1}"#,
        ),
    ]);
    Validator::new(Policy::R4)
        .profiles(Arc::new(set))
        .profile("http://a.b/p")
        .unwrap()
}

#[test]
fn contained() {
    let validator = validator();
    let grown = r#"{"resourceType":"Patient","id":"a","birthDate":"1990"}"#;
    let other = r#"{"resourceType":"Patient","id":"b"}"#;
    let group = r#"{"resourceType":"Group","id":"c","type":"person","actual":true}"#;
    let device = r#"{"resourceType":"Device","id":"d"}"#;
    for (reference, expected) in [
        (r##"{"reference":"#a"}"##, &[][..]),
        (
            r##"{"reference":"#b"}"##,
            &["TARGET Observation.subject.reference"],
        ),
        (r##"{"reference":"#c"}"##, &[]),
        (
            r##"{"reference":"#d"}"##,
            &["TARGET Observation.subject.reference"],
        ),
        (r#"{"reference":"Group/1"}"#, &[]),
        (
            r#"{"reference":"Device/1"}"#,
            &["TARGET Observation.subject.reference"],
        ),
        // What is away cannot be looked at.
        (
            r#"{"reference":"Patient/1"}"#,
            &["information UNCHECKED Observation"],
        ),
        (
            r#"{"type":"Patient","identifier":{"value":"1"}}"#,
            &["information UNCHECKED Observation"],
        ),
        (r#"{"display":"a group, or a patient"}"#, &[]),
    ] {
        let json = format!(
            r#"{{"resourceType":"Observation"{CODED},"contained":[{grown},{other},{group},{device}],"subject":{reference}}}"#
        );
        assert_eq!(found(&validator, &json), expected, "{reference}");
    }
    let away = r#","focus":[{"reference":"Patient/1"}]"#;
    let json = format!(r#"{{"resourceType":"Observation"{CODED}{away}}}"#);
    assert_eq!(
        found(&validator, &json),
        ["information UNCHECKED Observation"]
    );
}

/// An entry with an Observation of this number, derived from others.
fn entry(number: usize, subject: &str, from: &[usize]) -> String {
    let from = from
        .iter()
        .map(|id| format!(r#"{{"reference":"http://a.b/Observation/{id}"}}"#));
    let from: Vec<String> = from.collect();
    format!(
        r#"{{"fullUrl":"http://a.b/Observation/{number}","resource":{{"resourceType":"Observation","id":"{number}"{CODED},"subject":{{"reference":"{subject}"}},"derivedFrom":[{}]}}}}"#,
        from.join(",")
    )
}

fn bundle(entries: &[String]) -> String {
    let patients = [("1", r#","birthDate":"1990""#), ("2", "")].map(|(id, birth)| {
        format!(
            r#"{{"fullUrl":"http://a.b/Patient/{id}","resource":{{"resourceType":"Patient","id":"{id}"{birth}}}}}"#
        )
    });
    format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{},{}]}}"#,
        entries.join(","),
        patients.join(",")
    )
}

#[test]
fn in_bundles() {
    let validator = validator();
    let (good, bad) = ("http://a.b/Patient/1", "http://a.b/Patient/2");
    // The first are circles: of one, and of two.
    let json = bundle(&[
        entry(0, good, &[0]),
        entry(1, good, &[2]),
        entry(2, good, &[1, 0]),
        entry(3, bad, &[]),
        entry(4, good, &[3]),
    ]);
    assert_eq!(
        found(&validator, &json),
        [
            "TARGET Bundle.entry[3].resource.subject.reference",
            "TARGET Bundle.entry[4].resource.derivedFrom[0].reference",
        ]
    );
}

/// Each resource is looked at once for each profile, however many ways lead to it.
#[test]
fn many_ways() {
    let good = "http://a.b/Patient/1";
    let count = 120;
    let all: Vec<usize> = (0..count).collect();
    let entries: Vec<String> = all
        .iter()
        .map(|&number| entry(number, good, &all))
        .collect();
    assert!(found(&validator(), &bundle(&entries)).is_empty());
    // A chain is followed so far; what comes after that is checked where it is.
    let mut chain: Vec<String> = (0..500)
        .map(|number| entry(number, good, &[number + 1]))
        .collect();
    chain.push(entry(500, "http://a.b/Patient/2", &[]));
    let found = found(&validator(), &bundle(&chain));
    let wrong: Vec<_> = found
        .iter()
        .filter(|line| line.starts_with("TARGET"))
        .collect();
    assert!(wrong.contains(&&"TARGET Bundle.entry[500].resource.subject.reference".to_owned()));
}

/// Contained resources are found in one look-up, however many there are.
#[test]
fn many_contained() {
    let count = 20_000;
    let contained =
        (0..count).map(|at| format!(r#"{{"resourceType":"Observation","id":"c{at}"{CODED}}}"#));
    let contained: Vec<String> = contained.collect();
    let from = (0..count).map(|at| format!(r##"{{"reference":"#c{at}"}}"##));
    let from: Vec<String> = from.collect();
    let json = format!(
        r#"{{"resourceType":"Observation"{CODED},"contained":[{}],"derivedFrom":[{}]}}"#,
        contained.join(","),
        from.join(",")
    );
    assert!(found(&validator(), &json).is_empty());
}

/// Where what a reference leads to has to be, and whether it has to name a version.
#[test]
fn forms_of_references() {
    let inside = r##"{"reference":"#a"}"##;
    let away = r#"{"reference":"Patient/1"}"#;
    let version = r#"{"reference":"Patient/1/_history/2"}"#;
    let logical = r#"{"identifier":{"value":"1"}}"#;
    let broken = &["TARGET Observation.subject"][..];
    let unchecked = &["information UNCHECKED Observation"][..];
    for (form, reference, expected) in [
        (r#""aggregation":["contained"]"#, inside, &[][..]),
        (r#""aggregation":["contained"]"#, away, broken),
        (r#""aggregation":["contained"]"#, logical, &[]),
        (r#""aggregation":["referenced"]"#, inside, broken),
        (r#""aggregation":["referenced","bundled"]"#, away, &[]),
        (r#""aggregation":["referenced","contained"]"#, away, &[]),
        (r#""aggregation":["referenced","contained"]"#, inside, &[]),
        // Whether it is in the same Bundle is not known without one.
        (r#""aggregation":["bundled"]"#, away, unchecked),
        (r#""aggregation":["bundled"]"#, inside, broken),
        (r#""aggregation":["contained","bundled"]"#, inside, &[]),
        (r#""aggregation":["contained","bundled"]"#, away, unchecked),
        (r#""versioning":"specific""#, away, broken),
        (r#""versioning":"specific""#, version, &[]),
        (r#""versioning":"independent""#, version, broken),
        (r#""versioning":"independent""#, away, &[]),
        (r#""versioning":"either""#, version, &[]),
    ] {
        let element = format!(
            r#"{{"id":"Observation.subject","path":"Observation.subject","type":[{{"code":"Reference",{form}}}]}}"#
        );
        let set = set_of(&[profile("p", "Observation", &element)]);
        let validator = Validator::new(Policy::R4)
            .profiles(Arc::new(set))
            .profile("http://a.b/p")
            .unwrap();
        let contained = if reference == inside {
            r#","contained":[{"resourceType":"Patient","id":"a"}]"#
        } else {
            ""
        };
        let json =
            format!(r#"{{"resourceType":"Observation"{CODED}{contained},"subject":{reference}}}"#);
        assert_eq!(found(&validator, &json), expected, "{form} {reference}");
    }
}
