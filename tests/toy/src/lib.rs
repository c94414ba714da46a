//! A made-up FHIR version of five types, generated from `xtask/spec/toy`.
//!
//! It proves that code generation takes the version as input, and holds on a page what the real
//! versions spread over hundreds of files.

#[rustfmt::skip]
mod generated;

pub use generated::model::*;
pub use generated::{Resource, codes};

/// What the definitions say, as static tables.
pub mod schema {
    pub use crate::generated::schema::{ALL, PROFILES};
}

/// A FHIR primitive: a value, an id and extensions, each of which may be absent.
pub type Primitive<T> = healthcode_core::Primitive<T, Extension>;
