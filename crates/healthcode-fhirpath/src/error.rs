//! What can go wrong: [`ParseError`] while compiling, [`EvalError`] while evaluating.

use std::fmt;

/// Why a text is not a FHIRPath expression, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    message: String,
    offset: usize,
    line: u32,
    column: u32,
}

impl ParseError {
    pub(crate) fn new(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        ParseError(Box::new(Inner {
            message: message.into(),
            offset,
            line: count(line),
            column: count(column),
        }))
    }

    /// What is wrong, in a sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The byte of the expression at which it is wrong.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.0.line
    }

    /// The column, from 1, in Unicode scalars.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.0.column
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line(), self.column(), self.message())
    }
}

impl std::error::Error for ParseError {}

/// Why an expression has no result. Shows types and names, never values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalError(Box<EvalErrorKind>);

impl EvalError {
    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> &EvalErrorKind {
        &self.0
    }
}

impl From<EvalErrorKind> for EvalError {
    // Apart, for errors are rare.
    #[cold]
    fn from(kind: EvalErrorKind) -> Self {
        EvalError(Box::new(kind))
    }
}

/// The ways in which an evaluation fails.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EvalErrorKind {
    /// One item was needed where there are several.
    NotSingle {
        /// The function or operator that needs it.
        of: &'static str,
    },
    /// An item is of a type that the function or operator does not take.
    WrongType {
        /// The function or operator.
        of: &'static str,
        /// What it takes.
        expected: &'static str,
        /// The item's type.
        found: &'static str,
    },
    /// An argument has a value that the function does not take.
    Argument {
        /// The function.
        of: &'static str,
        /// What it takes.
        expected: &'static str,
    },
    /// A `%name` that the environment does not have.
    UnknownVariable(Box<str>),
    /// A type that neither FHIR nor the language has.
    UnknownType(Box<str>),
    /// In strict mode: a member that the type does not have.
    UnknownMember {
        /// The type.
        of: &'static str,
        /// The member.
        name: Box<str>,
    },
    /// In strict mode: the order of these items is not defined.
    Unordered {
        /// The function that relies on an order.
        of: &'static str,
    },
    /// A quantity's unit cannot be used here.
    Unit {
        /// The operator.
        of: &'static str,
    },
    /// The environment has no clock.
    NoClock,
    /// A regular expression is not one, or is too large.
    Regex,
    /// The caller's services do not know what was asked for.
    Unknown {
        /// What: `profile`.
        what: &'static str,
    },
    /// There is a modifier extension that `checkModifiers()` does not allow.
    ModifierExtension,
    /// The function is known, but not supported.
    Unsupported {
        /// The function.
        of: &'static str,
    },
    /// The evaluation took more steps than the environment allows.
    TooManySteps,
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            EvalErrorKind::NotSingle { of } => {
                write!(f, "{of} needs a single item, and there are several")
            }
            EvalErrorKind::WrongType {
                of,
                expected,
                found,
            } => write!(f, "{of} takes {expected}, not {found}"),
            EvalErrorKind::Argument { of, expected } => write!(f, "{of} takes {expected}"),
            EvalErrorKind::UnknownVariable(name) => {
                write!(f, "there is no variable %{name}")
            }
            EvalErrorKind::UnknownType(name) => write!(f, "unknown type {name}"),
            EvalErrorKind::UnknownMember { of, name } => {
                write!(f, "{of} has no element {name}")
            }
            EvalErrorKind::Unordered { of } => {
                write!(f, "{of} relies on the order of items that have none")
            }
            EvalErrorKind::Unit { of } => {
                write!(f, "{of} cannot be used with quantities of this unit")
            }
            EvalErrorKind::NoClock => f.write_str("the environment has no clock"),
            EvalErrorKind::Regex => {
                f.write_str("the pattern is no regular expression, or too large a one")
            }
            EvalErrorKind::Unknown { what } => write!(f, "this {what} is not known"),
            EvalErrorKind::ModifierExtension => {
                f.write_str("there is a modifier extension that is not understood")
            }
            EvalErrorKind::Unsupported { of } => write!(f, "{of} is not supported"),
            EvalErrorKind::TooManySteps => {
                f.write_str("the evaluation takes more steps than are allowed")
            }
        }
    }
}

impl std::error::Error for EvalError {}
