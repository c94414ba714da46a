//! Bundles are judged alike as one value and an entry at a time.

use crate::common::check_all;
use healthcode_core::Issue;
use healthcode_json::stream::Kind;
use healthcode_r4::Bundle;
use healthcode_tests::{Document, fixtures, spec_examples, synthea};
use healthcode_validate::{Policy, Validator};

/// Rule, severity, path and position of issues, in order of these.
fn lines(issues: &[Issue]) -> Vec<String> {
    let line = |issue: &Issue| {
        let (rule, severity, path) = (issue.rule.id, issue.severity, &issue.path);
        format!("{rule} {severity} {path} {:?}", issue.position)
    };
    let mut lines: Vec<String> = issues.iter().map(line).collect();
    lines.sort();
    lines
}

fn streamed(validator: &Validator, json: &[u8]) -> Result<Vec<Issue>, String> {
    let stream = validator.stream(json).kind(Kind::Bundle);
    let report = stream.report().map_err(|error| error.to_string())?;
    if report.value.incomplete {
        return Err("not JSON".to_owned());
    }
    Ok(report.issues)
}

fn alike(json: &[u8]) -> Result<(), String> {
    for policy in [Policy::R4, Policy::Healthcode] {
        let validator = Validator::new(policy);
        let whole = validator.read::<Bundle>(json).map_err(|e| e.to_string())?;
        let (whole, streamed) = (lines(&whole.issues), lines(&streamed(&validator, json)?));
        if let Some((a, b)) = whole.iter().zip(&streamed).find(|(a, b)| a != b) {
            return Err(format!("whole: {a}\nstreamed: {b}"));
        }
        if whole.len() != streamed.len() {
            return Err(format!(
                "{} whole, {} streamed",
                whole.len(),
                streamed.len()
            ));
        }
    }
    Ok(())
}

fn is_bundle(document: &&Document) -> bool {
    let head = document.json.get(..200).unwrap_or(&document.json);
    String::from_utf8_lossy(head)
        .replace(' ', "")
        .contains("\"resourceType\":\"Bundle\"")
}

#[test]
fn documented_alike() {
    let all = fixtures("documented");
    let bundles: Vec<&Document> = all.iter().filter(is_bundle).collect();
    assert_eq!(bundles.len(), 2);
    check_all(&bundles, |d| d.name.clone(), |d| alike(&d.json));
}

#[test]
fn official_alike() {
    let Some(examples) = spec_examples("bundles::official_alike") else {
        return;
    };
    let bundles: Vec<&Document> = examples.iter().filter(is_bundle).collect();
    assert!(bundles.len() >= 40, "{}", bundles.len());
    check_all(&bundles, |d| d.name.clone(), |d| alike(&d.json));
}

/// Synthetic Bundles have no errors, and all their references resolve.
#[test]
fn synthea_alike() {
    let Some(documents) = synthea("bundles::synthea_alike") else {
        return;
    };
    check_all(&documents, |d| d.name.clone(), |d| alike(&d.json));
}
