//! Captured exchanges, each checked against the table of endpoints.

use crate::walk::Visitor;
use healthcode_core::{Detail, Issue};
use healthcode_exchange::{Capture, Checker, rules};
use healthcode_json::locate;
use healthcode_validate::Validator;
use std::io::{self, Read};

/// Checks a capture of at most `limit` bytes. Its issues carry no text: a capture's lines hold
/// credentials.
pub(super) fn check(
    reader: impl Read,
    limit: u64,
    validator: &Validator,
    visitor: &mut impl Visitor,
) -> io::Result<()> {
    let mut text = Vec::new();
    reader
        .take(limit.saturating_add(1))
        .read_to_end(&mut text)?;
    if text.len() as u64 > limit {
        let message = "the capture is larger than --max-resource allows";
        return Err(io::Error::other(message));
    }
    visitor.passed(text.len());
    let capture = match Capture::read(&text) {
        Ok(capture) => capture,
        Err(error) => {
            let mut issue = Issue::at(
                &rules::EXCHANGE_CAPTURE,
                String::new(),
                String::new(),
                Detail::None,
            );
            issue.position = error.position();
            return visitor.report(vec![issue]);
        }
    };
    let findings = Checker::new(validator.clone()).check(&capture);
    let mut issues: Vec<Issue> = findings.iter().map(|it| it.in_capture(&capture)).collect();
    let (told, mut open): (Vec<Issue>, Vec<Issue>) = issues
        .drain(..)
        .partition(|issue| issue.position.is_some() || issue.pointer.is_empty());
    locate(&text, &mut open, false);
    visitor.report(told)?;
    visitor.report(open)
}
