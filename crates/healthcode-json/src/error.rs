//! [`Error`]: why a text could not be read.

use healthcode_core::{Issue, Position, Rule, rules};
use std::fmt;

/// Why a text could not be read: it is not JSON, or, in strict reading, what its first defect is.
///
/// A word wide. Shows no values of the payload.
pub struct Error(Box<Issue>);

impl Error {
    pub(crate) fn new(issue: Issue) -> Self {
        Error(Box::new(issue))
    }

    /// The rule that is broken.
    #[must_use]
    pub fn rule(&self) -> &'static Rule {
        self.0.rule
    }

    /// Where in the text.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.0.position
    }

    /// The byte at which the text is at fault.
    #[must_use]
    pub fn offset(&self) -> Option<u64> {
        self.0.position.map(|position| position.offset)
    }

    /// The path of the value at fault, as far as it is known.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Whether the text is not JSON at all, as against FHIR in JSON with defects.
    #[must_use]
    pub fn is_syntax(&self) -> bool {
        self.0.rule.id.starts_with("JSON-")
    }

    /// Whether the text ends too early.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.0.rule == &rules::JSON_TRUNCATED || self.0.rule == &rules::JSON_EMPTY
    }

    /// The error as an issue.
    #[must_use]
    pub fn issue(&self) -> &Issue {
        &self.0
    }

    /// The error as an issue.
    #[must_use]
    pub fn into_issue(self) -> Issue {
        *self.0
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Error").field(&self.0).finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for Error {}
