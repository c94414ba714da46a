//! The cases of SQL on FHIR's suite, with resources that are read whole and with those of which only what a view
//! reads is read, in each release that a file of cases names.

use healthcode_core::{Root, UntypedResource};
use healthcode_json::{ReadOptions, Wanted};
use healthcode_r4::{Resource, schema};
use healthcode_releases::{R5, Stu3};
use healthcode_tests::view_suite;
use healthcode_views::{Misfit, Ndjson, RunOptions, Version, View};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

#[derive(Debug, Deserialize)]
struct Suite {
    title: String,
    #[serde(default, rename = "fhirVersion")]
    versions: Option<Vec<String>>,
    resources: Vec<Box<RawValue>>,
    tests: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    title: String,
    view: Box<RawValue>,
    expect: Option<Vec<Value>>,
    #[serde(default)]
    expect_error: bool,
    expect_columns: Option<Vec<String>>,
}

const R4: Version = Version {
    number: schema::VERSION,
    find: schema::find,
};

#[test]
fn suite() {
    let Some(files) = view_suite("views::suite") else {
        return;
    };
    let (mut cases, mut failed) = (0, Vec::new());
    for file in files {
        let suite: Suite = serde_json::from_slice(&file.json).expect("a file of cases");
        let has = |version: &str| {
            let versions = suite.versions.iter().flatten();
            versions.clone().any(|known| known == version)
        };
        for case in &suite.tests {
            cases += 1;
            let mut outcomes = vec![("R4", check::<Resource>(case, &suite.resources, R4))];
            if has("3.0.2") {
                let version = Version {
                    number: "3.0.2",
                    find: |name| healthcode_releases::stu3().find(name),
                };
                let outcome = check::<UntypedResource<Stu3>>(case, &suite.resources, version);
                outcomes.push(("STU3", outcome));
            }
            if has("5.0.0") {
                let version = Version {
                    number: "5.0.0",
                    find: |name| healthcode_releases::r5().find(name),
                };
                let outcome = check::<UntypedResource<R5>>(case, &suite.resources, version);
                outcomes.push(("R5", outcome));
            }
            for (release, outcome) in outcomes {
                if let Err(message) = outcome {
                    let title = format!("{}/{}", suite.title, case.title);
                    failed.push(format!("{title} ({release}): {message}"));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(cases >= 111, "{cases} cases");
}

fn check<T: Root>(
    case: &Case,
    resources: &[Box<RawValue>],
    version: Version,
) -> Result<(), String> {
    let view = match View::compile(case.view.get(), version) {
        Ok(view) => view,
        Err(_) if case.expect_error => return Ok(()),
        Err(findings) => return Err(format!("{findings:?}")),
    };
    if let [finding, ..] = view.findings() {
        return Err(format!("a finding: {finding}"));
    }
    let names: Vec<&str> = view.columns().iter().map(|column| &*column.name).collect();
    if let Some(expected) = &case.expect_columns
        && *expected != names
    {
        return Err(format!("columns {names:?}"));
    }
    let mut wanted = Wanted::new();
    view.add_wanted(&mut wanted);
    for wanted in [None, Some(&wanted)] {
        let rows = rows::<T>(&view, resources, wanted);
        let expected = match (&case.expect, rows) {
            (_, Err(_)) if case.expect_error => continue,
            (_, Err(error)) => return Err(error),
            (None, Ok(_)) => return Err("no error".to_owned()),
            (Some(expected), Ok(rows)) => (sorted(expected), sorted(&rows)),
        };
        if expected.0 != expected.1 {
            let skipping = if wanted.is_some() {
                "skipping"
            } else {
                "whole"
            };
            return Err(format!(
                "{skipping}: expected {:#?}, got {:#?}",
                expected.0, expected.1
            ));
        }
    }
    Ok(())
}

fn rows<T: Root>(
    view: &View,
    resources: &[Box<RawValue>],
    wanted: Option<&Wanted>,
) -> Result<Vec<Value>, String> {
    let mut out = Ndjson::new(Vec::new(), view.columns());
    for resource in resources {
        let json = resource.get().as_bytes();
        let read = match wanted {
            Some(wanted) => healthcode_json::from_slice_wanted(json, &ReadOptions::new(), wanted),
            None => healthcode_json::from_slice(json).map(|read| read.value),
        };
        let resource: T = read.map_err(|error| error.to_string())?;
        let options = RunOptions::default();
        let mut misfits = |misfit: Misfit| panic!("{misfit:?}");
        let run = view.rows(resource.as_element(), &options, &mut out, &mut misfits);
        run.map_err(|error| error.to_string())?;
    }
    let text = String::from_utf8(out.into_inner()).expect("text");
    text.lines()
        .map(|line| serde_json::from_str(line).map_err(|error| format!("{error}: {line}")))
        .collect()
}

/// Rows in an order of their own, with numbers that are written alike where they are equal.
fn sorted(rows: &[Value]) -> Vec<String> {
    fn same(value: &Value) -> Value {
        match value {
            Value::Number(number) => number.as_f64().into(),
            Value::Array(items) => items.iter().map(same).collect(),
            Value::Object(members) => {
                let members = members.iter();
                Value::Object(
                    members
                        .map(|(name, value)| (name.clone(), same(value)))
                        .collect(),
                )
            }
            other => other.clone(),
        }
    }
    let mut rows: Vec<String> = rows.iter().map(|row| same(row).to_string()).collect();
    rows.sort();
    rows
}
