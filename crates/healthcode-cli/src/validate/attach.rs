//! Fixes for the issues of an input whose text is at hand.

use healthcode_core::Issue;
use healthcode_fix::{
    Applicability, Corrected, correct_wanted, is_fixable, verified, verified_wanted,
};
use healthcode_json::stream::Kind;
use healthcode_validate::{Filter, Validator};
use std::ops::Range;
use std::sync::Arc;

/// How large an input may be for its issues to be shown with fixes: it is held in memory.
pub(super) const LARGEST: u64 = 16 * 1024 * 1024;

/// How many issues of an input are kept until it has been read, to find their fixes.
pub(super) const MOST: usize = 20_000;

/// How all issues of a text are found.
pub(super) struct Check<'c> {
    pub(super) validator: &'c Validator,
    /// What the text is.
    pub(super) kind: Kind,
    pub(super) threads: usize,
}

impl Check<'_> {
    fn issues(&self, text: &[u8]) -> Option<Vec<Issue>> {
        let stream = self.validator.stream(text).kind(self.kind);
        let report = stream.threads(self.threads).report();
        report.ok().map(|report| report.issues)
    }
}

/// Whether a filter leaves an issue.
fn leaves(filter: &Filter, issue: &Issue) -> bool {
    let mut one = vec![issue.clone()];
    filter.apply(&mut one);
    !one.is_empty()
}

/// Whether some of these issues are of rules that have fixes.
pub(super) fn may_have_fixes(issues: &[Issue]) -> bool {
    issues.iter().any(|issue| is_fixable(issue.rule))
}

/// Adds fixes to issues of an input, which a filter has left.
pub(super) fn attach(check: &Check<'_>, filter: &Filter, text: &[u8], issues: &mut [Issue]) {
    if !may_have_fixes(issues) {
        return;
    }
    let verify = |text: &[u8], issues: &mut [Issue], check: &healthcode_fix::Check<'_>| {
        if *filter == Filter::new() {
            verified(text, issues, check);
        } else {
            verified_wanted(text, issues, check, &|issue| leaves(filter, issue));
        }
    };
    if check.kind != Kind::Ndjson {
        verify(text, issues, &|text| check.issues(text));
        return;
    }
    let lines = lines(text);
    let line_of = |issue: &Issue| issue.position.map_or(0, |position| position.line);
    for group in issues.chunk_by_mut(|one, next| line_of(one) == line_of(next)) {
        let number = group.first().map_or(0, line_of);
        let index = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
        let Some(line) = index.and_then(|index| lines.get(index)) else {
            continue;
        };
        let inner = text.get(line.clone()).unwrap_or_default();
        let check = |text: &[u8]| check.validator.check(text, None).ok();
        verify(inner, group, &check);
        for issue in group {
            issue.fix = issue.fix.take().map(|fix| {
                let fix = Arc::unwrap_or_clone(fix);
                Arc::new(fix.moved(line.start, number - 1))
            });
        }
    }
}

/// The text of an input with all fixes of issues that a filter leaves.
pub(super) fn corrected(
    check: &Check<'_>,
    filter: &Filter,
    text: &[u8],
    applicability: Applicability,
) -> (Vec<u8>, usize) {
    let wanted = |issue: &Issue| leaves(filter, issue);
    if check.kind != Kind::Ndjson {
        let check = |text: &[u8]| check.issues(text);
        let Corrected { text, fixed, .. } = correct_wanted(text, applicability, &check, &wanted);
        return (text, fixed);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut count = 0;
    let mut at = 0;
    for line in lines(text) {
        out.extend_from_slice(text.get(at..line.start).unwrap_or_default());
        let inner = text.get(line.clone()).unwrap_or_default();
        let check = |text: &[u8]| check.validator.check(text, None).ok();
        let corrected = correct_wanted(inner, applicability, &check, &wanted);
        out.extend_from_slice(&corrected.text);
        count += corrected.fixed;
        at = line.end;
    }
    out.extend_from_slice(text.get(at..).unwrap_or_default());
    (out, count)
}

/// The bytes of each line, without its end.
fn lines(text: &[u8]) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split(|byte| *byte == b'\n') {
        let bare = line.strip_suffix(b"\r").unwrap_or(line);
        lines.push(start..start + bare.len());
        start += line.len() + 1;
    }
    lines
}
