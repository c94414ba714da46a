//! R4's own profiles, and the vital signs, which follow theirs whether they claim it or not.

use crate::profiles::{found, profile, set_of};
use healthcode_core::Issue;
use healthcode_r4::Resource;
use healthcode_validate::{Policy, ProfileSet, Validator};
use std::sync::Arc;

const CATEGORY: &str = r#"{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}"#;

/// Members of an Observation, of which others are replaced by name.
fn sign(code: &str, unit: &str, changes: &[(&str, &str)]) -> String {
    let value = format!(
        r#"{{"value":1.5,"unit":"x","system":"http://unitsofmeasure.org","code":"{unit}"}}"#
    );
    let mut members = vec![
        ("resourceType".to_owned(), r#""Observation""#.to_owned()),
        ("status".to_owned(), r#""final""#.to_owned()),
        ("category".to_owned(), format!("[{CATEGORY}]")),
        ("code".to_owned(), loinc(code)),
        (
            "subject".to_owned(),
            r#"{"reference":"Patient/1"}"#.to_owned(),
        ),
        ("effectiveDateTime".to_owned(), r#""2021-03-04""#.to_owned()),
        ("valueQuantity".to_owned(), value),
    ];
    for (name, value) in changes {
        members.retain(|(other, _)| other != name);
        if !value.is_empty() {
            members.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    let members = members
        .iter()
        .map(|(name, value)| format!("{name:?}:{value}"));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn loinc(code: &str) -> String {
    format!(r#"{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}}"#)
}

/// A concept whose coding has an extension on a member.
fn extended(concept: &str, member: &str) -> String {
    let extension = r#"{"extension":[{"url":"http://a.b/c","valueString":"x"}]}"#;
    concept.replace("}]", &format!(r#","_{member}":{extension}}}]"#))
}

fn component(code: &str, unit: &str) -> String {
    format!(
        r#"{{"code":{},"valueQuantity":{{"value":80,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"{unit}"}}}}"#,
        loinc(code)
    )
}

fn pressure(components: &[String]) -> String {
    let components = format!("[{}]", components.join(","));
    sign(
        "85354-9",
        "",
        &[("valueQuantity", ""), ("component", &components)],
    )
}

#[track_caller]
fn check(json: &str, expected: &[&str]) {
    for policy in [Policy::R4, Policy::Healthcode] {
        let validator = Validator::new(policy);
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        let mut found = found(&validator, json);
        // An element and its slices require the same of one place.
        found.dedup();
        assert_eq!(found, expected, "{policy:?} {json}");
    }
}

#[test]
fn signs_that_follow_their_profile() {
    for (code, units) in [
        ("9279-1", &["/min"][..]),
        ("8867-4", &["/min"]),
        ("2708-6", &["%"]),
        ("8310-5", &["Cel", "[degF]"]),
        ("8302-2", &["cm", "[in_i]"]),
        ("9843-4", &["cm", "[in_i]"]),
        ("29463-7", &["kg", "g", "[lb_av]"]),
        ("39156-5", &["kg/m2"]),
    ] {
        for unit in units {
            check(&sign(code, unit, &[]), &[]);
        }
        check(
            &sign(code, "furlong", &[]),
            &[match units {
                [_] => "FIXED Observation.value.code",
                _ => "BINDING Observation.value.code",
            }],
        );
    }
    for changes in [
        &[
            ("effectiveDateTime", ""),
            ("effectivePeriod", r#"{"start":"2021"}"#),
        ][..],
        &[("effectiveDateTime", r#""2021-03-04T05:06:07Z""#)],
        &[
            ("valueQuantity", ""),
            ("dataAbsentReason", r#"{"text":"asleep"}"#),
        ],
        &[("subject", r#"{"display":"Mr. X"}"#)],
        &[(
            "subject",
            r#"{"reference":"urn:uuid:04121321-4af5-424c-a0e1-ed3aab1c349d"}"#,
        )],
        &[("subject", r#"{"reference":"http://a.b/fhir/Patient/1"}"#)],
        // More codings and categories than those of the profile.
        &[(
            "code",
            r#"{"coding":[{"system":"http://local","code":"8867-4"},{"system":"http://loinc.org","code":"8867-4"}]}"#,
        )],
        &[("category", &format!(r#"[{{"text":"ward"}},{CATEGORY}]"#))],
        &[
            ("bodySite", r#"{"text":"wrist"}"#),
            (
                "meta",
                r#"{"profile":["http://hl7.org/fhir/StructureDefinition/heartrate"]}"#,
            ),
        ],
        &[(
            "meta",
            r#"{"profile":["http://hl7.org/fhir/StructureDefinition/vitalsigns|4.0.1"]}"#,
        )],
    ] {
        check(&sign("8867-4", "/min", changes), &[]);
    }
    let both = [component("8480-6", "mm[Hg]"), component("8462-4", "mm[Hg]")];
    check(&pressure(&both), &[]);
    let [systolic, diastolic] = both;
    check(
        &pressure(&[diastolic, component("8478-0", "mm[Hg]"), systolic]),
        &[],
    );
    let member = [
        ("valueQuantity", ""),
        ("hasMember", r#"[{"reference":"Observation/1"}]"#),
    ];
    check(
        &sign("85353-1", "", &member),
        &["information UNCHECKED Observation"],
    );
    // Codes that no profile of R4 fixes, and those of other systems, are of no vital sign.
    check(&sign("59408-5", "K", &[("category", "")]), &[]);
    check(&sign("55284-4", "K", &[("category", "")]), &[]);
    let local = r#"{"coding":[{"system":"http://local","code":"8867-4"},{"code":"8867-4"}]}"#;
    check(&sign("", "K", &[("code", local), ("category", "")]), &[]);
}

#[test]
fn signs_that_do_not() {
    for (changes, expected) in [
        (&[("category", "")][..], &["MIN Observation.category"][..]),
        (&[("subject", "")], &["MIN Observation.subject"]),
        (
            &[("subject", r#"{"reference":"Group/1"}"#)],
            &["TARGET Observation.subject.reference"],
        ),
        (&[("effectiveDateTime", "")], &["MIN Observation.effective"]),
        (
            &[("effectiveDateTime", r#""2021-03""#)],
            &["INVARIANT Observation.effective"],
        ),
        (
            &[
                ("effectiveDateTime", ""),
                ("effectiveInstant", r#""2021-03-04T05:06:07Z""#),
            ],
            &["TYPE Observation.effective"],
        ),
        (&[("valueQuantity", "")], &["INVARIANT Observation"]),
        (
            &[("valueQuantity", ""), ("valueString", r#""72""#)],
            &["TYPE Observation.value"],
        ),
        (
            &[("valueQuantity", r#"{"value":72,"unit":"bpm"}"#)],
            &["MIN Observation.value.code", "MIN Observation.value.system"],
        ),
        (
            &[(
                "valueQuantity",
                r#"{"value":72,"unit":"bpm","system":"http://other","code":"/min"}"#,
            )],
            &["FIXED Observation.value.system"],
        ),
        (
            &[(
                "valueQuantity",
                r#"{"value":72,"system":"http://unitsofmeasure.org","code":"{beats}/min"}"#,
            )],
            &["FIXED Observation.value.code", "MIN Observation.value.unit"],
        ),
        (
            &[("category", &format!(r"[{CATEGORY},{CATEGORY}]"))],
            &["MAX Observation.category[1]"],
        ),
        (
            &[("component", r#"[{"code":{"text":"x"}}]"#)],
            &["INVARIANT Observation.component[0]"],
        ),
        // What is fixed has neither ids nor extensions.
        (
            &[("category", &format!("[{}]", extended(CATEGORY, "system")))],
            &["FIXED Observation.category[0].coding[0].system"],
        ),
        (
            &[("code", &extended(&loinc("8867-4"), "code"))],
            &["FIXED Observation.code.coding[0].code"],
        ),
        (
            &[(
                "valueQuantity",
                r#"{"value":72,"unit":"bpm","system":"http://unitsofmeasure.org","code":"/min","_code":{"id":"a"}}"#,
            )],
            &["FIXED Observation.value.code"],
        ),
    ] {
        check(&sign("8867-4", "/min", changes), expected);
    }
    let [systolic, diastolic] = [component("8480-6", "mm[Hg]"), component("8462-4", "mm[Hg]")];
    let other = component("8462-4", "kPa");
    check(
        &pressure(&[systolic.clone(), other]),
        &[
            "BINDING Observation.component[1].value",
            "FIXED Observation.component[1].value.code",
        ],
    );
    let again = [systolic.clone(), diastolic, systolic];
    check(&pressure(&again), &["MAX Observation.component[2]"]);
    check(
        &sign("85353-1", "", &[]),
        &["MAX Observation.value", "MIN Observation.hasMember"],
    );
}

/// Wherever an Observation is, it is a vital sign; a Bundle's entries are alike one by one.
#[test]
fn everywhere() {
    let bad = sign("8302-2", "m", &[]);
    let holder = format!(
        r##"{{"resourceType":"DiagnosticReport","status":"final","code":{{"text":"x"}},"contained":[{}],"result":[{{"reference":"#a"}}]}}"##,
        bad.replacen('{', r#"{"id":"a","#, 1)
    );
    check(
        &holder,
        &["BINDING DiagnosticReport.contained[0].value.code"],
    );
    let json = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"fullUrl":"http://a.b/Observation/1","resource":{bad}}}]}}"#
    );
    let expected = "Bundle.entry[0].resource.value.code";
    check(&json, &[&format!("BINDING {expected}")]);
    let validator = Validator::new(Policy::R4);
    let report = validator.stream(json.as_bytes()).report().unwrap();
    let issues = report.issues;
    let of_profiles = |issue: &&Issue| issue.rule.id == "R4-PROFILE-BINDING";
    let paths: Vec<_> = issues
        .iter()
        .filter(of_profiles)
        .map(|issue| &*issue.path)
        .collect();
    assert_eq!(paths, [expected]);
}

/// What looking at fields finds fitting, going along the plan finds fitting too; the latter is done
/// where must-support is reported.
#[test]
fn both_ways_agree() {
    let by_plan = Validator::new(Policy::R4)
        .with("R4-PROFILE-MUST-SUPPORT")
        .unwrap();
    let by_fields = Validator::new(Policy::R4);
    let many = |code: &str| {
        format!(
            r#"{{"coding":[{{"system":"http://loinc.org","code":"{code}"}},{{"system":"http://loinc.org","code":"{code}"}}]}}"#
        )
    };
    let mut changes: Vec<(&str, String)> = Vec::new();
    let mut add = |name, values: &[&str]| {
        changes.extend(values.iter().map(|value| (name, (*value).to_owned())));
    };
    add(
        "category",
        &[
            "",
            "[]",
            r#"[{"text":"x"}]"#,
            r#"[{"coding":[{"code":"vital-signs"}]}]"#,
        ],
    );
    add(
        "category",
        &[
            &format!("[{CATEGORY},{CATEGORY}]"),
            &format!(r#"[{CATEGORY},{{"text":"x"}}]"#),
        ],
    );
    add(
        "subject",
        &[
            "",
            "{}",
            r#"{"reference":"Patient/"}"#,
            r#"{"reference":"Device/1"}"#,
        ],
    );
    add(
        "effectiveDateTime",
        &["", r#""2021""#, r#""2021-03-04T""#, r#""yesterday..""#, "7"],
    );
    add("effectivePeriod", &["{}"]);
    add(
        "valueQuantity",
        &[
            "",
            "{}",
            "[]",
            "7",
            r#"{"value":"x"}"#,
            r#"{"value":1,"unit":"","system":"http://unitsofmeasure.org","code":"cm"}"#,
        ],
    );
    add("dataAbsentReason", &[r#"{"text":"x"}"#]);
    add("component", &["[]", "[{}]"]);
    add("hasMember", &[r#"[{"reference":"Patient/1"}]"#]);
    let pressure = |unit| {
        format!(
            "[{},{}]",
            component("8480-6", unit),
            component("8462-4", "mm[Hg]")
        )
    };
    add("component", &[&pressure("mm[Hg]"), &pressure("kPa")]);
    add(
        "meta",
        &[r#"{"profile":["http://hl7.org/fhir/StructureDefinition/bp"]}"#],
    );
    for (code, unit) in [
        ("8302-2", "cm"),
        ("85354-9", ""),
        ("85353-1", ""),
        ("29463-7", "kg"),
    ] {
        let mut changes = changes.clone();
        changes.push(("code", many(code)));
        for (at, one) in changes.iter().enumerate() {
            for other in &changes[at..] {
                let both = [(one.0, one.1.as_str()), (other.0, other.1.as_str())];
                let json = sign(code, unit, &both);
                let mut expected = found(&by_plan, &json);
                expected.retain(|line| !line.contains("MUST-SUPPORT"));
                assert_eq!(found(&by_fields, &json), expected, "{json}");
            }
        }
    }
}

/// R4's own profiles as bases, as profiles of types, in `meta.profile`, and for `conformsTo`.
#[test]
fn own_profiles_are_known() {
    let elements = r#"{"id":"Observation.interpretation","path":"Observation.interpretation","max":"0"},
        {"id":"Observation.value[x]","path":"Observation.value[x]","type":[{"code":"Quantity","profile":["http://hl7.org/fhir/StructureDefinition/SimpleQuantity"]}]},
        {"id":"Observation","path":"Observation","constraint":[{"key":"k-1","severity":"error","human":"h","expression":"status = 'amended' or conformsTo('http://hl7.org/fhir/StructureDefinition/vitalsigns')"}]}"#;
    let derived = profile("p", "Observation", elements).replace(
        r#""baseDefinition":"http://hl7.org/fhir/StructureDefinition/Observation""#,
        r#""baseDefinition":"http://hl7.org/fhir/StructureDefinition/vitalsigns""#,
    );
    let set = set_of(&[derived]);
    assert!(set.problems("http://a.b/p").is_empty());
    assert!(set.contains("http://hl7.org/fhir/StructureDefinition/bp|4.0.1"));
    assert!(!set.contains("http://hl7.org/fhir/StructureDefinition/bp|4.3.0"));
    assert_eq!((set.len(), set.urls().count()), (1, 1));
    let validator = Validator::new(Policy::R4)
        .profiles(Arc::new(set))
        .profile("http://a.b/p")
        .unwrap();
    for (changes, expected) in [
        (&[][..], &[][..]),
        (
            &[("interpretation", r#"[{"text":"x"}]"#)],
            &["MAX Observation.interpretation[0]"],
        ),
        (
            &[("subject", "")],
            &["INVARIANT Observation", "MIN Observation.subject"],
        ),
        (
            &[("valueQuantity", r#"{"value":1,"comparator":"<"}"#)],
            &[
                "INVARIANT Observation.value",
                "MAX Observation.value.comparator",
            ],
        ),
    ] {
        let json = sign("1-8", "kg", changes);
        assert_eq!(found(&validator, &json), expected, "{json}");
    }
    let claim =
        |name: &str| format!(r#"{{"profile":["http://hl7.org/fhir/StructureDefinition/{name}"]}}"#);
    let none = Validator::new(Policy::R4);
    for (name, expected) in [
        ("vitalsigns", vec![]),
        ("bodyweight", vec!["MIN Observation.code.coding"]),
        ("bodyweight|4.0.1", vec!["MIN Observation.code.coding"]),
        (
            "bodyweight|0.1",
            vec!["warning UNKNOWN Observation.meta.profile[0]"],
        ),
        ("shareablelibrary", vec!["TYPE Observation"]),
    ] {
        let json = sign("1-8", "kg", &[("meta", &claim(name))]);
        assert_eq!(found(&none, &json), expected, "{json}");
    }
    assert!(ProfileSet::new().is_empty());
    let report = none
        .profile("http://hl7.org/fhir/StructureDefinition/actualgroup")
        .unwrap()
        .read::<Resource>(br#"{"resourceType":"Group","type":"person","actual":false}"#)
        .unwrap();
    let rules: Vec<_> = report.issues.iter().map(|issue| issue.rule.id).collect();
    assert_eq!(rules, ["R4-PROFILE-FIXED"]);
}
