//! What the tests check of every text.

use healthcode_core::{Detail, Issue, Root, Schema, SchemaKind, Severity};
use healthcode_json::{from_slice, issues_of, to_vec, to_vec_pretty};
use healthcode_tests::{blessing, fixture_path, tree_eq};
use std::collections::BTreeMap;
use std::fmt::Write;

/// An issue without its place in the text and its severity.
pub(crate) type Bare = (&'static str, String, String, u32, bool, Detail);

/// Issues without what only the text tells.
pub(crate) fn bare(issues: &[Issue]) -> Vec<Bare> {
    let without = |i: &Issue| {
        let detail = i.detail;
        (
            i.rule.id,
            i.path.clone(),
            i.pointer.clone(),
            i.occurrence,
            i.at_name,
            detail,
        )
    };
    let mut bare: Vec<Bare> = issues.iter().map(without).collect();
    bare.sort_by(|a, b| (a.0, &a.1, &a.2, a.3).cmp(&(b.0, &b.1, &b.2, b.3)));
    bare
}

/// Reads a text as a `T`, writes it compact and pretty, and reads that again: nothing may differ. A clone is the same,
/// too. Returns the issues, or what went wrong.
pub(crate) fn round_trip<T: Root + Clone + PartialEq>(json: &[u8]) -> Result<Vec<Issue>, String> {
    let read = from_slice::<T>(json).map_err(|error| format!("not read: {error}"))?;
    let compact = to_vec(&read.value);
    let pretty = to_vec_pretty(&read.value);
    tree_eq(json, &compact).map_err(|e| format!("written: {e}"))?;
    tree_eq(json, &pretty).map_err(|e| format!("written pretty: {e}"))?;
    for (text, how) in [(&compact, "compact"), (&pretty, "pretty")] {
        let again = from_slice::<T>(text).map_err(|e| format!("{how} not read again: {e}"))?;
        if again.value != read.value {
            let text = String::from_utf8_lossy(text);
            return Err(format!("{how} read again is another value: {text}"));
        }
        let written_again = to_vec(&again.value);
        if compact != written_again {
            let (a, b) = (
                String::from_utf8_lossy(&compact),
                String::from_utf8_lossy(&written_again),
            );
            return Err(format!("{how} written again is another text:\n{a}\n{b}"));
        }
    }
    let clone = read.value.clone();
    if clone != read.value || to_vec(&clone) != compact {
        return Err(format!(
            "a clone is another value: {}",
            String::from_utf8_lossy(&to_vec(&clone))
        ));
    }
    if bare(&issues_of(&clone)) != bare(&issues_of(&read.value)) {
        return Err("a clone has other issues".into());
    }
    let mut expected = read.issues.clone();
    expected.retain(|issue| issue.rule.id != "JSON-BOM");
    let found = issues_of(&read.value);
    if bare(&expected) != bare(&found) {
        let mut message = String::from("issues_of differs from the read's issues:\n");
        for issue in &expected {
            let _ = writeln!(message, "  read: {issue}");
        }
        for issue in &found {
            let _ = writeln!(message, "  of:   {issue}");
        }
        return Err(message);
    }
    for issue in &read.issues {
        let Some(position) = issue.position else {
            return Err(format!("no position: {issue}"));
        };
        if let Some(message) = misplaced(json, issue, position.offset) {
            return Err(message);
        }
        let (line, column) = line_column(json, position.offset as usize);
        if (position.line, position.column) != (line, column) {
            return Err(format!(
                "offset {} is {line}:{column}: {issue}",
                position.offset
            ));
        }
    }
    Ok(read.issues)
}

/// Returns a message if an issue is not where a value or a name starts.
fn misplaced(json: &[u8], issue: &Issue, offset: u64) -> Option<String> {
    if issue.rule.id == "JSON-BOM" {
        return None;
    }
    let byte = json.get(offset as usize).copied().unwrap_or(b'?');
    let good = match byte {
        b'"' => true,
        b'{' | b'[' | b'-' | b'0'..=b'9' | b'n' | b't' | b'f' => !issue.at_name,
        _ => false,
    };
    (!good).then(|| format!("at byte {offset} stands {:?}: {issue}", char::from(byte)))
}

/// The line and column of an offset, counted plainly.
pub(crate) fn line_column(json: &[u8], offset: usize) -> (u64, u64) {
    let (body, offset) = match json.strip_prefix(b"\xef\xbb\xbf") {
        Some(body) => (body, offset.saturating_sub(3)),
        None => (json, offset),
    };
    let before = String::from_utf8_lossy(&body[..offset]);
    let line = before.matches('\n').count() as u64 + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count() as u64
        + 1;
    (line, column)
}

/// How often a rule said something short of an error at the same path but for indexes.
pub(crate) type Groups = BTreeMap<String, usize>;

/// A path without the indexes of lists.
pub(crate) fn without_indexes(path: &str) -> String {
    let mut path = path.to_owned();
    path.retain(|c| !c.is_ascii_digit());
    path.replace("[]", "")
}

/// Counts what is short of an error: by severity, rule and path.
pub(crate) fn count_groups(issues: &[Issue], groups: &mut Groups) {
    for issue in issues
        .iter()
        .filter(|issue| issue.severity < Severity::Error)
    {
        let path = without_indexes(&issue.path);
        let key = format!("{}\t{}\t{path}", issue.severity, issue.rule.id);
        *groups.entry(key).or_insert(0) += 1;
    }
}

/// That the groups are those of a fixture, with the same counts, and that each is judged there:
/// the group, its count and the judgement, by tabs.
pub(crate) fn check_groups(name: &str, groups: &Groups) {
    let pinned = std::fs::read_to_string(fixture_path(name)).unwrap_or_default();
    let judged: BTreeMap<&str, (&str, &str)> = pinned
        .lines()
        .filter_map(|line| {
            let (line, judgement) = line.rsplit_once('\t')?;
            let (key, count) = line.rsplit_once('\t')?;
            Some((key, (count, judgement)))
        })
        .collect();
    if blessing() {
        let line = |(key, count): (&String, &usize)| {
            let judgement = judged.get(key.as_str()).map_or("?", |row| row.1);
            format!("{key}\t{count}\t{judgement}\n")
        };
        let text: String = groups.iter().map(line).collect();
        std::fs::write(fixture_path(name), text).expect("written");
        return;
    }
    let found: BTreeMap<&str, String> = groups
        .iter()
        .map(|(key, count)| (key.as_str(), count.to_string()))
        .collect();
    let mut wrong = Vec::new();
    for (key, count) in &found {
        match judged.get(key) {
            None => wrong.push(format!("new: {key} {count}")),
            Some((pinned, _)) if pinned != count => {
                wrong.push(format!("{count}, not {pinned}: {key}"));
            }
            Some((_, judgement)) if judgement.len() < 10 => {
                wrong.push(format!("not judged: {key}"));
            }
            Some(_) => {}
        }
    }
    let gone = judged.keys().filter(|key| !found.contains_key(**key));
    wrong.extend(gone.map(|key| format!("gone: {key}")));
    assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
}

/// The schemas of all R4 resources.
pub(crate) fn resource_schemas() -> Vec<&'static Schema> {
    let all = healthcode_r4::schema::ALL.iter().copied();
    all.filter(|schema| schema.kind == SchemaKind::Resource)
        .collect()
}

/// Runs `check` over all items in two threads; fails with all messages.
pub(crate) fn check_all<T: Sync>(
    items: &[T],
    name: impl Fn(&T) -> String + Sync,
    check: impl Fn(&T) -> Result<(), String> + Sync,
) {
    let half = |parity: usize| {
        let mut failures = Vec::new();
        for item in items.iter().skip(parity).step_by(2) {
            if let Err(message) = check(item) {
                failures.push(format!("{}: {message}", name(item)));
            }
        }
        failures
    };
    let mut failures = std::thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        let mut failures = half(0);
        match other.join() {
            Ok(more) => failures.extend(more),
            Err(_) => failures.push("the other thread panicked".into()),
        }
        failures
    });
    failures.sort();
    let count = failures.len();
    failures.truncate(30);
    assert!(
        failures.is_empty(),
        "{count} failed:\n{}",
        failures.join("\n")
    );
}

/// Runs `task` on a thread with a stack of this many bytes.
pub(crate) fn on_stack(bytes: usize, task: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(bytes).spawn(task);
    thread.expect("a thread").join().expect("no panic");
}
