//! What can go wrong: [`ParseError`] while compiling, [`EvalError`] while evaluating.

use thiserror::Error;

/// Why a text is not a FHIRPath expression, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}:{}: {}", .0.line, .0.column, .0.message)]
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

/// Why an expression has no result. Shows types and names, never values.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
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
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EvalErrorKind {
    /// One item was needed where there are several.
    #[error("invalid input of {of}: expected a single item; found several")]
    NotSingle {
        /// The function or operator that needs it.
        of: &'static str,
    },
    /// An item is of a type that the function or operator does not take.
    #[error("invalid input of {of}: expected {expected}; found {found}")]
    WrongType {
        /// The function or operator.
        of: &'static str,
        /// What it takes.
        expected: &'static str,
        /// The item's type.
        found: &'static str,
    },
    /// An argument has a value that the function does not take.
    #[error("invalid argument of {of}: expected {expected}")]
    Argument {
        /// The function.
        of: &'static str,
        /// What it takes.
        expected: &'static str,
    },
    /// A `%name` that the environment does not have.
    #[error("unknown variable %{0}")]
    UnknownVariable(Box<str>),
    /// A type that neither FHIR nor the language has.
    #[error("unknown type {0}")]
    UnknownType(Box<str>),
    /// In strict mode: a member that the type does not have.
    #[error("unknown element {name} of {of}")]
    UnknownMember {
        /// The type.
        of: &'static str,
        /// The member.
        name: Box<str>,
    },
    /// In strict mode: the order of these items is not defined.
    #[error("{of} is not allowed here: the items have no order")]
    Unordered {
        /// The function that relies on an order.
        of: &'static str,
    },
    /// A quantity's unit cannot be used here.
    #[error("{of} is not allowed here: the units of the quantities do not fit it")]
    Unit {
        /// The operator.
        of: &'static str,
    },
    /// The environment has no clock.
    #[error("missing clock: the environment has none")]
    NoClock,
    /// A regular expression is not one, or is too large; one may not look around itself.
    #[error("invalid pattern: expected a regular expression without look-around, of limited size")]
    Regex,
    /// The caller's services have no answer.
    #[error("unknown {what}")]
    Unknown {
        /// What: `profile`.
        what: &'static str,
    },
    /// There is a modifier extension that `checkModifiers()` does not allow.
    #[error("a modifier extension is not allowed here: its meaning is unknown")]
    ModifierExtension,
    /// The function is known, but not supported.
    #[error("{of} is not supported")]
    Unsupported {
        /// The function.
        of: &'static str,
    },
    /// The evaluation took more steps than the environment allows.
    #[error("the evaluation takes more steps than are allowed")]
    TooManySteps,
}
