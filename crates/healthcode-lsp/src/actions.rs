//! Code actions: the fixes of issues, one by one or all at once.

use crate::diagnostics;
use crate::document::Document;
use healthcode_core::{Applicability, Fix};
use healthcode_fix::compatible;
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, TextEdit, Uri, WorkspaceEdit,
};
use std::collections::HashMap;

/// The kind of the action that makes all safe fixes.
pub(crate) const FIX_ALL: CodeActionKind = CodeActionKind::new("source.fixAll.healthcode");

/// The fixes of issues in a range, and an action that applies all safe ones.
pub(crate) fn at(document: &Document, params: &CodeActionParams) -> Vec<CodeActionOrCommand> {
    let uri = &params.text_document.uri;
    let is_requested = |kind: &CodeActionKind| {
        let only = params.context.only.as_deref();
        only.is_none_or(|only| only.iter().any(|one| is_kind(kind.as_str(), one.as_str())))
    };
    let Some(issues) = document.issues.get() else {
        return Vec::new();
    };
    let fixes = document.fixes();
    let mut actions = Vec::new();
    let (start, end) = (
        document.text.offset(params.range.start),
        document.text.offset(params.range.end),
    );
    if is_requested(&CodeActionKind::QUICKFIX) {
        for (issue, fix) in issues.iter().zip(fixes) {
            let range = diagnostics::range(document, issue);
            let Some(fix) = fix
                .as_deref()
                .filter(|_| range.start <= end && start <= range.end)
            else {
                continue;
            };
            let title = match fix.applicability {
                Applicability::Safe => fix.message.clone(),
                _ => format!("{} (please confirm)", fix.message),
            };
            actions.push(CodeActionOrCommand::CodeAction(CodeAction {
                title,
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: Some(diagnostics::of_issues(
                    document,
                    std::slice::from_ref(issue),
                )),
                edit: Some(edit(document, uri, &[fix])),
                is_preferred: Some(fix.applicability == Applicability::Safe),
                ..CodeAction::default()
            }));
        }
    }
    if is_requested(&FIX_ALL) {
        let safe = fixes.iter().flatten().map(|fix| &**fix);
        let safe: Vec<&Fix> = safe
            .filter(|fix| fix.applicability == Applicability::Safe)
            .collect();
        let taken = safe.iter().zip(compatible(&safe));
        let all: Vec<&Fix> = taken.filter(|(_, is)| *is).map(|(fix, _)| *fix).collect();
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

fn edit(document: &Document, uri: &Uri, fixes: &[&Fix]) -> WorkspaceEdit {
    let edits = fixes.iter().flat_map(|fix| &fix.edits).map(|edit| {
        let range = document.text.range(edit.range.clone());
        TextEdit::new(range, edit.content.clone())
    });
    WorkspaceEdit::new(HashMap::from([(uri.clone(), edits.collect())]))
}
