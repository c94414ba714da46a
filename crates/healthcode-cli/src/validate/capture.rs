//! Captured exchanges, each checked against the table of endpoints.

use healthcode_core::{Detail, Issue};
use healthcode_exchange::{Capture, Checker, rules};
use healthcode_json::locate;
use healthcode_validate::Validator;
use std::io::{self, Read};

/// The issues of a capture of at most `limit` bytes, and its size. They carry no text: a capture's lines
/// hold credentials.
pub(super) fn check(
    reader: impl Read,
    limit: u64,
    validator: &Validator,
) -> io::Result<(Vec<Issue>, usize)> {
    let mut text = Vec::new();
    reader
        .take(limit.saturating_add(1))
        .read_to_end(&mut text)?;
    if text.len() as u64 > limit {
        let message = "the capture is larger than --max-resource allows";
        return Err(io::Error::other(message));
    }
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
            return Ok((vec![issue], text.len()));
        }
    };
    let findings = Checker::new(validator.clone()).check(&capture);
    let issues = findings.iter().map(|finding| finding.in_capture(&capture));
    let (mut all, mut unplaced): (Vec<Issue>, Vec<Issue>) =
        issues.partition(|issue| issue.position.is_some() || issue.pointer.is_empty());
    locate(&text, &mut unplaced, false);
    all.append(&mut unplaced);
    Ok((all, text.len()))
}
