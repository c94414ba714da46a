//! Corrects FHIR payloads in JSON and XML: text edits for the issues of validation.
//!
//! - [`fixes`]: for each issue of a text the [`Fix`] that corrects it, if one is known. It is computed from the text
//!   and the issue, so that validation itself pays nothing for it.
//! - [`verified`]: the same, without those that would introduce an error.
//! - [`apply`]: the text with the edits of fixes.
//! - [`correct`]: the text after all fixes have been applied, round after round, as long as they help.
//!
//! A fix is [safe](Applicability::Safe) where the meaning of the payload is certain, and
//! [unsafe](Applicability::Unsafe) where a person has to confirm it. All bytes outside the edits stay as they are:
//! byte order marks, line endings, indentation, the order of members.
//!
//! ```
//! use healthcode_fix::{Applicability, correct};
//! use healthcode_validate::{Policy, Validator};
//!
//! let validator = Validator::new(Policy::R4);
//! let json = br#"{"resourceType": "Patient", "active": "true", "birthDate": "1974-1-5"}"#;
//! let corrected = correct(json, Applicability::Safe, &|text| validator.check(text, None).ok());
//! assert_eq!(
//!     corrected.text,
//!     br#"{"resourceType": "Patient", "active": true, "birthDate": "1974-01-05"}"#,
//! );
//! assert_eq!(corrected.fixed, 2);
//! assert!(corrected.issues.is_empty());
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

mod apply;
mod change;
mod date;
mod find;
mod json;
mod round;
mod source;
mod structure;
mod value;
mod xml;

pub use apply::{apply, compatible};
pub use find::{fixes, is_fixable};
pub use healthcode_core::{Applicability, Edit, Fix};
pub use round::{Check, Corrected, correct, correct_wanted, verified, verified_wanted};
