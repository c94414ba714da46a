//! What a profile takes over from its base, and snapshots that require less than their differentials.

use healthcode_r4::Resource;
use healthcode_validate::{Policy, ProfileSet, Validator};
use std::sync::Arc;

const PATIENT: &str = "http://hl7.org/fhir/StructureDefinition/Patient";

/// A profile on Patient with elements of a differential, and more members.
fn profile(name: &str, base: &str, elements: &str, more: &str) -> String {
    format!(
        r#"{{"resourceType":"StructureDefinition","url":"http://a.b/{name}","name":"P","status":"draft",
        "kind":"resource","abstract":false,"type":"Patient","derivation":"constraint","baseDefinition":"{base}",
        "differential":{{"element":[{elements}]}}{more}}}"#
    )
}

/// The rules of profiles that a Patient with these members breaks.
fn broken(definitions: &[String], members: &str) -> Vec<String> {
    let mut set = ProfileSet::new();
    for text in definitions {
        set.read(text.as_bytes()).expect("JSON");
    }
    let validator = Validator::new(Policy::R4).profiles(Arc::new(set));
    let json = format!(
        r#"{{"resourceType":"Patient","meta":{{"profile":["http://a.b/derived"]}}{members}}}"#
    );
    let report = validator.read::<Resource>(json.as_bytes()).expect("JSON");
    let issues = report.issues.iter();
    let issues = issues.filter(|issue| issue.rule.id.starts_with("R4-PROFILE-"));
    issues
        .map(|issue| format!("{} {}", issue.rule.id, issue.path))
        .collect()
}

