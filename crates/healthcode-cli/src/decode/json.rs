//! The view as one JSON document.

use super::rows::View;
use crate::output::print_json;
use healthcode_core::Issue;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::io;

/// The version of the document; it grows when a member goes or changes its meaning.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'v> {
    schema_version: u32,
    #[serde(flatten)]
    view: &'v View,
    summary: SummaryRow,
}

#[derive(Serialize)]
struct SummaryRow {
    files: u64,
    errors: u64,
    warnings: u64,
    information: u64,
    unreadable: u64,
}

/// An issue, as `healthcode validate` writes it.
#[derive(Serialize)]
struct IssueRow<'i> {
    severity: &'static str,
    rule: &'static str,
    code: &'static str,
    path: Cow<'i, str>,
    pointer: Cow<'i, str>,
    line: Option<u64>,
    column: Option<u64>,
    offset: Option<u64>,
    message: String,
}

pub(super) fn issues<S: Serializer>(issues: &[Issue], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(issues.iter().map(|issue| IssueRow {
        severity: issue.severity.as_str(),
        rule: issue.rule.id,
        code: issue.rule.code,
        path: issue.shown_path(),
        pointer: issue.shown_pointer(),
        line: issue.position.map(|position| position.line),
        column: issue.position.map(|position| position.column),
        offset: issue.position.map(|position| position.offset),
        message: issue.message(),
    }))
}

pub(super) fn print(view: &View) -> io::Result<()> {
    let summary = view.summary();
    let document = Document {
        schema_version: SCHEMA_VERSION,
        view,
        summary: SummaryRow {
            files: summary.files,
            errors: summary.errors,
            warnings: summary.warnings,
            information: summary.information,
            unreadable: summary.unreadable,
        },
    };
    print_json(&document)
}
