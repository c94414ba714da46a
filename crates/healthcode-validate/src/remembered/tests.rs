//! What is remembered hides no issue.

use crate::{Policy, Validator};
use healthcode_core::{Issue, Issues};
use healthcode_json::stream::Kind;

/// The issues of resources that follow each other in NDJSON.
fn issues(lines: &[&str]) -> Vec<Issue> {
    let text = lines.join("\n");
    let validator = Validator::new(Policy::R4);
    let stream = validator.stream(text.as_bytes()).kind(Kind::Ndjson);
    stream.report().unwrap().issues
}

#[test]
fn elements_are_checked_unless_all_is_the_same() {
    let line = |field: &str| {
        format!(
            r#"{{"resourceType":"Observation","status":"final","code":{{"text":"x"}},{field}}}"#
        )
    };
    let good = r#""category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital Signs"}]}]"#;
    let bad = [
        good.replace("\"vital-signs\"", "\"vital-sign\""),
        good.replace("Vital Signs", "Laboratory"),
        good.replace("observation-category", "observation-categories/ValueSet/x"),
        good.replace(
            "\"code\":\"vital-signs\"",
            "\"code\":\"vital-signs\",\"id\":\"a b\"",
        ),
        good.replace(
            "\"code\":\"vital-signs\"",
            "\"code\":\"vital-signs\",\"extension\":[{\"url\":\"x\"}]",
        ),
        good.replace(
            "\"code\":\"vital-signs\"",
            "\"code\":\"vital-signs\",\"_code\":{}",
        ),
        good.replace(
            "\"code\":\"vital-signs\"",
            "\"code\":\"vital-signs\",\"more\":1",
        ),
        good.replace(
            "\"code\":\"vital-signs\"",
            "\"code\":\"vital-signs\",\"version\":\"\"",
        ),
        good.replace(
            "\"code\":\"vital-signs\"",
            "\"code\":\"vital-signs\",\"userSelected\":\"no\"",
        ),
    ];
    let good = line(good);
    assert_eq!(issues(&[&good, &good]), []);
    for bad in bad.map(|bad| line(&bad)) {
        let alone = issues(&[&bad]).len();
        assert_ne!(alone, 0, "{bad}");
        assert_eq!(
            issues(&[&good, &bad, &good, &bad]).len(),
            2 * alone,
            "{bad}"
        );
    }
}

#[test]
fn displays_of_another_language_say_nothing_of_english_ones() {
    let line = |language: &str| {
        format!(
            r#"{{"resourceType":"Observation",{language}"status":"final","code":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vitalwerte"}}]}}}}"#
        )
    };
    let (german, english) = (line("\"language\":\"de\","), line(""));
    assert_eq!(issues(&[&german]), []);
    assert_eq!(issues(&[&english]).len(), 1);
    assert_eq!(issues(&[&german, &english, &german, &english]).len(), 2);
}

#[test]
fn fields_have_bindings_of_their_own() {
    let patient = |fields: &str| format!(r#"{{"resourceType":"Patient",{fields}}}"#);
    let code = r#"{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":"M"}]}"#;
    let good = patient(&format!(r#""maritalStatus":{code}"#));
    let bad = patient(&format!(
        r#""contact":[{{"name":{{"text":"x"}},"relationship":[{code}]}}]"#
    ));
    assert_eq!(issues(&[&good]), []);
    assert_eq!(issues(&[&bad]).len(), 1);
    assert_eq!(issues(&[&good, &bad, &good, &bad]).len(), 2);
}

#[test]
fn what_was_dropped_is_an_issue() {
    let line = |categories: &str| {
        format!(
            r#"{{"resourceType":"Observation","status":"final","category":[{categories}{{"text":"x"}}],"code":{{"coding":[{{"system":"x","code":"y"}}]}}}}"#
        )
    };
    let (many, one) = (line(&"{},".repeat(Issues::OF_RESOURCE)), line(""));
    assert_eq!(issues(&[&one]).len(), 1);
    let found = issues(&[&many, &one]);
    assert_eq!(found.last().unwrap().rule.id, issues(&[&one])[0].rule.id);
}
