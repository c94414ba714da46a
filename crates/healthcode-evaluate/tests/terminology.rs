//! `:in`, `:not-in`, `:below` and `:above` by value sets and code systems beside the Bundles.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_evaluate::{Index, Reason};
use healthcode_fhirpath::Terminology;
use healthcode_r4::Bundle;
use healthcode_search::{Captured, Scope};

/// Has the system `http://x.org/s`, in which `a1` and `a2` are below `a`, and a value set of it; and all
/// of the system of R4's genders. Of `http://x.org/part` it has the code `p` alone.
#[derive(Debug)]
struct Known;

const SYSTEM: &str = "http://x.org/s";

impl Terminology for Known {
    fn value_set_has(&self, value_set: &str, system: Option<&str>, code: &str) -> Option<bool> {
        match value_set {
            "http://x.org/vs" => {
                let is_system = system.is_none_or(|system| system == SYSTEM);
                Some(is_system && code.starts_with('a'))
            }
            "http://x.org/part" => (code == "p").then_some(true),
            "http://x.org/genders|4.0.1" => Some(system.is_none() && code == "male"),
            _ => None,
        }
    }

    fn is_or_below(&self, system: &str, code: &str, above: &str) -> Option<bool> {
        match system {
            SYSTEM => Some(code.starts_with(above)),
            "http://hl7.org/fhir/administrative-gender" => Some(code == above),
            _ => None,
        }
    }
}

const CONDITIONS: &str = r#"{"resourceType": "Bundle", "type": "collection", "entry": [
    {"resource": {"resourceType": "Condition", "id": "c1", "code": {"coding": [{"system": "http://x.org/s", "code": "a1"}]}}},
    {"resource": {"resourceType": "Condition", "id": "c2", "code": {"coding": [{"system": "http://x.org/s", "code": "b"}]}}},
    {"resource": {"resourceType": "Condition", "id": "c3", "code": {"coding": [{"system": "http://x.org/s", "code": "a"}, {"system": "http://snomed.info/sct", "code": "1"}]}}},
    {"resource": {"resourceType": "Condition", "id": "c4", "code": {"coding": [{"code": "a1"}], "text": "a"}}},
    {"resource": {"resourceType": "Condition", "id": "c5", "code": {"coding": [{"system": "http://snomed.info/sct", "code": "p"}]}}},
    {"resource": {"resourceType": "ValueSet", "id": "v", "url": "http://x.org/vs", "status": "active",
        "compose": {"include": [{"system": "http://x.org/s", "filter": [{"property": "concept", "op": "is-a", "value": "a"}]}]}}},
    {"resource": {"resourceType": "Patient", "id": "p", "gender": "male"}}]}"#;

/// The ids that are found, `?` before those that are not known to match; or the rules of the error.
fn run(index: &Index<'_>, scope: &str, query: &str) -> String {
    let captured = Captured::parse(query, Some(Scope::named(scope).unwrap())).unwrap();
    let outcome = match index.run(&captured.query) {
        Ok(outcome) => outcome,
        Err(error) => {
            let rules = error.issues().iter().map(|issue| issue.rule.id);
            return rules.collect::<Vec<_>>().join(" ");
        }
    };
    let id = |hit: &healthcode_evaluate::Hit<'_>| hit.resource.id().unwrap_or("-").to_owned();
    let reasons = outcome.unknown.iter();
    assert!(
        reasons
            .clone()
            .all(|unknown| unknown.reason == Reason::Terminology)
    );
    let found = outcome.entries.iter().map(id);
    let unknown = reasons.map(|unknown| format!("?{}", id(&unknown.hit)));
    found.chain(unknown).collect::<Vec<_>>().join(" ")
}

#[test]
fn codes_are_decided() {
    let bundle: Bundle = healthcode_json::from_str(CONDITIONS).unwrap().value;
    let known = Index::new([&bundle], []).terminology(&Known);
    let alone = Index::new([&bundle], []);
    for (scope, query, expect, without) in [
        (
            "Condition",
            "code:in=http://x.org/vs",
            "c1 c3",
            "QUERY-UNSUPPORTED",
        ),
        // By the value set's id, which is known by its URL elsewhere.
        (
            "Condition",
            "code:in=ValueSet/v",
            "c1 c3",
            "QUERY-UNSUPPORTED",
        ),
        (
            "Condition",
            "code:not-in=http://x.org/vs",
            "c2 c4 c5",
            "QUERY-UNSUPPORTED",
        ),
        (
            "Condition",
            "code:in=http://x.org/part",
            "c5 ?c1 ?c2 ?c3",
            "QUERY-UNSUPPORTED",
        ),
        (
            "Condition",
            "code:not-in=http://x.org/part",
            "c4 ?c1 ?c2 ?c3",
            "QUERY-UNSUPPORTED",
        ),
        (
            "Condition",
            "code:in=http://x.org/unknown",
            "?c1 ?c2 ?c3 ?c5",
            "QUERY-UNSUPPORTED",
        ),
        (
            "Condition",
            "code:below=http://x.org/s|a",
            "c1 c3",
            "QUERY-UNSUPPORTED",
        ),
        (
            "Condition",
            "code:below=http://x.org/s|a1",
            "c1",
            "QUERY-UNSUPPORTED",
        ),
        (
            "Condition",
            "code:above=http://x.org/s|a1",
            "c1 c3",
            "QUERY-UNSUPPORTED",
        ),
        (
            "Condition",
            "code:above=http://x.org/s|b",
            "c2",
            "QUERY-UNSUPPORTED",
        ),
        // Of any system: that of SNOMED CT is not known.
        (
            "Condition",
            "code:below=a",
            "c1 c3 ?c5",
            "QUERY-UNSUPPORTED",
        ),
        ("Condition", "code:below=|a", "", "QUERY-UNSUPPORTED"),
        ("Condition", "code:below=|a1", "c4", "QUERY-UNSUPPORTED"),
        (
            "Condition",
            "code:below=http://x.org/s|",
            "QUERY-UNSUPPORTED",
            "QUERY-UNSUPPORTED",
        ),
        (
            "Condition",
            r"code:below=http://snomed.info/sct|p",
            "c5 ?c3",
            "QUERY-UNSUPPORTED",
        ),
        (
            "Patient",
            r"gender:in=http://x.org/genders\|4.0.1",
            "p",
            "QUERY-UNSUPPORTED",
        ),
        (
            "Patient",
            "gender:not-in=http://x.org/vs",
            "p",
            "QUERY-UNSUPPORTED",
        ),
        ("Patient", "gender:below=male", "p", "QUERY-UNSUPPORTED"),
        (
            "Patient",
            "gender:below=http://hl7.org/fhir/administrative-gender|female",
            "",
            "QUERY-UNSUPPORTED",
        ),
        (
            "Patient",
            "gender:below=http://x.org/s|male",
            "",
            "QUERY-UNSUPPORTED",
        ),
    ] {
        assert_eq!(run(&known, scope, query), expect, "{scope}?{query}");
        assert_eq!(run(&alone, scope, query), without, "{scope}?{query}");
    }
}
