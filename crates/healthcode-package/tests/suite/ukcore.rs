//! UK Core as it is published: XML, differentials alone.

use super::published::{issues, load, profiles, uk_core};
use healthcode_core::Severity;
use healthcode_validate::DefinitionKind;
use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

/// The examples that have errors, with their rules and how often each was broken.
const FAULTY: &[(&str, &[(&str, usize)])] = &[
    (
        "Extension-UKCore-CodingSCT-IllicitDrugs-Example.xml",
        &[("FHIR-XML-ORDER", 1)],
    ),
    ("UKCore-Bundle-Batch-Example.xml", &[("R4-REQUEST-URL", 3)]),
    (
        "UKCore-Bundle-NEWS2Observations-Example.xml",
        &[("R4-FULL-URL", 8), ("R4-PROFILE-FIXED", 2)],
    ),
    (
        "UKCore-MedicationDispense-CiprofloxacinIV-Example.xml",
        &[("R4-REFERENCE", 1)],
    ),
    (
        "UKCore-Observation-Lab-Albumin-Example.xml",
        &[("FHIR-XML-ORDER", 1)],
    ),
    (
        "UKCore-Observation-VitalSigns-BodyHeight-Example.xml",
        &[("R4-PROFILE-BINDING", 1)],
    ),
    (
        "UKCore-Provenance-RARecordConsent-Example.xml",
        &[("R4-REFERENCE", 1)],
    ),
];

#[test]
fn examples_have_the_known_errors() {
    let Some(folder) = uk_core() else {
        return;
    };
    let packages = load([folder.to_str().unwrap()]);
    let set = Arc::new(profiles(&packages));
    let mut found = BTreeMap::new();
    let mut count = 0;
    for file in fs::read_dir(folder.join("examples")).unwrap().flatten() {
        count += 1;
        let mut rules = BTreeMap::new();
        for issue in issues(&set, &fs::read(file.path()).unwrap()) {
            if issue.severity >= Severity::Error {
                *rules.entry(issue.rule.id).or_insert(0) += 1;
            }
        }
        let name = file.file_name().to_string_lossy().into_owned();
        if !rules.is_empty() {
            found.insert(name, rules.into_iter().collect::<Vec<_>>());
        }
    }
    assert_eq!(count, 108);
    let known = FAULTY.iter();
    let known: BTreeMap<_, _> = known
        .map(|(name, rules)| ((*name).to_owned(), rules.to_vec()))
        .collect();
    assert_eq!(found, known);
}

/// Every definition can be read, and every profile be used.
#[test]
fn definitions_can_be_used() {
    let Some(folder) = uk_core() else {
        return;
    };
    let packages = load([folder.to_str().unwrap()]);
    let set = profiles(&packages);
    let mut count = 0;
    for (url, candidate) in packages.definitions() {
        if candidate.kind == DefinitionKind::StructureDefinition {
            count += 1;
            let problems = set.problems(url);
            let texts = problems
                .iter()
                .map(|issue| issue.constraint.as_ref().unwrap().text.clone());
            assert_eq!(texts.collect::<Vec<_>>(), Vec::<Box<str>>::new(), "{url}");
        }
    }
    assert_eq!(count, 153);
    let warnings = packages.take_warnings();
    assert!(
        warnings
            .iter()
            .all(|warning| warning.contains("hl7.fhir.r5.core")),
        "{warnings:?}"
    );
}
