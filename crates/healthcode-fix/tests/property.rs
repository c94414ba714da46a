//! What holds for fixes of whatever payload: all other bytes stay, a second run finds nothing, and no error is new.
//! The payloads are the official examples, with changes that fixes are for.

use healthcode_core::Issue;
use healthcode_fix::{Applicability, Fix, apply, compatible, correct, verified};
use healthcode_json::{Layout, ValueKind};
use healthcode_tests::spec_examples;
use healthcode_validate::{Policy, Validator, index_free};
use proptest::prelude::{Strategy, any};
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::collections::BTreeMap;
use std::ops::Range;

/// How large an example may be.
const LARGEST: usize = 16 * 1024;

/// A change to a value.
#[derive(Clone, Copy, Debug)]
enum Change {
    Quotes,
    Wrap,
    Unwrap,
    Put(&'static str),
    Upper,
    Capital,
    Pad,
    Secure,
    Digits,
    Repeat,
    /// Before all: other white space everywhere.
    Lines,
}

const CHANGES: &[Change] = &[
    Change::Quotes,
    Change::Wrap,
    Change::Unwrap,
    Change::Put("{}"),
    Change::Put("[]"),
    Change::Put("null"),
    Change::Put("\"\""),
    Change::Put("[{}]"),
    Change::Put("[null]"),
    Change::Upper,
    Change::Capital,
    Change::Pad,
    Change::Secure,
    Change::Digits,
    Change::Repeat,
    Change::Lines,
];

/// Changes a value that can be changed so: the one at the index, or one behind it.
fn change(json: &mut String, at: &Index, change: Change) {
    if let Change::Lines = change {
        *json = json.replace("\r\n", "\n").replace('\n', "\r\n ");
        return;
    }
    let Some((range, content)) = place(json, at, change) else {
        return;
    };
    json.replace_range(range, &content);
}

fn place(json: &str, at: &Index, change: Change) -> Option<(Range<usize>, String)> {
    let layout = Layout::new(json.as_bytes())?;
    let count = layout.values().count();
    let start = at.index(count);
    let values = layout
        .values()
        .skip(start)
        .chain(layout.values().take(start));
    values
        .filter(|value| value.name().is_some())
        .find_map(|value| {
            let text = value.text();
            let string = || {
                value
                    .string()
                    .filter(|text| !text.contains(['"', '\\', '\n']))
            };
            let content = match (change, value.kind()) {
                (Change::Quotes, ValueKind::Number | ValueKind::Boolean) => format!("\"{text}\""),
                (Change::Wrap, ValueKind::Object | ValueKind::String) => format!("[ {text} ]"),
                (Change::Unwrap, ValueKind::Array) if value.children().len() == 1 => {
                    value.children().next()?.text().to_owned()
                }
                (Change::Put(other), _) => other.to_owned(),
                (Change::Upper, ValueKind::String) => format!("\"{}\"", string()?.to_uppercase()),
                (Change::Capital, ValueKind::String) => {
                    let text = string()?;
                    let first = text.chars().next()?;
                    format!(
                        "\"{}{}\"",
                        first.to_uppercase(),
                        text.get(first.len_utf8()..)?
                    )
                }
                (Change::Pad, ValueKind::String) => format!("\" {}\\t\"", string()?),
                (Change::Secure, ValueKind::String) => {
                    format!("\"https://{}\"", string()?.strip_prefix("http://")?)
                }
                (Change::Digits, ValueKind::String) if text.contains("-0") => {
                    text.replace("-0", "-")
                }
                (Change::Repeat, _) => {
                    format!("{text}, \"{}\" : {text}", value.name()?)
                }
                _ => return None,
            };
            Some((value.range(), content))
        })
}

type Errors = BTreeMap<(&'static str, String), usize>;

fn errors(issues: &[Issue]) -> Errors {
    let mut errors = Errors::new();
    for issue in issues.iter().filter(|issue| issue.severity.is_error()) {
        *errors
            .entry((issue.rule.id, index_free(&issue.path)))
            .or_default() += 1;
    }
    errors
}

/// The text with edits, made one by one from the last on.
fn spliced(text: &str, fixes: &[&Fix]) -> String {
    let accepted = compatible(fixes);
    let accepted = fixes.iter().zip(accepted).filter(|(_, accepted)| *accepted);
    let mut edits: Vec<_> = accepted.flat_map(|(fix, _)| &fix.edits).collect();
    edits.sort_by_key(|edit| edit.range.start);
    edits.dedup();
    let mut text = text.to_owned();
    for edit in edits.into_iter().rev() {
        text.replace_range(edit.range.clone(), &edit.content);
    }
    text
}

fn check(before: &str) -> Result<usize, TestCaseError> {
    let fail = |what: &str| Err(TestCaseError::fail(format!("{what}: {before}")));
    let validator = Validator::new(Policy::R4);
    let validator = validator.with("R4-PADDED-STRING").expect("a rule");
    let validate = |text: &[u8]| validator.check(text, None).ok();
    let Some(issues) = validate(before.as_bytes()) else {
        return Ok(0);
    };
    let mut fixed = 0;
    for applicability in [Applicability::Safe, Applicability::Unsafe] {
        let corrected = correct(before.as_bytes(), applicability, &validate);
        fixed += corrected.fixed;
        let Ok(after) = String::from_utf8(corrected.text) else {
            return fail("not UTF-8");
        };
        if Layout::new(after.as_bytes()).is_none() {
            return fail("not JSON");
        }
        let old = errors(&issues);
        let is_old = |(kind, count): (_, &usize)| old.get(kind).is_some_and(|old| count <= old);
        if !errors(&corrected.issues).iter().all(is_old) {
            return fail("a new error");
        }
        let mut left = corrected.issues;
        verified(after.as_bytes(), &mut left, &validate);
        let mut left = left.iter().filter_map(|issue| issue.fix.as_ref());
        if left.any(|fix| fix.applicability <= applicability) {
            return fail("a fix is left");
        }
        if correct(after.as_bytes(), applicability, &validate).text != after.as_bytes() {
            return fail("not idempotent");
        }
    }
    let mut with_fixes = issues;
    verified(before.as_bytes(), &mut with_fixes, &validate);
    let fixes: Vec<&Fix> = with_fixes
        .iter()
        .filter_map(|issue| issue.fix.as_deref())
        .collect();
    if apply(before.as_bytes(), &fixes) != spliced(before, &fixes).as_bytes() {
        return fail("other bytes differ");
    }
    let positions = fixes.iter().flat_map(|fix| &fix.edits).all(|edit| {
        let lines = before
            .get(..edit.range.start)
            .map(|text| text.matches('\n').count());
        edit.location.offset == edit.range.start as u64
            && edit.end_location.offset == edit.range.end as u64
            && lines.is_some_and(|lines| edit.location.line == lines as u64 + 1)
    });
    if !positions {
        return fail("wrong positions");
    }
    Ok(fixed)
}

#[test]
fn fixes_of_changed_examples() {
    let Some(examples) = spec_examples("fixes_of_changed_examples") else {
        return;
    };
    let texts = examples.iter().filter_map(|example| {
        let json = String::from_utf8(example.json.clone()).ok()?;
        (json.len() <= LARGEST).then_some(json)
    });
    let texts: Vec<String> = texts.collect();
    let changes = proptest::collection::vec((any::<Index>(), select(CHANGES)), 1..8);
    let strategy = (any::<Index>(), changes).prop_map(|(example, changes)| (example, changes));
    let cases = std::env::var("PROPTEST_CASES").ok();
    let cases = cases.and_then(|cases| cases.parse().ok()).unwrap_or(256);
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    let fixed = std::cell::Cell::new(0);
    let run = runner.run(&strategy, |(example, changes)| {
        let mut json = example.get(&texts).clone();
        for (at, kind) in &changes {
            change(&mut json, at, *kind);
        }
        fixed.set(fixed.get() + check(&json)?);
        Ok(())
    });
    if let Err(error) = run {
        panic!("{error}");
    }
    assert!(fixed.get() > cases as usize / 2, "{} fixes", fixed.get());
}
