//! Unified diffs of what fixes change.

use healthcode_core::printable;
use healthcode_validate::render::masked;
use similar::{ChangeTag, TextDiff};
use std::fmt::Write;
use std::time::Duration;

/// How long the shortest diff is looked for: then a longer one does.
const LONGEST: Duration = Duration::from_secs(5);

/// How much of a payload a diff shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// Names and structure.
    Masked,
    /// All, as a terminal can show it.
    Terminal,
    /// All, byte by byte, so that it can be applied.
    Whole,
}

/// What differs between two texts of a file, line by line; empty if nothing does.
pub(super) fn unified(name: &str, before: &str, after: &str, shown: Shown) -> String {
    let diff = TextDiff::configure()
        .timeout(LONGEST)
        .diff_lines(before, after);
    let masks = (shown == Shown::Masked).then(|| (masked(before), masked(after)));
    let (old, new) = match &masks {
        Some((before, after)) => (lines(before), lines(after)),
        None => (lines(before), lines(after)),
    };
    let mut out = String::new();
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        if out.is_empty() {
            let _ = write!(out, "--- {name}\n+++ {name}\n");
        }
        let _ = writeln!(out, "{}", hunk.header());
        for change in hunk.iter_changes() {
            let (sign, line) = match change.tag() {
                ChangeTag::Delete => ('-', line_at(&old, change.old_index())),
                ChangeTag::Insert => ('+', line_at(&new, change.new_index())),
                ChangeTag::Equal => (' ', line_at(&old, change.old_index())),
            };
            let bare = line.strip_suffix('\n').unwrap_or(line);
            out.push(sign);
            match shown {
                Shown::Whole => out.push_str(bare),
                _ => out.push_str(&printable(bare.strip_suffix('\r').unwrap_or(bare))),
            }
            out.push('\n');
            if change.missing_newline() {
                out.push_str("\\ No newline at end of file\n");
            }
        }
    }
    out
}

/// The lines of a text with their ends, as they are compared: a carriage return by itself ends one too.
fn lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = match rest.find(['\r', '\n']) {
            Some(at) if rest.get(at..).is_some_and(|rest| rest.starts_with("\r\n")) => at + 2,
            Some(at) => at + 1,
            None => rest.len(),
        };
        let (line, behind) = rest.split_at(end);
        lines.push(line);
        rest = behind;
    }
    lines
}

fn line_at<'t>(lines: &[&'t str], index: Option<usize>) -> &'t str {
    index
        .and_then(|index| lines.get(index))
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Shown, unified};

    #[test]
    fn diffs() {
        let before = "{\r\n  \"resourceType\": \"Patient\",\r\n  \"active\": \"true\",\r\n  \"id\": \"\u{1b}x\"\r\n}";
        let after = before.replace("\"true\"", "true");
        for (shown, expect) in [
            (
                Shown::Masked,
                "--- a\n+++ a\n@@ -1,5 +1,5 @@\n {\n   \"resourceType\": \"*******\",\n-  \"active\": \"****\",\n+  \"active\": ****,\n   \"id\": \"**\"\n }\n\\ No newline at end of file\n",
            ),
            (
                Shown::Whole,
                "--- a\n+++ a\n@@ -1,5 +1,5 @@\n {\r\n   \"resourceType\": \"Patient\",\r\n-  \"active\": \"true\",\r\n+  \"active\": true,\r\n   \"id\": \"\u{1b}x\"\r\n }\n\\ No newline at end of file\n",
            ),
        ] {
            assert_eq!(unified("a", before, &after, shown), expect);
        }
        assert!(!unified("a", before, &after, Shown::Terminal).contains('\u{1b}'));
        assert_eq!(unified("a", before, before, Shown::Whole), "");
        let lone = unified("a", "[1,\r2,\n3]", "[1,\r2,\n4]", Shown::Masked);
        assert!(lone.contains("-*]\n") && lone.contains("+*]\n"), "{lone}");
    }
}