#[test]
fn patterns_of_base_and_derived_profile_both_hold() {
    let pattern = |code: &str| {
        format!(
            r#"{{"id":"Patient.maritalStatus","path":"Patient.maritalStatus","patternCodeableConcept":
            {{"coding":[{{"system":"http://s","code":"{code}"}}]}}}}"#
        )
    };
    let set = [
        profile("base", PATIENT, &pattern("a"), ""),
        profile("derived", "http://a.b/base", &pattern("b"), ""),
    ];
    let concept = |codes: &[&str]| {
        let codings = codes
            .iter()
            .map(|code| format!(r#"{{"system":"http://s","code":"{code}"}}"#));
        let codings: Vec<String> = codings.collect();
        format!(r#","maritalStatus":{{"coding":[{}]}}"#, codings.join(","))
    };
    let pattern = "R4-PROFILE-PATTERN Patient.maritalStatus";
    for (codes, expected) in [
        (&["a", "b"][..], &[][..]),
        (&["b", "x", "a"], &[]),
        (&["a"], &[pattern]),
        (&["b"], &[pattern]),
    ] {
        assert_eq!(broken(&set, &concept(codes)), expected, "{codes:?}");
    }
}

#[test]
fn bindings_keep_what_is_not_stated() {
    let codes = r#"{"resourceType":"ValueSet","url":"http://a.b/codes","status":"active","compose":{"include":
        [{"system":"http://s","concept":[{"code":"a"}]}]}}"#;
    let binding = |binding: &str| {
        format!(
            r#"{{"id":"Patient.maritalStatus","path":"Patient.maritalStatus","binding":{{{binding}}}}}"#
        )
    };
    let weak = r#""strength":"preferred","valueSet":"http://a.b/codes""#;
    let set = [
        codes.to_owned(),
        profile("base", PATIENT, &binding(weak), ""),
        profile(
            "derived",
            "http://a.b/base",
            &binding(r#""strength":"required""#),
            "",
        ),
    ];
    let coded = |code: &str| {
        format!(r#","maritalStatus":{{"coding":[{{"system":"http://s","code":"{code}"}}]}}"#)
    };
    assert!(broken(&set, &coded("a")).is_empty());
    assert_eq!(
        broken(&set, &coded("z")),
        ["R4-PROFILE-BINDING Patient.maritalStatus"]
    );
}

/// A derived profile cannot take back what its base requires; what tries to is wrong with the profile.
#[test]
fn bases_stay() {
    let codes = |name: &str, code: &str| {
        format!(
            r#"{{"resourceType":"ValueSet","url":"http://a.b/{name}","status":"active","compose":{{"include":
            [{{"system":"http://s","concept":[{{"code":"{code}"}}]}}]}}}}"#
        )
    };
    let status = |more: &str| {
        format!(r#"{{"id":"Patient.maritalStatus","path":"Patient.maritalStatus",{more}}}"#)
    };
    let gender =
        |more: &str| format!(r#"{{"id":"Patient.gender","path":"Patient.gender",{more}}}"#);
    let names = |rules: &str| {
        format!(
            r#"{{"id":"Patient.name","path":"Patient.name","slicing":{{"discriminator":[{{"type":"value","path":"use"}}],
            "rules":"{rules}"}}}}"#
        )
    };
    let official = r#"{"id":"Patient.name:o","path":"Patient.name","sliceName":"o"},
        {"id":"Patient.name:o.use","path":"Patient.name.use","fixedCode":"official"}"#;
    let coded = |code: &str| {
        format!(r#","maritalStatus":{{"coding":[{{"system":"http://s","code":"{code}"}}]}}"#)
    };
    for (base, derived, kept, broken_by) in [
        (
            status(r#""binding":{"strength":"required","valueSet":"http://a.b/one"}"#),
            status(r#""binding":{"strength":"preferred","valueSet":"http://a.b/two"}"#),
            coded("a"),
            (coded("b"), "R4-PROFILE-BINDING Patient.maritalStatus"),
        ),
        (
            gender(r#""fixedCode":"male""#),
            gender(r#""fixedCode":"female""#),
            r#","gender":"male""#.to_owned(),
            (
                r#","gender":"female""#.to_owned(),
                "R4-PROFILE-FIXED Patient.gender",
            ),
        ),
        (
            format!("{},{official}", names("closed")),
            names("open"),
            r#","name":[{"use":"official","text":"x"}]"#.to_owned(),
            (
                r#","name":[{"use":"old","text":"x"}]"#.to_owned(),
                "R4-PROFILE-SLICE-CLOSED Patient.name[0]",
            ),
        ),
        (
            format!(
                "{},{}",
                names("open"),
                official.replace(r#""sliceName":"o""#, r#""sliceName":"o","min":1"#)
            ),
            r#"{"id":"Patient.name:o","path":"Patient.name","sliceName":"o","min":0}"#.to_owned(),
            r#","name":[{"use":"official","text":"x"}]"#.to_owned(),
            (String::new(), "R4-PROFILE-MIN Patient.name"),
        ),
    ] {
        let set = [
            codes("one", "a"),
            codes("two", "b"),
            profile("base", PATIENT, &base, ""),
            profile("derived", "http://a.b/base", &derived, ""),
        ];
        assert!(broken(&set, &kept).is_empty(), "{derived}");
        assert_eq!(broken(&set, &broken_by.0), [broken_by.1], "{derived}");
        let mut loaded = ProfileSet::new();
        for text in &set {
            loaded.read(text.as_bytes()).expect("JSON");
        }
        assert_eq!(loaded.problems("http://a.b/derived").len(), 1, "{derived}");
    }
}

#[test]
fn a_snapshot_hides_nothing_of_its_differential() {
    let born = r#"{"id":"Patient.birthDate","path":"Patient.birthDate","min":1}"#;
    let snapshot = |min: u32| {
        format!(
            r#","snapshot":{{"element":[{{"id":"Patient","path":"Patient","min":0,"max":"*"}},
            {{"id":"Patient.birthDate","path":"Patient.birthDate","min":{min},"max":"1",
            "type":[{{"code":"date"}}]}}]}}"#
        )
    };
    for min in [0, 1] {
        let set = [profile("derived", PATIENT, born, &snapshot(min))];
        assert_eq!(
            broken(&set, ""),
            ["R4-PROFILE-MIN Patient.birthDate"],
            "{min}"
        );
        let mut loaded = ProfileSet::new();
        loaded.read(set[0].as_bytes()).expect("JSON");
        let problems = loaded.problems("http://a.b/derived");
        assert_eq!(problems.len(), usize::from(min == 0), "{problems:?}");
    }
}

#[test]
fn a_profile_without_its_base_is_unchecked() {
    let set = [profile("derived", "http://a.b/absent", "", "")];
    assert_eq!(broken(&set, ""), ["R4-PROFILE-UNCHECKED Patient"]);
}
