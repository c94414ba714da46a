//! Healthcode's extensions and quirks as typed values, decoded and encoded back without loss.
//!
//! The services of [Healthcode](https://www.healthcode.co.uk) say what matters in extensions, tags
//! and ids that generic FHIR code passes over. This crate defines types for them. Nothing fails for a
//! payload that departs from the documentation: what is wrong is an issue with a path, what is not
//! understood is kept, and encoding restores everything.
//!
//! ```
//! use healthcode_extensions::{HasExtensions, codes::Insurer};
//! use healthcode_r4::Practitioner;
//!
//! let json = br#"{"resourceType": "Practitioner", "extension": [{
//!     "url": "https://ref.api.healthcode.co.uk/extension/insurers",
//!     "extension": [
//!         {"url": "https://ref.api.healthcode.co.uk/extension/insurer", "valueCodeableConcept": {
//!             "coding": [{"system": "https://ref.api.healthcode.co.uk/insurer", "code": "nuh"}]}},
//!         {"url": "https://ref.api.healthcode.co.uk/extension/recognitionstatus", "valueString": "?"}
//!     ]}]}"#;
//! let mut practitioner: Practitioner = healthcode_json::from_slice(json)?.value;
//! let decoded = practitioner.decode_extensions();
//! assert_eq!(decoded.value.insurers[0].insurer.as_ref().unwrap().code, Insurer::Aviva);
//!
//! // What is wrong has a rule and a place; it is kept.
//! let issue = &decoded.issues[0];
//! assert_eq!(issue.rule.id, "HC-EXTENSION-VALUE");
//! assert_eq!(issue.path, "Practitioner.extension[0].extension[1].value");
//! let before = practitioner.clone();
//! practitioner.encode_extensions(&decoded.value);
//! assert_eq!(practitioner, before);
//! # Ok::<(), healthcode_json::Error>(())
//! ```
//!
//! - [`HasExtensions`]: decoding the extensions of a [`Practitioner`](PractitionerExtensions),
//!   [`PractitionerRole`](PractitionerRoleExtensions), [`Organization`](OrganizationExtensions),
//!   [`Patient`](PatientExtensions) or [`Bundle.entry`](BundleEntryExtensions).
//! - [`Paging`]: which page of a list a Bundle is, and which is next.
//! - [`Photo`]: a practitioner's photo, whatever was done to it.
//! - [`telecom_system`]: phone numbers and addresses whose `system` is missing.
//! - [`ErrorCode`], [`SpineCode`], [`ErrorResponse`], [`Verdict`]: what the services say of errors.
//! - [`ServiceDate`], [`ServiceDateTime`]: dates with dots, times without an offset. **That the day
//!   comes first is an assumption**; [`DateOrder`] changes it.
//! - [`codes`]: the code systems; [`ids`]: identifiers; [`rules`]: what issues can be.
//! - [`adapters`] (feature `serde`): the same for one's own types.
//!
//! # Features
//!
//! - `chrono` (default): service dates and times into the types of the crate `chrono`.
//! - `serde` (default): [`adapters`], and reading the bodies of errors.
//!
//! # What it does not
//!
//! It does not validate FHIR (`healthcode-validate` does), looks no code up, and has only what the
//! public documentation shows: all codes and tables are open.
//!
//! # A tool in under 40 lines
//!
//! `examples/recognised.rs` lists the practitioners that an insurer recognises, from a captured
//! Bundle. On the documented one it prints `984572186 Mr Warren Clinton (Surgeon)`.
//!
//! ```no_run
#![doc = include_str!("../examples/recognised.rs")]
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "serde")]
pub mod adapters;
pub mod codes;
mod dates;
pub mod ids;
mod outcome;
mod paging;
mod photo;
pub mod rules;
mod spine;
mod telecom;
mod view;
mod views;

/// What the urls of Healthcode's extensions begin with.
pub const EXTENSION_BASE: &str = "https://ref.api.healthcode.co.uk/extension/";

#[cfg(feature = "chrono")]
pub use dates::SINCE_DAYS;
pub use dates::{DateForm, DateOrder, ServiceDate, ServiceDateTime};
pub use outcome::{ErrorCode, ErrorResponse, Verdict, check_status, error_codes, is_failure};
pub use paging::{AllTag, Paging};
pub use photo::{Base64Layers, PHOTO_CONTENT_TYPE, Photo, SizeLevel};
pub use spine::SpineCode;
pub use telecom::{TelecomSlice, telecom_system};
pub use view::{Coded, DecodeOptions, ExtensionView, HasExtensions, Item, Unrecognised};
pub use views::{
    BundleEntryExtensions, InsurerRecognition, OrganizationExtensions, PatientExtensions,
    PractitionerExtensions, PractitionerRoleExtensions, ProfessionGroup, Registration, documented,
    is_documented,
};
