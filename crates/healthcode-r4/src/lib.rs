//! FHIR R4 (4.0.1): every resource and data type as a plain struct.
//!
//! Types have FHIR's names, fields are in snake case, and everything can be left out:
//!
//! ```
//! use healthcode_r4::codes::AdministrativeGender;
//! use healthcode_r4::{HumanName, Patient, Resource, list};
//!
//! let patient = Patient {
//!     id: "example".into(),
//!     name: list![HumanName {
//!         family: "Chalmers".into(),
//!         given: list!["Peter".into(), "James".into()],
//!         ..HumanName::default()
//!     }],
//!     gender: AdministrativeGender::Male.into(),
//!     birth_date: "1974-12-25".into(),
//!     deceased: Some(false.into()),
//!     ..Patient::default()
//! };
//! assert_eq!(patient.name[0].given[1], "James");
//! assert!(patient.birth_date.value().is_some_and(|date| date.check().is_ok()));
//!
//! let resource = Resource::from(patient);
//! assert_eq!(resource.resource_type(), Some("Patient"));
//! assert_eq!(resource.id(), Some("example"));
//! assert!(resource.get::<Patient>().is_some());
//! ```
//!
//! - Resources, data types and the types inside them are at the root: [`Patient`], [`HumanName`],
//!   [`PatientContact`]. The types of a choice element are an enum: [`ObservationValue`].
//! - [`Resource`] is a resource of any type, also of one that R4 does not define.
//! - [`Primitive`] holds a value ([`Date`], [`Code`], `bool`...), its id and its extensions.
//! - [`codes`] has an enumeration for the codes of each value set that R4 requires.
//! - [`schema`] finds the static table of a type: cardinalities, types, bindings, invariants.
//!
//! # Features
//!
//! - `serde` (default): `Serialize` and `Deserialize` for all types, through `healthcode-json`. A primitive by
//!   itself is its value; its id and extensions are written as part of an element.
//! - `chrono` (default): dates and times into and out of the types of the crate `chrono`.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[rustfmt::skip]
mod generated;
mod ext;
pub mod schema;

pub use ext::{ExtensionSlice, IdentifierSlice, ReferenceTarget};
pub use generated::model::*;
pub use generated::{Resource, codes};
pub use healthcode_core::{
    Base64Binary, Boxed, Canonical, Code, CodeEnum, Date, DateTime, Decimal, Extras, Id, Instant,
    Markdown, Metadata, Oid, Str, Time, UnknownResource, Uri, Url, Uuid, Xhtml, list,
};

/// A FHIR primitive: a value, an id and extensions, each of which may be absent.
pub type Primitive<T> = healthcode_core::Primitive<T, Extension>;
