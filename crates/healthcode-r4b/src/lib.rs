//! FHIR R4B (4.3.0): every resource and data type as a plain struct.
//!
//! The types have the form of those of `healthcode-r4`, whose documentation describes it: FHIR's names, fields in
//! snake case, and what a payload held beside them in `extras`.
//!
//! ```
//! use healthcode_r4b::codes::AdministrativeGender;
//! use healthcode_r4b::{Ingredient, Patient, Resource};
//!
//! let patient = Patient {
//!     id: "example".into(),
//!     gender: AdministrativeGender::Female.into(),
//!     birth_date: "1974-12-25".into(),
//!     ..Patient::default()
//! };
//! let resource = Resource::from(patient);
//! assert_eq!(resource.resource_type(), Some("Patient"));
//! // R4 does not define this resource.
//! let resource = Resource::from(Ingredient::default());
//! assert_eq!(resource.resource_type(), Some("Ingredient"));
//! ```
//!
//! - Resources, data types and the types inside them are at the root; the types of a choice element are an enum.
//! - [`Resource`] is a resource of any type, also of one that R4B does not define.
//! - [`Primitive`] holds a value ([`Date`], [`Code`], `bool`...), its id and its extensions.
//! - [`codes`] has an enumeration for the codes of each value set that R4B requires.
//! - [`schema`] finds the static table of a type: cardinalities, types, bindings, invariants.
//!
//! Programs that handle several releases read them without structs, by name, which costs no compile time:
//! `healthcode-releases`. Its tables also have the codes that validation needs.
//!
//! # Features
//!
//! - `serde` (default): `Serialize` and `Deserialize` for all types, through `healthcode-json`.
//! - `chrono` (default): dates and times into and out of the types of the crate `chrono`.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[rustfmt::skip]
mod generated;
pub mod schema;

pub use generated::model::*;
pub use generated::{Resource, codes};
pub use healthcode_core::{
    Base64Binary, Boxed, Canonical, Code, CodeEnum, Date, DateTime, Decimal, Extras, Id, Instant,
    Markdown, Metadata, Oid, Str, Time, UnknownResource, Uri, Url, Uuid, Xhtml, list,
};

/// A FHIR primitive: a value, an id and extensions, each of which may be absent.
pub type Primitive<T> = healthcode_core::Primitive<T, Extension>;
