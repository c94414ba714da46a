//! Validates FHIR R4: what is wrong with a payload, where, by which rule, and how to correct it.
//!
//! - [`Validator`]: validates values and payloads as bytes.
//! - [`Validator::stream`]: validates a Bundle, NDJSON or a document of any size from a reader.
//! - [`Checked`](healthcode_core::Checked), [`Report`] and [`Issue`](healthcode_core::Issue): what was found,
//!   as plain data.
//! - [`rules`](rules()): the registry. Every rule has a stable id, a severity, FHIR's issue type
//!   and help.
//! - [`Filter`]: which issues are of interest, by rule and place, and how grave they are taken.
//! - [`render`]: reports for people and for programs. Messages never show what a payload holds.
//! - [`ProfileSet`]: StructureDefinitions that resources are checked against.
//!
//! Checked are the shape of the JSON, cardinalities, the forms of primitives, the invariants of the
//! definitions, codes, extensions, narratives, references, Bundles as a whole, and profiles.
//!
//! ```
//! use healthcode_r4::Patient;
//! use healthcode_validate::{Policy, Validator};
//!
//! let json = br#"{"resourceType": "Patient", "birthDate": "09.05.1977"}"#;
//! let checked = Validator::new(Policy::R4).read::<Patient>(json)?;
//! let issue = &checked.issues[0];
//! assert_eq!(issue.rule.id, "R4-DATE");
//! assert_eq!(issue.path, "Patient.birthDate");
//! assert_eq!(issue.position.unwrap().column, 42);
//! // What was written is still there.
//! assert_eq!(checked.value.birth_date, "09.05.1977");
//!
//! // Healthcode documents such dates of its own services.
//! let checked = Validator::new(Policy::Healthcode).read::<Patient>(json)?;
//! assert!(checked.is_valid());
//! assert_eq!(checked.issues[0].rule.id, "HC-DOTTED-DATE");
//! # Ok::<(), healthcode_json::Error>(())
//! ```
//!
//! # Features
//!
//! - `healthcode` (default): Healthcode's own extensions are known where the policy is
//!   [`Policy::Healthcode`].
#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod binding;
mod budget;
mod bundle;
mod detect;
mod element;
mod extension;
pub mod facts;
mod field;
mod filter;
mod generated;
mod ids;
pub mod invariant;
pub mod narrative;
mod payload;
mod place;
mod plan;
mod policy;
mod profile;
mod reference;
pub mod registry;
mod remembered;
pub mod render;
mod requested;
mod rule_set;
mod rules;
mod secret;
mod stream;
mod uri;
mod validator;
mod value;
mod version;
mod versions;
mod walk;

pub use filter::{Filter, FilterError, Selector, index_free};
pub use policy::Policy;
pub use profile::{DefinitionKind, Definitions, ProfileSet};
pub use rules::{UnknownName, rule, rules};
pub use stream::{Part, ResourceText, Stream, StreamSummary, for_each_group};
pub use validator::{Report, Validator};
pub use versions::{FhirVersion, Supported};
