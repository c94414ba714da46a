//! What is wrong with a text that should be an identifier.

use std::fmt;

/// Why a text is not the identifier it should be. Shows the form that is expected, never the text.
///
/// ```
/// let error = healthcode_uk::Postcode::parse("W1H-3DA").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "postcode: character 4 is a space or hyphen that does not belong there: remove it, or read \
///      the text with `from_payload`; expected outward code, space, inward code in capitals, as in W1H 3DA"
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdError {
    kind: &'static Kind,
    problem: Problem,
}

/// What an error says of the kind of identifier.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) form: &'static str,
}

/// What is wrong. Positions count characters from 1; after lenient reading, characters of the text
/// without what that reading passes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// There is no text.
    Empty,
    /// No form of the identifier has so many characters.
    Length {
        /// How many there are.
        found: usize,
    },
    /// A space or hyphen is where none belongs.
    Separator {
        /// Where.
        position: usize,
    },
    /// A letter would fit if it were a capital.
    LowerCase {
        /// Where.
        position: usize,
    },
    /// A character is not one that may be there.
    Character {
        /// Where.
        position: usize,
    },
    /// A character that joins two parts is nowhere.
    Missing {
        /// Which.
        character: char,
    },
    /// The check digit is not that of the digits before it.
    CheckDigit,
    /// The digits before the check digit have none: no such identifier is ever issued.
    NoCheckDigit,
}

impl IdError {
    pub(crate) fn new(kind: &'static Kind, problem: Problem) -> Self {
        IdError { kind, problem }
    }

    /// The kind of identifier that was expected, such as `NHS number`.
    #[must_use]
    pub fn identifier(&self) -> &'static str {
        self.kind.name
    }

    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> Problem {
        self.problem
    }
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Kind { name, form } = self.kind;
        write!(f, "{name}: {}; expected {form}", self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Empty => write!(f, "empty text"),
            Problem::Length { found } => write!(f, "it has the wrong length, {found} characters"),
            Problem::Separator { position } => write!(
                f,
                "character {position} is a space or hyphen that does not belong there: remove it, \
                 or read the text with `from_payload`"
            ),
            Problem::LowerCase { position } => write!(
                f,
                "character {position} is not a capital: write it as one, or read the text with \
                 `from_payload`"
            ),
            Problem::Character { position } => {
                write!(f, "character {position} may not stand there")
            }
            Problem::Missing { character } => write!(f, "there is no `{character}` in its place"),
            Problem::CheckDigit => write!(
                f,
                "the check digit does not fit the digits before it: look for a mistyped digit or \
                 two that were swapped"
            ),
            Problem::NoCheckDigit => write!(
                f,
                "no check digit exists for these digits: look for a mistyped digit or two that \
                 were swapped"
            ),
        }
    }
}

impl std::error::Error for IdError {}
