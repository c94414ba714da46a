//! Issues as the protocol has them.

use crate::document::Document;
use crate::outline::Kind;
use healthcode_core::{Issue, Severity};
use lsp_types::{Diagnostic, DiagnosticSeverity, NumberOrString};
use std::ops::Range;

/// The name that clients show beside issues.
pub(crate) const SOURCE: &str = "healthcode";

/// The issues of a document. Messages have no values of the payload.
pub(crate) fn of_issues(document: &Document, issues: &[Issue]) -> Vec<Diagnostic> {
    issues
        .iter()
        .map(|issue| of_issue(document, issue))
        .collect()
}

fn of_issue(document: &Document, issue: &Issue) -> Diagnostic {
    Diagnostic {
        range: document.text.range(range(document, issue)),
        severity: Some(match issue.severity {
            Severity::Information => DiagnosticSeverity::INFORMATION,
            Severity::Warning => DiagnosticSeverity::WARNING,
            _ => DiagnosticSeverity::ERROR,
        }),
        code: Some(NumberOrString::String(issue.rule.id.to_owned())),
        source: Some(SOURCE.to_owned()),
        message: issue.message(),
        ..Diagnostic::default()
    }
}

/// What cannot be validated, at the start of the document.
pub(crate) fn of_error(message: String) -> Diagnostic {
    Diagnostic {
        severity: Some(DiagnosticSeverity::ERROR),
        source: Some(SOURCE.to_owned()),
        message,
        ..Diagnostic::default()
    }
}

/// The bytes that an issue is about: from its position, the name, value, bracket or tag that begins there.
pub(crate) fn range(document: &Document, issue: &Issue) -> Range<usize> {
    let text = document.text.as_str();
    let start = issue.position.map_or(0, |position| position.offset);
    let start = usize::try_from(start).unwrap_or(usize::MAX).min(text.len());
    let outline = document.outline();
    let found = outline.at(start).and_then(|id| outline.get(id));
    if let Some(node) = found {
        let (full, value, name) = (node.full(), node.value(), node.name());
        if node.kind == Kind::Element && full.start == start {
            return start..name.end.max(start);
        }
        if full.start == start && !name.is_empty() {
            return match node.kind {
                Kind::Attribute => full,
                // With the quote behind it.
                _ => start..name.end + usize::from(text.as_bytes().get(name.end) == Some(&b'"')),
            };
        }
        if value.start == start && !matches!(node.kind, Kind::Object | Kind::Array | Kind::Element)
        {
            return value;
        }
    }
    let next = text.get(start..).and_then(|rest| rest.chars().next());
    let length = next
        .filter(|c| !matches!(c, '\r' | '\n'))
        .map_or(0, char::len_utf8);
    start..start + length
}
