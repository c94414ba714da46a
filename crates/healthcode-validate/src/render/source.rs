//! The line of the payload that an issue is about, and which part of it is meant.

use super::mask::mask;
use healthcode_core::{Excerpt, Issue, Severity, printable};

/// A source line, cut where the issue's place begins and ends.
pub(super) struct Line {
    pub(super) before: String,
    pub(super) marked: String,
    pub(super) after: String,
}

/// The text of an excerpt; with `masked`, without values.
pub(super) fn text(issue: &Issue, excerpt: &Excerpt, masked: bool) -> String {
    let text = if masked {
        // Of a text that is not JSON nothing is known, names included.
        let known = issue.rule.severity != Severity::Fatal;
        mask(excerpt.line(), excerpt.caret(), known)
    } else {
        excerpt.line().to_owned()
    };
    printable(&text)
}

/// The line of an excerpt in three parts; with `masked`, without values.
pub(super) fn line(issue: &Issue, excerpt: &Excerpt, masked: bool) -> Line {
    let text = text(issue, excerpt, masked);
    let mut chars = text.trim_end().chars();
    let before = chars.by_ref().take(excerpt.caret()).collect();
    let marked = chars.by_ref().take(excerpt.width()).collect();
    Line {
        before,
        marked,
        after: chars.collect(),
    }
}
