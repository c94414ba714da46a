//! All fixtures: read, written, read again.

use crate::common::{check_all, resource_schemas, round_trip};
use healthcode_core::Issue;
use healthcode_r4::Resource;
use healthcode_tests::{examples_of, fixture_path, fixtures, pinned, tree_eq};

#[test]
fn documented_payloads() {
    let documents = fixtures("documented");
    check_all(
        &documents,
        |d| d.name.clone(),
        |d| round_trip::<Resource>(&d.json).map(drop),
    );
}

#[test]
fn lexical_cases() {
    let documents = fixtures("lexical");
    check_all(
        &documents,
        |d| d.name.clone(),
        |d| round_trip::<Resource>(&d.json).map(drop),
    );
}

/// What is reported of each lexical case: one line an issue.
#[test]
fn lexical_issues() {
    let mut out = String::new();
    for document in fixtures("lexical") {
        let issues = round_trip::<Resource>(&document.json).unwrap_or_default();
        out.push_str(&document.name);
        out.push('\n');
        for issue in issues {
            let shown = |issue: &Issue| format!("    {issue} {}\n", issue.pointer);
            out.push_str(&shown(&issue));
        }
    }
    pinned("lexical-issues.txt", &out);
}

#[test]
fn generated_resources() {
    let text = examples_of(&resource_schemas());
    pinned("generated/resources.ndjson", &text);
    let committed = std::fs::read_to_string(fixture_path("generated/resources.ndjson"));
    let committed = committed.expect("the generated fixtures");
    let lines: Vec<&str> = committed.lines().collect();
    check_all(
        &lines,
        |line| line.chars().take(60).collect(),
        |line| {
            let issues = round_trip::<Resource>(line.as_bytes())?;
            if let Some(issue) = issues.first() {
                return Err(issue.to_string());
            }
            let read = healthcode_json::from_str::<Resource>(line).map_err(|e| e.to_string())?;
            // The generator writes as the writer does: to the byte, but for escapes.
            let written = healthcode_json::to_string(&read.value);
            if written != **line {
                tree_eq(line.as_bytes(), written.as_bytes())?;
                return Err(format!("members are written in another order: {written}"));
            }
            if let Resource::Unknown(_) = read.value {
                return Err("an unknown resource".into());
            }
            Ok(())
        },
    );
}

/// Each type of each choice element, and each field, occurs among the generated resources.
#[test]
fn generated_resources_are_complete() {
    use healthcode_core::{Element, Fields, Root, Schema, ValueRef};
    use healthcode_r4::schema::PROFILES;
    use std::collections::HashSet;
    fn walk(element: &dyn Element, seen: &mut HashSet<(&'static str, usize, usize)>) {
        let mut fields = Fields::new();
        element.fields(&mut fields);
        for field in fields.since(0) {
            seen.insert((
                element.schema().name,
                field.index.into(),
                field.choice.into(),
            ));
            match field.value {
                ValueRef::Metadata(inner) | ValueRef::Element(inner) => walk(inner, seen),
                ValueRef::Elements(items) => {
                    for index in 0..items.count() {
                        walk(items.element_at(index), seen);
                    }
                }
                _ => {}
            }
        }
    }
    let mut seen = HashSet::new();
    for line in examples_of(&resource_schemas()).lines() {
        let read = healthcode_json::from_str::<Resource>(line).expect("JSON");
        walk(read.value.as_element(), &mut seen);
    }
    let mut missing = Vec::new();
    let mut stack = resource_schemas();
    let mut visited = HashSet::new();
    while let Some(schema) = stack.pop() {
        if !visited.insert(schema.name) {
            continue;
        }
        for (index, field) in schema.fields.iter().enumerate() {
            for (choice, t) in field.types.iter().enumerate() {
                // Profiles such as Duration are shown by the type that they narrow.
                let profile = |s: &&Schema| PROFILES.iter().any(|p| p.name == s.name);
                stack.extend(t.schema().filter(|s| !profile(s)));
                if !seen.contains(&(schema.name, index, choice)) {
                    missing.push(format!("{}.{} as {}", schema.name, field.name(), t.code));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{} missing: {missing:?}", missing.len());
}
