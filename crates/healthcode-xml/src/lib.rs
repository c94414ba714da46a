//! FHIR XML: bytes into any [`Element`](healthcode_core::Element) and back. Comments, processing instructions and
//! prefixes of namespaces are lost, and nothing else.
//!
//! XML is a second syntax of the same model: [`from_slice`] returns the value and what is wrong with it, as
//! `healthcode_json::from_slice` does of JSON, and [`to_string`] writes a value that was read from either.
//!
//! ```
//! use healthcode_r4::Patient;
//!
//! let xml = r#"<Patient xmlns="http://hl7.org/fhir"><birthDate value="1980-02-29"/><gender value="female"/></Patient>"#;
//! let read = healthcode_xml::from_str::<Patient>(xml)?;
//! assert_eq!(read.issues[0].rule.id, "FHIR-XML-ORDER");
//! assert_eq!(read.issues[0].path, "Patient.gender");
//! assert_eq!(
//!     healthcode_json::to_string(&read.value),
//!     r#"{"resourceType":"Patient","gender":"female","birthDate":"1980-02-29"}"#,
//! );
//! # Ok::<(), healthcode_json::Error>(())
//! ```
//!
//! What R4 does not define (unknown elements and attributes, text between elements) is reported, kept and
//! written back to XML. JSON has no form for it: [`left_out_of_json`] lists what is left out there. The other
//! way round, [`to_string`] lists what XML has no form for.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod buffer;
pub mod either;
mod fragment;
mod layout;
mod lexical;
mod locate;
mod outline;
mod place;
mod read;
mod reader;
mod scanner;
pub mod stream;
mod write;

pub use layout::{Layout, LayoutAttribute, LayoutElement};
pub use locate::locate;
pub use outline::outline;
pub use read::{comments, from_slice, from_slice_with, from_str, is_fhir, is_xml};
pub use write::{left_out_of_json, to_string, to_string_pretty, write_element};
