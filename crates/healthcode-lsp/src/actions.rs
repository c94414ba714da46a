//! Code actions: corrections of issues, by one or all at once.

use crate::diagnostics;
use crate::document::Document;
use crate::host::Correction;
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, TextEdit, Uri, WorkspaceEdit,
};
use std::collections::HashMap;

/// The kind of the action that makes all safe corrections.
pub(crate) const FIX_ALL: CodeActionKind = CodeActionKind::new("source.fixAll.healthcode");

/// The corrections of issues in a range, and the one that makes all that are safe.
pub(crate) fn at(document: &Document, params: &CodeActionParams) -> Vec<CodeActionOrCommand> {
    let uri = &params.text_document.uri;
    let wants = |kind: &CodeActionKind| {
        let only = params.context.only.as_deref();
        only.is_none_or(|only| only.iter().any(|one| is_kind(kind.as_str(), one.as_str())))
    };
    let Some(issues) = document.issues.get() else {
        return Vec::new();
    };
    let corrections = document.corrections();
    let mut actions = Vec::new();
    let (start, end) = (
        document.text.offset(params.range.start),
        document.text.offset(params.range.end),
    );
    if wants(&CodeActionKind::QUICKFIX) {
        for (issue, correction) in issues.iter().zip(corrections) {
            let range = diagnostics::range(document, issue);
            let Some(correction) = correction
                .as_ref()
                .filter(|_| range.start <= end && start <= range.end)
            else {
                continue;
            };
            let title = match correction.is_safe {
                true => correction.message.clone(),
                false => format!("{} (please confirm)", correction.message),
            };
            actions.push(CodeActionOrCommand::CodeAction(CodeAction {
                title,
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: Some(diagnostics::of_issues(
                    document,
                    std::slice::from_ref(issue),
                )),
                edit: Some(edit(document, uri, &[correction])),
                is_preferred: Some(correction.is_safe),
                ..CodeAction::default()
            }));
        }
    }
    if wants(&FIX_ALL) {
        let all = compatible(
            corrections
                .iter()
                .flatten()
                .filter(|correction| correction.is_safe),
        );
        if !all.is_empty() {
            actions.push(CodeActionOrCommand::CodeAction(CodeAction {
                title: format!("Correct {} issues of this file", all.len()),
                kind: Some(FIX_ALL),
                edit: Some(edit(document, uri, &all)),
                ..CodeAction::default()
            }));
        }
    }
    actions
}

/// Whether a kind is the one that is wanted, or below it: `source.fixAll.healthcode` is below `source`.
fn is_kind(kind: &str, wanted: &str) -> bool {
    let rest = kind.strip_prefix(wanted);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The corrections of which none changes bytes that an earlier one changes.
fn compatible<'c>(all: impl Iterator<Item = &'c Correction>) -> Vec<&'c Correction> {
    let mut taken: Vec<&Correction> = Vec::new();
    for correction in all {
        let touches = |other: &&Correction| {
            let mut edits = other.edits.iter();
            edits.any(|(a, _)| {
                let mut own = correction.edits.iter();
                own.any(|(b, _)| a.start <= b.end && b.start <= a.end)
            })
        };
        if !taken.iter().any(touches) {
            taken.push(correction);
        }
    }
    taken
}

fn edit(document: &Document, uri: &Uri, corrections: &[&Correction]) -> WorkspaceEdit {
    let edits = corrections.iter().flat_map(|correction| &correction.edits);
    let edits = edits
        .map(|(range, content)| TextEdit::new(document.text.range(range.clone()), content.clone()));
    WorkspaceEdit::new(HashMap::from([(uri.clone(), edits.collect())]))
}
