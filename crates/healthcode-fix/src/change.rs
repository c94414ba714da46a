//! [`Correction`]: what corrects an issue, and its parts.

use healthcode_core::Applicability;
use std::ops::Range;

/// A replacement whose positions are not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) range: Range<usize>,
    pub(crate) content: String,
}

impl Change {
    pub(crate) fn new(range: Range<usize>, content: impl Into<String>) -> Self {
        Change {
            range,
            content: content.into(),
        }
    }

    pub(crate) fn removal(range: Range<usize>) -> Self {
        Change::new(range, "")
    }
}

/// What corrects an issue, before the positions of its edits are known.
pub(crate) struct Correction {
    pub(crate) applicability: Applicability,
    pub(crate) message: &'static str,
    pub(crate) changes: Vec<Change>,
}

impl Correction {
    pub(crate) fn safe(message: &'static str, changes: Vec<Change>) -> Option<Self> {
        Self::new(Applicability::Safe, message, changes)
    }

    pub(crate) fn guess(message: &'static str, changes: Vec<Change>) -> Option<Self> {
        Self::new(Applicability::Unsafe, message, changes)
    }

    fn new(
        applicability: Applicability,
        message: &'static str,
        changes: Vec<Change>,
    ) -> Option<Self> {
        (!changes.is_empty()).then_some(Correction {
            applicability,
            message,
            changes,
        })
    }
}

/// The pointer of the element around the one at a pointer, and its last step.
pub(crate) fn split(pointer: &str) -> Option<(&str, &str)> {
    pointer.rsplit_once('/')
}

/// The pointer of a member beside the one at a pointer.
pub(crate) fn sibling(pointer: &str, name: &str) -> Option<String> {
    let (parent, _) = split(pointer)?;
    Some(format!("{parent}/{name}"))
}
