//! FHIRPath over any FHIR element: compiled once, evaluated many times.
//!
//! The language is FHIRPath N1 (<http://hl7.org/fhirpath/N1/>) with what FHIR R4 adds to it
//! (<https://hl7.org/fhir/R4/fhirpath.html>), and those later functions that HL7's suite of cases
//! uses. It is of no version of FHIR: types, elements and choices come from the schema of the value.
//!
//! ```
//! use healthcode_fhirpath::{Environment, Expression};
//! use healthcode_r4::{HumanName, Patient, list};
//!
//! let official = Expression::compile("name.where(use = 'official').given.first()")?;
//! let patient = Patient {
//!     name: list![HumanName {
//!         use_: "official".into(),
//!         given: list!["Peter".into(), "James".into()],
//!         ..HumanName::default()
//!     }],
//!     ..Patient::default()
//! };
//! let found = official.evaluate(&Environment::new(&patient))?;
//! assert_eq!(found.single().and_then(|item| item.text()), Some("Peter"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`Expression`]: compiled text; errors say where it is wrong.
//! - [`Environment`]: the focus, `%resource` and other variables, the clock, and the caller's
//!   [`Services`] for `resolve()`, `memberOf()` and their like. An invariant is evaluated at any
//!   [`Node`] of a resource.
//! - [`Terminology`]: what value sets and code systems decide, for callers that answer from them.
//! - [`Collection`] of [`Item`]s: what comes out. Items borrow from the value; [`Places`] says
//!   where in the value they are.
//!
//! - [`Analysis`]: what expressions can give and what they read, worked out from schemas alone.
//!
//! What is decided where the specifications leave room:
//!
//! - `as` and `ofType()` take primitives of the very type alone: a `code` is a `string` for `is`,
//!   not for them. `as` takes a single item, unless [`Environment::casts_filter`] says otherwise.
//! - A date-time with a zone and one without are neither equal nor in order: the result is empty.
//! - Parts of a second are added to what has parts of a second; whole seconds stay whole, unless
//!   milliseconds are added.
//! - `sort()` puts what has no key first, also in descending order.
//! - `matches()` finds the pattern anywhere in the text; `matchesFull()` does not.
//! - A member that a type does not have is empty, or an error where the environment is strict.
//! - Overflow of numbers is empty. Decimals have 28 digits.
//! - Children come in the order of the definition.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod ast;
mod call;
mod convert;
mod environment;
mod equal;
mod error;
mod eval;
mod expression;
mod fhir;
mod functions;
mod homes;
mod infer;
mod item;
mod lexer;
mod math;
mod navigate;
mod node;
mod operators;
mod parser;
mod places;
mod print;
mod quantity;
mod steps;
mod strings;
mod temporal;
mod terminology;
mod text;
mod types;
mod ucum;

pub use environment::{
    BYTES_PER_STEP, DEFAULT_MAX_STEPS, Environment, NoServices, Resolved, Services,
};
pub use error::{EvalError, EvalErrorKind, ParseError};
pub use expression::Expression;
pub use infer::{Analysis, Inferred, StaticFinding, StaticType};
pub use item::{Collection, IntoIter, Item};
pub use node::Node;
pub use places::Places;
pub use quantity::{Quantity, Unit};
pub use rust_decimal::Decimal;
pub use steps::PathStep;
pub use temporal::{Calendar, Precision, Temporal, TemporalKind};
pub use terminology::Terminology;
pub use text::Text;

/// The names of all functions, for documentation and completion.
pub fn function_names() -> impl Iterator<Item = &'static str> {
    functions::FUNCTIONS.iter().map(|function| function.name)
}
