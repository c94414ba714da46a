//! Bundles, an entry at a time.

use super::Sink;
use super::entries::{Entries, LastEntry, Syntax};
use crate::bundle::BundleChecker;
use healthcode_core::Issue;
use healthcode_json::stream;
use healthcode_r4::Bundle;
use std::io::{self, Read};

/// Validates a Bundle.
pub(super) fn validate<S: Syntax>(reader: &mut dyn Read, sink: &mut Sink<'_>) -> io::Result<()> {
    let validator = sink.validator;
    let excerpts = validator.reading().has_excerpts();
    let mut entries = S::begin(reader, validator.reading());
    let mut checker = Box::new(S::checker());
    let mut index = 0;
    while let Some(entry) = entries.read_next() {
        if index == 0 {
            expect(&mut checker, &entries);
        }
        let issues = match entry {
            Err(error) => {
                checker.skip_entry();
                sink.unread(error)?
            }
            Ok(read) => {
                let (mut issues, same) = validator.validate_entry(checker, &read.value);
                checker = same;
                entries.locate_in_last_entry(&mut issues, excerpts);
                checker.place(&mut LastEntry(&mut entries));
                issues
            }
        };
        sink.part(Some(index), issues, entries.last_entry().len())?;
        index += 1;
    }
    finish(entries, checker, sink)
}

/// Prepares for the type of a Bundle and the profiles that it claims, where these come before its
/// entries.
pub(super) fn expect(checker: &mut BundleChecker, entries: &impl Entries) {
    let (meta, code) = entries.head();
    if let Some(meta) = meta {
        let claims = meta.profile.iter();
        checker.expect_profiles(claims.filter_map(|canonical| canonical.as_str()));
    }
    if let Some(code) = code {
        checker.expect_type(&code);
    }
}

/// Validates a Bundle as a whole, all of whose entries have been validated.
pub(super) fn finish(
    entries: impl Entries,
    checker: Box<BundleChecker>,
    sink: &mut Sink<'_>,
) -> io::Result<()> {
    let validator = sink.validator;
    let incomplete = sink.summary.incomplete;
    let mut reported = Ok(());
    let check = |bundle: &Bundle| {
        let mut unplaced = Vec::new();
        validator.validate_bundle(checker, bundle, &mut |issues| {
            let placed = |issue: &Issue| issue.position.is_some();
            let (placed, mut rest) = issues.into_iter().partition(placed);
            unplaced.append(&mut rest);
            if reported.is_ok() {
                reported = sink.bundle(placed);
            }
        });
        unplaced
    };
    let finished = entries.finish_with(check, validator.reading().has_excerpts());
    reported?;
    match finished {
        Ok(read) => sink.bundle(read.issues),
        // What is broken has been reported.
        Err(stream::Error::Json(_)) if incomplete => Ok(()),
        Err(error) => {
            let issues = sink.unread(error)?;
            sink.bundle(issues)
        }
    }
}
