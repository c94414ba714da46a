//! The vocabulary that every FHIR version shares.
//!
//! This crate defines what a primitive, an element, a schema, a path and an issue are; it has no
//! FHIR version and no wire format. Model crates such as `healthcode-r4` implement [`Element`] for
//! their types with one generated line per field; readers, writers and validators are written
//! once, against that trait.
//!
//! - [`Str`], [`List`] and [`Boxed`]: compact storage behind plain-looking types.
//! - [`Primitive`]: a FHIR primitive with its id and extensions; [`Date`], [`Decimal`], [`Code`]
//!   and the other text-backed values keep exactly what was written.
//! - [`Element`], [`Slot`], [`Fields`]: how generic code fills and walks a value.
//! - [`Extras`]: what a payload held that its element has no place for.
//! - [`Schema`]: cardinality, types, bindings and invariants as static tables.
//! - [`Path`], [`Issue`], [`Rule`]: where something is wrong, and what; [`Checked`]: a value with its
//!   issues; [`Fix`]: how an issue can be corrected.
//! - [`ReadOptions`]: what readers of all formats take.
//!
//! Values hold what was written, and are read on request:
//!
//! ```
//! use healthcode_core::{Date, Decimal};
//!
//! let dose = Decimal::from("1.50");
//! assert_eq!(dose.as_str(), "1.50");
//! assert!(dose.check().is_ok());
//!
//! let date = Date::from("1977-02-30");
//! assert!(date.check().is_err());
//! assert_eq!(date, "1977-02-30");
//! ```
//!
//! # Features
//!
//! - `chrono` (default): dates, times and instants into and out of the types of the crate `chrono`.
//! - `serde`: `Serialize` and `Deserialize` for primitives, their values, lists and enumerations of codes.
//!
//! # serde
//!
//! A [`Primitive`] by itself is written as its value, or as null. Its id and extensions are members of
//! the object around it in FHIR's JSON, so they are written with an element, and not with the primitive
//! alone. A value of the wrong JSON type is kept, as in elements. Values such as [`Date`] are strings, and
//! a [`Decimal`] is a number with the digits that were written where the format is JSON text of
//! `serde_json`; in other formats, and in `serde_json::Value`, it is the nearest number. A [`Decimal`] by
//! itself is read from a string, too.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod boxed;
mod buffer;
mod checked;
mod codes;
mod copy;
pub mod credentials;
mod debug;
mod debug_only;
mod element;
mod extras;
mod fields;
mod fix;
mod issue;
mod issues;
#[doc(hidden)]
pub mod json;
pub mod lexical;
mod list;
mod metadata;
mod model;
mod nearest;
mod order;
mod outlined;
mod path;
mod primitive;
mod read_options;
mod release;
pub mod rules;
mod same;
mod scalar;
#[doc(hidden)]
pub mod scan;
mod schema;
#[cfg(feature = "serde")]
#[doc(hidden)]
pub mod serde;
mod shown;
#[doc(hidden)]
pub mod source;
#[doc(hidden)]
pub mod stage;
mod temporal;
mod text;
mod unknown;
mod untyped;

pub use boxed::Boxed;
pub use checked::Checked;
pub use codes::CodeEnum;
pub use copy::{clone_element, copy_element};
pub use debug::debug_element;
pub use element::{
    AnyPrimitive, Element, ElementList, PrimitiveList, ResourceSlot, ResourceType, Root, RootSlot,
    Slot,
};
pub use extras::{Extra, ExtraKind, Extras, XmlExtra};
pub use fields::{ElementItems, FieldRef, Fields, PrimitiveItems, ValueRef};
pub use fix::{Applicability, Edit, Fix};
pub use issue::{Constraint, Detail, Excerpt, Issue, Position, Rule, RuleDefault, Severity};
pub use issues::Issues;
pub use list::List;
pub use metadata::{Extensible, Metadata};
pub use nearest::nearest;
pub use path::{Path, Step, push_member, push_number, push_token};
pub use primitive::Primitive;
pub use read_options::ReadOptions;
pub use release::{CodeList, Release, Released, ValueSetCodes};
pub use same::same_element;
pub use scalar::{
    Base64Binary, Canonical, Code, Date, DateTime, Decimal, Id, Instant, Integer64, Markdown, Oid,
    Scalar, Text, Time, Uri, Url, Uuid, Xhtml,
};
pub use schema::{
    Binding, BindingStrength, Field, Invariant, PrimitiveKind, Schema, SchemaKind, Type, UNBOUNDED,
};
pub use shown::{is_plain_name, is_steering, printable, printable_json};
pub use temporal::{DateParts, TemporalError, days_in_month};
pub use text::Str;
pub use unknown::UnknownResource;
pub use untyped::{Untyped, UntypedEntry, UntypedResource};

/// Support for generated code; not part of the public API.
#[doc(hidden)]
pub mod generated {
    pub use crate::codes::{CodeSlot, unrecognized};
    pub use crate::debug::debug_fields;
    pub use crate::element::support::*;
    pub use crate::same::same_fields;
}
