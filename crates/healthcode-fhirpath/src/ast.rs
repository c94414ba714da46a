//! What an expression is made of.

use crate::functions::Function;
use crate::node::{ABSTRACT, PRIMITIVES, PROFILED, RESTRICTED};
use crate::quantity::Quantity;
use crate::temporal::Temporal;
use healthcode_core::Str;
use regex::Regex;
use rust_decimal::Decimal;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    Literal(Literal),
    /// `{}`
    Nothing,
    /// `$this`
    This,
    /// `$index`
    Index,
    /// `$total`
    Total,
    /// `%name`
    Variable(Box<str>),
    /// A member of what is before it, or of the focus.
    Member(Option<Box<Expr>>, Member),
    /// A function of what is before it, or of the focus.
    Call(Option<Box<Expr>>, Box<Call>),
    /// `a[0]`
    Item(Box<Expr>, Box<Expr>),
    /// `+a`
    Plus(Box<Expr>),
    /// `-a`
    Minus(Box<Expr>),
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// Operands of `and`, `or` or `|`, however many: `a or b or c` is no deeper than `a or b`.
    Chain(Operator, Vec<Expr>),
    /// `a is T`
    Is(Box<Expr>, TypeName),
    /// `a as T`
    As(Box<Expr>, TypeName),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Boolean(bool),
    Integer(i32),
    Decimal(Decimal),
    String(Str),
    Temporal(Temporal),
    Quantity(Quantity<'static>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    pub(crate) name: Box<str>,
    pub(crate) hint: Hint,
    pub(crate) at: Offset,
}

impl Member {
    pub(crate) fn new(name: impl Into<Box<str>>, at: usize) -> Self {
        Member {
            name: name.into(),
            hint: Hint::default(),
            at: Offset(u32::try_from(at).unwrap_or(u32::MAX)),
        }
    }
}

/// Where in its text a part of an expression starts. It does not count when expressions are compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offset(u32);

impl Offset {
    pub(crate) fn get(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl PartialEq for Offset {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Where the schema that was used last has a member: checked before it is used.
#[derive(Debug, Default)]
pub(crate) struct Hint(AtomicU16);

impl Hint {
    pub(crate) fn get(&self) -> usize {
        usize::from(self.0.load(Ordering::Relaxed))
    }
    pub(crate) fn set(&self, index: usize) {
        let index = u16::try_from(index).unwrap_or(u16::MAX);
        self.0.store(index, Ordering::Relaxed);
    }
}

impl Clone for Hint {
    fn clone(&self) -> Self {
        Hint::default()
    }
}

impl PartialEq for Hint {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) function: &'static Function,
    pub(crate) arguments: Vec<Expr>,
    /// The type that `is`, `as`, `ofType` and `getReferenceKey` name.
    pub(crate) type_name: Option<TypeName>,
    pub(crate) pattern: Pattern,
}

/// A regular expression that is in the expression as text, compiled on first use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pattern(pub(crate) OnceLock<Option<Regex>>);

impl PartialEq for Pattern {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A type: `Quantity`, `FHIR.Patient`, `System.String`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TypeName {
    pub(crate) namespace: Namespace,
    pub(crate) name: Box<str>,
    /// Whether every version of FHIR has it, or the language itself.
    pub(crate) built_in: bool,
}

impl TypeName {
    pub(crate) fn new(namespace: Namespace, name: impl Into<Box<str>>) -> Self {
        let name = name.into();
        TypeName {
            namespace,
            built_in: is_built_in(&name),
            name,
        }
    }

    /// Whether it can be the name of a resource or data type; those of primitives are known.
    pub(crate) fn may_be_complex(&self) -> bool {
        self.name.starts_with(|c: char| c.is_ascii_uppercase())
    }
}

/// The types of the language.
const SYSTEM: [&str; 10] = [
    "Any", "Boolean", "Integer", "Long", "Decimal", "String", "Date", "DateTime", "Time",
    "Quantity",
];

/// Whether a name is that of a type of the language, or of one that all versions of FHIR have.
fn is_built_in(name: &str) -> bool {
    let lists: [&[&str]; 5] = [&SYSTEM, &PRIMITIVES, &ABSTRACT, &RESTRICTED, &PROFILED];
    lists.iter().any(|list| list.contains(&name))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Namespace {
    Any,
    Fhir,
    System,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Multiply,
    Divide,
    Div,
    Mod,
    Add,
    Subtract,
    Concatenate,
    Union,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    Equivalent,
    NotEquivalent,
    In,
    Contains,
    And,
    Or,
    Xor,
    Implies,
}

impl Operator {
    /// Every operator, as it is written, and how tightly it binds; `is` and `as` bind by 8.
    pub(crate) const ALL: [(Operator, &'static str, u8); 22] = [
        (Operator::Multiply, "*", 10),
        (Operator::Divide, "/", 10),
        (Operator::Div, "div", 10),
        (Operator::Mod, "mod", 10),
        (Operator::Add, "+", 9),
        (Operator::Subtract, "-", 9),
        (Operator::Concatenate, "&", 9),
        (Operator::Union, "|", 7),
        (Operator::Less, "<", 6),
        (Operator::LessEqual, "<=", 6),
        (Operator::Greater, ">", 6),
        (Operator::GreaterEqual, ">=", 6),
        (Operator::Equal, "=", 5),
        (Operator::NotEqual, "!=", 5),
        (Operator::Equivalent, "~", 5),
        (Operator::NotEquivalent, "!~", 5),
        (Operator::In, "in", 4),
        (Operator::Contains, "contains", 4),
        (Operator::And, "and", 3),
        (Operator::Or, "or", 2),
        (Operator::Xor, "xor", 2),
        (Operator::Implies, "implies", 1),
    ];

    fn row(self) -> (&'static str, u8) {
        let found = Self::ALL.iter().find(|row| row.0 == self);
        found.map_or(("", 0), |row| (row.1, row.2))
    }

    pub(crate) fn symbol(self) -> &'static str {
        self.row().0
    }

    pub(crate) fn binding(self) -> u8 {
        self.row().1
    }

    pub(crate) fn of_symbol(symbol: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|row| row.1 == symbol);
        found.map(|row| row.0)
    }
}

/// How tightly `is` and `as` bind.
pub(crate) const TYPE_BINDING: u8 = 8;
/// How tightly a sign binds.
pub(crate) const SIGN_BINDING: u8 = 11;
/// How tightly members, functions and indexes bind.
pub(crate) const PATH_BINDING: u8 = 12;
