//! The view as one JSON document.

use super::rows::View;
use crate::output::print_json;
use serde::Serialize;
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
