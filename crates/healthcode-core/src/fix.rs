//! [`Fix`]: edits of a text that correct what an issue is about.

use crate::Position;
use std::fmt;
use std::ops::Range;

/// How certain it is that a fix keeps the meaning of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Applicability {
    /// The meaning is certain: the fix can be applied without a look at it.
    Safe,
    /// A guess, which a person confirms.
    Unsafe,
}

impl Applicability {
    /// Its name in output: `safe` or `unsafe`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Applicability::Safe => "safe",
            Applicability::Unsafe => "unsafe",
        }
    }
}

impl fmt::Display for Applicability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A replacement of a part of a text.
///
/// Its content may be a value of the payload, which `Debug` does not show.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Edit {
    /// The bytes that are replaced; empty where the content is inserted.
    pub range: Range<usize>,
    /// Where they begin.
    pub location: Position,
    /// Where they end: the place of the first byte that stays.
    pub end_location: Position,
    /// What takes their place; empty where they are removed.
    pub content: String,
}

impl Edit {
    /// An edit of these bytes, which are between these positions.
    #[must_use]
    pub fn new(
        range: Range<usize>,
        (location, end_location): (Position, Position),
        content: String,
    ) -> Self {
        Edit {
            range,
            location,
            end_location,
            content,
        }
    }
}

impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edit")
            .field("range", &self.range)
            .field("location", &self.location)
            .field("end_location", &self.end_location)
            .finish_non_exhaustive()
    }
}

/// A correction of what an issue is about: edits that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fix {
    /// Whether the meaning is certain.
    pub applicability: Applicability,
    /// What is done, for people; of an unsafe fix, also what is uncertain. It shows no values of the payload.
    pub message: String,
    /// The edits, in the order of the text; none overlaps another.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// A fix; its edits are in the order of the text, and do not overlap.
    #[must_use]
    pub fn new(applicability: Applicability, message: &str, edits: Vec<Edit>) -> Self {
        Fix {
            applicability,
            message: message.to_owned(),
            edits,
        }
    }

    /// The fix in a larger text, in which its own text begins at the start of a line, after so many bytes and lines.
    #[must_use]
    pub fn moved(mut self, bytes: usize, lines: u64) -> Self {
        for edit in &mut self.edits {
            edit.range = edit.range.start + bytes..edit.range.end + bytes;
            for position in [&mut edit.location, &mut edit.end_location] {
                position.offset += bytes as u64;
                position.line += lines;
            }
        }
        self
    }

    /// Whether the meaning is certain.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        self.applicability == Applicability::Safe
    }
}
