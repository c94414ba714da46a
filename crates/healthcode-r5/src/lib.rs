//! FHIR R5 (5.0.0): every resource and data type as a plain struct.
//!
//! The types have the form of those of `healthcode-r4`, whose documentation describes it: FHIR's names, fields in
//! snake case, and what a payload held beside them in `extras`.
//!
//! ```
//! use healthcode_r5::codes::AdministrativeGender;
//! use healthcode_r5::{Attachment, Patient, Resource};
//!
//! let patient = Patient {
//!     id: "example".into(),
//!     gender: AdministrativeGender::Female.into(),
//!     birth_date: "1974-12-25".into(),
//!     ..Patient::default()
//! };
//! let resource = Resource::from(patient);
//! assert_eq!(resource.resource_type(), Some("Patient"));
//! // A number of 64 bits is a text in JSON.
//! let attachment = Attachment {
//!     size: healthcode_r5::Integer64::from(5_000_000_000).into(),
//!     ..Attachment::default()
//! };
//! let size = attachment.size.value();
//! assert_eq!(size.and_then(|size| size.to_i64()), Some(5_000_000_000));
//! ```
//!
//! - Resources, data types and the types inside them are at the root; the types of a choice element are an enum.
//! - [`Resource`] is a resource of any type, also of one that R5 does not define.
//! - [`Primitive`] holds a value ([`Date`], [`Code`], `bool`...), its id and its extensions.
//! - [`codes`] has an enumeration for the codes of each value set that R5 requires.
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
    Integer64, Markdown, Metadata, Oid, Str, Time, UnknownResource, Uri, Url, Uuid, Xhtml, list,
};

/// A FHIR primitive: a value, an id and extensions, each of which may be absent.
pub type Primitive<T> = healthcode_core::Primitive<T, Extension>;
