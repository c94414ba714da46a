//! Chains, `_has` and what is included follow each reference a bounded number of times, and say where
//! there are too many.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_evaluate::{Index, Outcome, Reason};
use healthcode_r4::Bundle;
use healthcode_search::{Captured, Query, Scope};

/// Patients of which each is linked with `fan` others; no one has the name of the query.
fn linked(patients: usize, fan: usize) -> Bundle {
    let patient = |number: usize| {
        let link = |step: usize| {
            let other = (number * 7 + step * 13 + 1) % patients;
            format!(r#"{{"other": {{"reference": "Patient/p{other}"}}, "type": "seealso"}}"#)
        };
        let links = (0..fan).map(link).collect::<Vec<_>>().join(",");
        format!(
            r#"{{"resource": {{"resourceType": "Patient", "id": "p{number}",
                "name": [{{"family": "F{number}"}}], "link": [{links}]}}}}"#
        )
    };
    let entries = (0..patients).map(patient).collect::<Vec<_>>().join(",");
    let json =
        format!(r#"{{"resourceType": "Bundle", "type": "collection", "entry": [{entries}]}}"#);
    healthcode_json::from_slice(json.as_bytes()).unwrap().value
}

fn query(text: &str) -> Query {
    let scope = Scope::named("Patient").unwrap();
    Captured::parse(text, Some(scope)).unwrap().query
}

/// A chain through so many links.
fn chain(depth: usize, family: &str) -> Query {
    query(&format!("{}family={family}", "link:Patient.".repeat(depth)))
}

#[test]
fn effort_grows_with_depth_and_with_references() {
    let (patients, fan) = (120, 100);
    let bundle = linked(patients, fan);
    let index = Index::new([&bundle], []);
    let references = (patients * fan) as u64;
    for depth in 1..=6 {
        let outcome = index.run(&chain(depth, "nobody")).unwrap();
        // All references once for each step.
        assert_eq!(outcome.followed, references * depth as u64, "{depth}");
        assert!(!outcome.incomplete);
        assert_eq!((outcome.total, outcome.unknown.len()), (0, 0));
    }
    // Twice as many patients with as many links each: twice the effort.
    let (few, many) = (linked(100, 10), linked(200, 10));
    let followed = |bundle: &Bundle| {
        let outcome = Index::new([bundle], []).run(&chain(6, "nobody")).unwrap();
        outcome.followed
    };
    assert_eq!(followed(&many), 2 * followed(&few));
}

#[test]
fn what_is_remembered_is_what_is_found() {
    let bundle = linked(30, 3);
    let index = Index::new([&bundle], []);
    let ids = |outcome: &Outcome<'_>| -> Vec<String> {
        let ids = outcome.entries.iter().map(|entry| entry.resource.id());
        ids.map(|id| id.unwrap().to_owned()).collect()
    };
    // Those that lead to p4 in so many steps, by the way the links are made.
    let mut leads: Vec<usize> = vec![4];
    for depth in 1..=5 {
        leads = (0..30)
            .filter(|number| {
                (0..3).any(|step| leads.contains(&((number * 7 + step * 13 + 1) % 30)))
            })
            .collect();
        let outcome = index.run(&chain(depth, "F4")).unwrap();
        let expected: Vec<_> = leads.iter().map(|number| format!("p{number}")).collect();
        assert_eq!(ids(&outcome), expected, "{depth}");
    }
}

#[test]
fn a_limit_is_said() {
    let bundle = linked(50, 10);
    let index = Index::new([&bundle], []);
    let has = "_has:Patient:link:".repeat(3);
    for (text, all) in [
        ("link:Patient.link:Patient.family=nobody".to_owned(), 1000),
        ("link:Patient.family=nobody".to_owned(), 500),
        (format!("{has}family=nobody"), 1500),
        ("family=F1&_include:iterate=Patient:link".to_owned(), 500),
        ("family=F1&_revinclude:iterate=Patient:link".to_owned(), 500),
        ("_include=Patient:link".to_owned(), 500),
    ] {
        let query = query(&text);
        let whole = index.run_within(&query, all).unwrap();
        assert_eq!((whole.followed, whole.incomplete), (all, false), "{text}");
        assert!(whole.unknown.is_empty(), "{text}");
        let part = index.run_within(&query, all - 1).unwrap();
        assert_eq!((part.followed, part.incomplete), (all - 1, true), "{text}");
        assert!(
            text.contains("include") || !part.unknown.is_empty(),
            "{text}"
        );
        for unknown in &part.unknown {
            assert_eq!(unknown.reason, Reason::TooMany, "{text}");
        }
        let none = index.run_within(&query, 0).unwrap();
        assert!(none.incomplete && none.included.is_empty(), "{text}");
    }
}

#[test]
fn chains_are_short() {
    let bundle = linked(3, 1);
    let index = Index::new([&bundle], []);
    for (depth, supported) in [(16, true), (17, false), (20_000, false)] {
        let found = index.run(&chain(depth, "F1"));
        assert_eq!(found.is_ok(), supported, "{depth}");
        let has = "_has:Patient:link:".repeat(depth);
        let found = index.run(&query(&format!("{has}family=F1")));
        assert_eq!(found.is_ok(), supported, "{depth}");
    }
}
