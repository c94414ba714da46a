//! Tests of validation, as data.
#![allow(clippy::unwrap_used, reason = "tests")]

mod bundle_profiles;
mod bundles;
mod defects;
mod derived_profiles;
mod invariants;
mod limits;
mod narrative;
mod payload_defects;
mod payloads;
mod profile_extensions;
mod profile_issues;
mod profile_values;
mod profile_variables;
mod profiles;
mod references;
mod release_extensions;
mod releases;
mod render;
mod slices;
mod structure;
mod systems;
mod targets;
mod terminology;
mod value_sets;
mod versions;
mod vital_signs;
mod xml;

use healthcode_core::Issue;
use healthcode_r4::Resource;
use healthcode_validate::{Policy, Validator};

/// Rule, path, line, column of an issue.
type Expected<'a> = (&'a str, &'a str, u64, u64);

/// Checks what a payload is reported for under the policy `r4`, unknown extensions aside.
#[track_caller]
fn check(json: &str, expected: &[Expected<'_>]) {
    let validator = Validator::new(Policy::R4)
        .without("R4-EXTENSION-UNKNOWN")
        .unwrap();
    check_with(&validator, json, expected);
}

#[track_caller]
fn check_by(policy: Policy, json: &str, expected: &[Expected<'_>]) {
    check_with(&Validator::new(policy), json, expected);
}

#[track_caller]
fn check_with(validator: &Validator, json: &str, expected: &[Expected<'_>]) {
    let report = validator.read::<Resource>(json.as_bytes()).expect("JSON");
    let found: Vec<_> = report.issues.iter().map(show).collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(rule, path, line, column)| format!("{rule} {path} {line}:{column}"))
        .collect();
    assert_eq!(found, expected, "{json}");
    // Validating the value finds the same without the text, in whatever order.
    let sorted = |issues: &[Issue]| {
        let key = |issue: &Issue| (issue.rule.id, issue.path.clone(), issue.pointer.clone());
        let mut keys: Vec<_> = issues.iter().map(key).collect();
        keys.retain(|key| key.0 != "JSON-BOM");
        keys.sort();
        keys
    };
    let again = validator.validate(&report.value);
    assert_eq!(sorted(&again.issues), sorted(&report.issues));
    // No message shows what a value holds.
    for issue in &report.issues {
        assert!(!issue.to_string().contains("SECRET"), "{issue}");
    }
}

fn show(issue: &Issue) -> String {
    let position = issue.position.expect("a position");
    format!("{} {} {position}", issue.rule.id, issue.path)
}
