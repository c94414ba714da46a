//! What the fuzz targets check against, written apart from the code that they check.

pub mod definitions;
mod tree;

pub use tree::canonical;

use healthcode_core::Issue;
use std::io;

/// Panics unless each issue has a position, within the text, whose line and column are right.
pub fn check_positions(text: &[u8], issues: &[Issue]) {
    for issue in issues {
        let id = issue.rule.id;
        let position = issue
            .position
            .unwrap_or_else(|| panic!("{id} has no position"));
        let offset = usize::try_from(position.offset).expect("an offset fits");
        assert!(offset <= text.len(), "{id} stands behind the text");
        let bom = if text.starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        };
        let passed = &text[bom.min(offset)..offset];
        let Ok(passed) = std::str::from_utf8(passed) else {
            // An offset within a character is right only for text that is no UTF-8.
            assert!(
                std::str::from_utf8(text).is_err(),
                "{id} stands within a character"
            );
            continue;
        };
        let line = passed.matches('\n').count() as u64 + 1;
        let column = passed
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count() as u64
            + 1;
        assert_eq!(
            (position.line, position.column),
            (line, column),
            "{id} at {offset}"
        );
    }
}

/// Reads bytes a few at a time.
#[derive(Debug)]
pub struct Trickle<'t> {
    rest: &'t [u8],
    step: usize,
}

impl<'t> Trickle<'t> {
    /// Reads `step` bytes at a time.
    pub fn new(rest: &'t [u8], step: usize) -> Self {
        Trickle { rest, step }
    }
}

impl io::Read for Trickle<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.step.min(self.rest.len()).min(out.len());
        let (now, rest) = self.rest.split_at(count);
        out[..count].copy_from_slice(now);
        self.rest = rest;
        Ok(count)
    }
}
