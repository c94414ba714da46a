//! [`Error`]: why a text could not be read.

use healthcode_core::{Issue, Position, Rule, rules};
use std::fmt;

/// Why a text could not be read: it is not JSON, or, in strict reading, what its first defect is.
///
/// A word wide. Shows no values of the payload.
pub struct Error(Box<Issue>);

impl Error {
    /// An error; for readers.
    #[doc(hidden)]
    #[must_use]
    pub fn new(issue: Issue) -> Self {
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

    /// Whether the text is not JSON or XML at all, as against FHIR in them with defects.
    #[must_use]
    pub fn is_syntax(&self) -> bool {
        ["JSON-", "XML-"]
            .iter()
            .any(|prefix| self.0.rule.id.starts_with(prefix))
    }

    /// Whether the text ends too early.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        let rules = [
            &rules::JSON_TRUNCATED,
            &rules::JSON_EMPTY,
            &rules::XML_TRUNCATED,
        ];
        rules.contains(&self.0.rule)
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
