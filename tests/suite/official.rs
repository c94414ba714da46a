//! The official R4 examples: read, written and judged.

use crate::common::{Groups, check_all, check_groups, count_groups};
use healthcode_core::{Issue, Severity};
use healthcode_json::{from_slice, to_vec};
use healthcode_r4::Resource;
use healthcode_tests::{blessing, fixture_path, spec_examples, tree_eq};
use healthcode_validate::{Policy, Validator};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

#[test]
fn all_come_back_as_they_were() {
    let Some(examples) = spec_examples("official::all_come_back_as_they_were") else {
        return;
    };
    assert_eq!(examples.len(), 5306);
    check_all(
        examples,
        |e| e.name.clone(),
        |e| {
            let read = from_slice::<Resource>(&e.json).map_err(|e| e.to_string())?;
            if let Resource::Unknown(_) = read.value {
                return Err("a resource of unknown type".into());
            }
            let written = to_vec(&read.value);
            if read.value.clone() != read.value || to_vec(&read.value.clone()) != written {
                return Err("a clone is another value".into());
            }
            tree_eq(&e.json, &written)
        },
    );
}

/// The lists of errors that are known, each for the rules that begin so; the first is for all others.
const LISTS: &[(&str, &[&str])] = &[
    ("official-issues.txt", &[]),
    (
        "official-terminology.txt",
        &[
            "R4-BINDING-",
            "R4-COD",
            "R4-EXTENSION-",
            "R4-LANGUAGE",
            "R4-MIME-TYPE",
            "R4-MODIFIER-",
            "R4-UCUM",
        ],
    ),
    (
        "official-issues-references.txt",
        &[
            "R4-ATTACHMENT-",
            "R4-CONTAINED-",
            "R4-FULL-URL",
            "R4-NARRATIVE",
            "R4-REFERENCE",
            "R4-REQUEST-URL",
            "R4-TRANSACTION-",
            "bdl-",
            "txt-",
        ],
    ),
];

/// The list that an error belongs on.
fn list_of(line: &str) -> &'static str {
    let rule = line.split('\t').nth(1).unwrap_or_default();
    let own = LISTS
        .iter()
        .find(|(_, rules)| rules.iter().any(|start| rule.starts_with(start)));
    own.unwrap_or(&LISTS[0]).0
}

/// What is said short of errors, by rule and path: each group is counted and judged.
#[test]
fn warnings_are_those_that_are_judged() {
    let Some(examples) = spec_examples("official::warnings_are_those_that_are_judged") else {
        return;
    };
    let groups = Mutex::new(Groups::new());
    check_all(
        examples,
        |e| e.name.clone(),
        |e| {
            let read = from_slice::<Resource>(&e.json).map_err(|e| e.to_string())?;
            let report = Validator::new(Policy::R4).validate(&read.value);
            let mut groups = groups.lock().map_err(|e| e.to_string())?;
            count_groups(&report.issues, &mut groups);
            Ok(())
        },
    );
    let groups = groups.into_inner().expect("no panic");
    check_groups("official-warnings.txt", &groups);
}

/// The errors that the validator finds are those that are pinned in [`LISTS`], each with a comment on
/// whether the example is truly wrong: file, rule, path and comment, by tabs.
#[test]
fn errors_are_those_that_are_known() {
    let Some(examples) = spec_examples("official::errors_are_those_that_are_known") else {
        return;
    };
    let found = Mutex::new(BTreeSet::new());
    check_all(
        examples,
        |e| e.name.clone(),
        |e| {
            let read = Validator::new(Policy::R4).read::<Resource>(&e.json);
            let report = read.map_err(|e| e.to_string())?;
            let errors = report
                .issues
                .iter()
                .filter(|i| i.severity >= Severity::Error);
            let line = |i: &Issue| format!("{}\t{}\t{}", e.name, i.rule.id, i.path);
            let lines: Vec<String> = errors.map(line).collect();
            found.lock().map_err(|e| e.to_string())?.extend(lines);
            Ok(())
        },
    );
    let found = found.into_inner().expect("no panic");
    let read = |name: &str| std::fs::read_to_string(fixture_path(name)).unwrap_or_default();
    let pinned: String = LISTS.iter().map(|(name, _)| read(name)).collect();
    let with_comments: BTreeMap<&str, &str> = pinned
        .lines()
        .filter_map(|line| line.rsplit_once('\t'))
        .collect();
    if blessing() {
        let comment = |line: &String| {
            with_comments
                .get(line.as_str())
                .copied()
                .unwrap_or("?")
                .to_owned()
        };
        for (name, _) in LISTS {
            let lines: Vec<String> = found
                .iter()
                .filter(|line| list_of(line) == *name)
                .map(|line| format!("{line}\t{}\n", comment(line)))
                .collect();
            std::fs::write(fixture_path(name), lines.concat()).expect("written");
        }
        return;
    }
    let new: Vec<&String> = found
        .iter()
        .filter(|l| !with_comments.contains_key(l.as_str()))
        .collect();
    let gone: Vec<&&str> = with_comments
        .keys()
        .filter(|l| !found.contains(**l))
        .collect();
    assert!(
        new.is_empty(),
        "{} new: {:#?}",
        new.len(),
        &new[..new.len().min(30)]
    );
    assert!(
        gone.is_empty(),
        "{} gone: {:#?}",
        gone.len(),
        &gone[..gone.len().min(30)]
    );
    let bare = with_comments
        .values()
        .filter(|comment| comment.len() < 4)
        .count();
    assert_eq!(bare, 0, "pinned errors without a comment");
}
