//! Synthetic Bundles: the ways to read one agree.

use crate::common::{Groups, check_all, check_groups, count_groups, round_trip};
use healthcode_json::ReadOptions;
use healthcode_json::stream::{BundleReader, entries};
use healthcode_r4::{Bundle, BundleEntry, Resource};
use healthcode_validate::{Policy, Validator};
use std::sync::Mutex;

#[test]
fn bundles_by_all_ways() {
    let Some(documents) = healthcode_tests::synthea("synthea::bundles_by_all_ways") else {
        return;
    };
    check_all(&documents, |d| d.name.clone(), |d| by_all_ways(&d.json));
}

/// No error is found in them that is not one; what else is said is judged.
#[test]
fn bundles_are_valid() {
    let Some(documents) = healthcode_tests::synthea("synthea::bundles_are_valid") else {
        return;
    };
    let groups = Mutex::new(Groups::new());
    check_all(
        &documents,
        |d| d.name.clone(),
        |d| {
            let read = Validator::new(Policy::R4).read::<Resource>(&d.json);
            let report = read.map_err(|e| e.to_string())?;
            let mut groups = groups.lock().map_err(|e| e.to_string())?;
            count_groups(&report.issues, &mut groups);
            let error = report.issues.iter().find(|issue| issue.severity.is_error());
            error.map_or(Ok(()), |issue| {
                Err(format!("{} {}", issue.rule.id, issue.path))
            })
        },
    );
    let groups = groups.into_inner().expect("no panic");
    check_groups("synthea-warnings.txt", &groups);
}

fn by_all_ways(json: &[u8]) -> Result<(), String> {
    let issues = round_trip::<Resource>(json)?;
    if let Some(issue) = issues.first() {
        return Err(issue.to_string());
    }
    let whole = healthcode_json::from_slice::<Bundle>(json).map_err(|e| e.to_string())?;
    let mut whole = whole.value;

    let mut reader = BundleReader::<_, BundleEntry>::new(json, ReadOptions::new());
    let streamed: Result<Vec<_>, _> = reader.by_ref().map(|r| r.map(|r| r.value)).collect();
    let streamed = streamed.map_err(|e| e.to_string())?;
    if streamed[..] != whole.entry[..] {
        return Err("BundleReader gives other entries".into());
    }
    let mut lazy = Vec::new();
    for entry in entries(json).map_err(|e| e.to_string())? {
        let entry = entry.map_err(|e| e.to_string())?;
        let read = entry.read::<BundleEntry>().map_err(|e| e.to_string())?;
        let resource = entry
            .read_resource::<Resource>()
            .transpose()
            .map_err(|e| e.to_string())?;
        if resource.map(|r| r.value) != read.value.resource {
            return Err(format!("entry {} gives another resource", entry.index()));
        }
        lazy.push(read.value);
    }
    if lazy[..] != whole.entry[..] {
        return Err("entries() gives other entries".into());
    }
    let around = reader.finish::<Bundle>().map_err(|e| e.to_string())?;
    whole.entry.clear();
    if around.value != whole {
        return Err("finish() gives another Bundle".into());
    }
    Ok(())
}
