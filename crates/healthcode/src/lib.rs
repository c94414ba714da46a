//! FHIR R4 in Rust: every resource as a plain struct, JSON and XML that lose nothing, and a validator that
//! says what is wrong and where.
//!
//! - **Typed.** [`r4`] has a struct for each resource and data type, an enum for each choice and each
//!   required code, and [`Resource`] for any of them. Fields are public; nothing needs a builder.
//! - **Lossless.** What R4 does not define or a payload gets wrong is kept, reported with its place, and
//!   written back. Decimals keep their digits.
//! - **Strict on request.** [`Validator`] checks structure, R4's invariants, codes, references, Bundles,
//!   extensions and profiles. Each issue has a rule, a FHIRPath, a JSON pointer, a line and a column.
//! - **Made for real services.** Under [`Policy::Healthcode`], what
//!   [Healthcode](https://www.healthcode.co.uk) documents of its own payloads is a note, not an error.
//!   Queries and calls follow the documentation of Healthcode, the NHS and Graphnet.
//!
//! This crate re-exports the libraries of the project. The command `healthcode` does the same work on files.
//!
//! # Recipes
//!
//! ## Read and edit a resource
//!
//! [`from_slice`] returns the value and what is wrong with the text. Only text that is not JSON, or that is
//! another resource than the one requested, is an error.
//!
//! ```
//! use healthcode::r4::{Observation, ObservationValue};
//!
//! let json = br#"{
//!     "resourceType": "Observation",
//!     "status": "preliminary",
//!     "code": {"text": "Body weight"},
//!     "valueQuantity": {"value": 72.50, "unit": "kg"},
//!     "mood": "good"
//! }"#;
//! let read = healthcode::from_slice::<Observation>(json)?;
//!
//! // What R4 does not define is reported with its place ...
//! let issue = &read.issues[0];
//! assert_eq!(issue.rule.id, "FHIR-UNKNOWN-MEMBER");
//! assert_eq!(issue.path, "Observation.mood");
//! assert_eq!(issue.position.unwrap().to_string(), "6:5"); // line and column
//!
//! // ... choices are enums, and decimals keep their digits ...
//! let mut observation = read.value;
//! let Some(ObservationValue::Quantity(weight)) = &observation.value else { panic!() };
//! assert_eq!(weight.value.as_str(), Some("72.50"));
//!
//! // ... and an edited resource is written with all that was not understood.
//! observation.status.set("final");
//! let text = healthcode::to_string(&observation);
//! assert!(text.starts_with(r#"{"resourceType":"Observation","status":"final""#));
//! assert!(text.ends_with(r#""mood":"good"}"#));
//! # Ok::<(), healthcode::Error>(())
//! ```
//!
//! ## Validate a payload
//!
//! [`Validator::read`] reads and validates in one call. [`Resource`] takes whatever type the payload has.
//!
//! ```
//! # #[cfg(feature = "validate")] {
//! use healthcode::{Policy, Resource, Validator};
//!
//! let json = br#"{"resourceType": "Patient", "birthDate": "09.05.1977"}"#;
//! let checked = Validator::new(Policy::R4).read::<Resource>(json)?;
//! assert!(!checked.is_valid());
//! assert_eq!(checked.issues[0].rule.id, "R4-DATE");
//! assert_eq!(checked.issues[0].path, "Patient.birthDate");
//! assert_eq!(checked.value.resource_type(), Some("Patient"));
//!
//! // Healthcode documents such dates; under its policy they are a note.
//! let checked = Validator::new(Policy::Healthcode).read::<Resource>(json)?;
//! assert!(checked.is_valid());
//! # }
//! # Ok::<(), healthcode::Error>(())
//! ```
//!
//! An [`Issue`] has a `rule` with its `id`, `title` and `help`, a `severity` (with
//! [`is_error()`](Severity::is_error)), a FHIRPath `path`, a JSON `pointer`, and a `position` with `line` and
//! `column` where the text is known. It displays as a message without values of the payload.
//!
//! [`Validator::without`] and [`Validator::with`] switch rules off and on,
//! [`Validator::profiles`] adds profiles (those of FHIR packages with `healthcode-package`), and
//! [`validate::render`] prints reports as text, JSON, SARIF, JUnit XML or HTML.
//!
//! ## Stream a Bundle or NDJSON
//!
//! [`Validator::stream`] takes any [`std::io::Read`] and recognises a Bundle, NDJSON or a single resource, in
//! JSON or XML. It reads an entry or a line at a time, so that memory does not grow with the text. Paths and
//! positions are those of the whole text.
//!
//! ```
//! # #[cfg(feature = "validate")] {
//! use healthcode::{Policy, Validator};
//!
//! let file = &br#"{
//!     "resourceType": "Bundle",
//!     "type": "collection",
//!     "entry": [{
//!         "fullUrl": "urn:uuid:04121321-4af5-424c-a0e1-ed3aab1c349d",
//!         "resource": {"resourceType": "Patient", "birthDate": "2020-02-30"}
//!     }]
//! }"#[..]; // or File::open("bundle.json")?
//!
//! let validator = Validator::new(Policy::R4);
//! let mut lines = Vec::new();
//! let summary = validator.stream(file).threads(2).for_each(|part| {
//!     for issue in &part.issues {
//!         let line = issue.position.map_or(0, |position| position.line);
//!         lines.push(format!("{} {} line {line}", issue.rule.id, issue.path));
//!     }
//!     Ok(())
//! })?;
//! assert_eq!(lines[0], "R4-NO-SUCH-DAY Bundle.entry[0].resource.birthDate line 6");
//! assert_eq!(summary.resources, 1);
//! # }
//! # Ok::<(), healthcode::Error>(())
//! ```
//!
//! The closure is called with each [`validate::Part`] (an entry, a line, a document, or the Bundle as a
//! whole) in the order of the text. If it returns an error, validation ends with that error. The example
//! `stream` of this crate is a whole program. To read entries as values, without validation, use
//! [`stream::BundleReader`] and [`stream::NdjsonReader`].
//!
//! ## Build a search query
//!
//! A query is checked before it is sent: names, modifiers and values against R4's search parameters or an
//! endpoint's documentation. It is written in the dialect of the service.
//!
//! ```
//! # #[cfg(feature = "search")] {
//! use healthcode::search::{Captured, Near, Order, PractitionerRoleSearch, Query, Scope};
//!
//! let query = PractitionerRoleSearch::new()
//!     .near(Near::from_text("53.385225, -2.231105, 200mi")?)
//!     .sort(("distance", Order::Descending))
//!     .build()?;
//! assert_eq!(
//!     query.encode()?.as_str(),
//!     "near=53.385225:-2.231105:200:mi&_sort=distance:desc",
//! );
//!
//! // Any search of R4.
//! let mut query = Query::new(Scope::resource("Patient")?);
//! let error = query.set("birthdat", "ge1977").unwrap_err();
//! assert!(error.issues()[0].message().ends_with("did you mean birthdate?"));
//!
//! // A captured query, with its mistakes named.
//! let captured = Captured::parse("{search_practitioner_endpoint}?given=Warren\nfamily=Clinton", None)?;
//! assert_eq!(captured.issues[0].rule.id, "SLIP-AMPERSAND");
//! # }
//! # Ok::<(), healthcode::Error>(())
//! ```
//!
//! ## Decode Healthcode's extensions
//!
//! Views of [`extensions`] are plain structs. Encoding a view that was decoded restores the same extensions.
//!
//! ```
//! # #[cfg(feature = "extensions")] {
//! use healthcode::extensions::{HasExtensions, Coded, InsurerRecognition, codes::Insurer};
//! use healthcode::r4::Practitioner;
//!
//! let json = br#"{"resourceType": "Practitioner", "extension": [{
//!     "url": "https://ref.api.healthcode.co.uk/extension/insurers",
//!     "extension": [{
//!         "url": "https://ref.api.healthcode.co.uk/extension/insurer",
//!         "valueCodeableConcept": {"coding": [
//!             {"system": "https://ref.api.healthcode.co.uk/insurer", "code": "nuh", "display": "Aviva"}
//!         ]}
//!     }, {
//!         "url": "https://ref.api.healthcode.co.uk/extension/recognitionstatus",
//!         "valueCodeableConcept": {"coding": [
//!             {"system": "https://ref.api.healthcode.co.uk/recognitionstatus", "code": "Y", "display": "Recognised"}
//!         ]}
//!     }]
//! }]}"#;
//! let mut practitioner: Practitioner = healthcode::from_slice(json)?.value;
//! let mut view = practitioner.decode_extensions().value;
//! assert!(view.is_recognised_by(&Insurer::Aviva));
//!
//! let mut wpa = InsurerRecognition::default();
//! wpa.insurer = Some(Coded::new(Insurer::Wpa).into());
//! view.insurers.push(wpa.into());
//! practitioner.encode_extensions(&view);
//! assert!(healthcode::to_string(&practitioner).contains("wpa"));
//! # }
//! # Ok::<(), healthcode::Error>(())
//! ```
//!
//! ## And also
//!
//! Identifiers of the UK are strict to make, lenient to read, and masked in `Debug`; models work with
//! serde in both directions.
//!
//! ```
//! use healthcode::r4::{HumanName, Patient};
//! use healthcode::uk::{NhsNumber, UkIdentifiers};
//!
//! let mut patient = Patient {
//!     name: healthcode::list![HumanName { family: "Clinton".into(), ..Default::default() }],
//!     birth_date: "1977-05-09".into(),
//!     ..Default::default()
//! };
//! patient.identifier.push(NhsNumber::parse("9000000009")?.to_identifier());
//! assert_eq!(patient.nhs_number().unwrap().value.result()?.expose(), "9000000009");
//!
//! let text = serde_json::to_string(&patient)?;
//! assert_eq!(serde_json::from_str::<Patient>(&text)?, patient);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Errors
//!
//! Each crate has its own error, with most details. All of them turn into [`Error`], so that
//! a program needs one type for `?`, with [`is_syntax()`](Error::is_syntax), [`is_io()`](Error::is_io) and so
//! on, or [`get`](Error::get) the error of the crate.
//!
//! # Features
//!
//! | feature | what it adds | default |
//! |---|---|---|
//! | `validate` | `Validator` and the module `validate` | yes |
//! | `extensions` | the module `extensions`: Healthcode's extensions as typed views | yes |
//! | `search` | the module `search`: queries, endpoints, captured queries | yes |
//! | `evaluate` | the module `evaluate`: queries run on parsed Bundles | no |
//! | `exchange` | the module `exchange`: captured HTTP exchanges against the table of endpoints | no |
//! | `fhirpath` | the module `fhirpath`: FHIRPath over any element | no |
//! | `transport` | the module `transport`: requests and answers, without I/O | no |
//! | `reqwest`, `tower` | calls over reqwest and rustls, or over any tower service; imply `transport` | no |
//! | `ring` | signed client assertions of the NHS; implies `transport` | no |
//! | `xml` | the module `xml`: FHIR XML, and one function that reads JSON or XML | no |
//!
//! # Map of crates
//!
//! Each module of this crate is a crate of its own, and can be used without the others.
//!
//! | crate | here | what |
//! |---|---|---|
//! | `healthcode-core` | the root | issues, rules, primitives, lists: what all FHIR versions share |
//! | `healthcode-json` | the root, [`json`], [`stream`] | bytes into values and back, positions, streams |
//! | `healthcode-xml` | `xml` | FHIR XML into the same values and back |
//! | `healthcode-r4` | [`r4`] | all of R4 as types |
//! | `healthcode-stu3`, `healthcode-r4b`, `healthcode-r5` | `stu3`, `r4b`, `r5` | the same of these releases, each behind a feature |
//! | `healthcode-uk` | [`uk`] | NHS numbers, ODS codes, registrations, postcodes |
//! | `healthcode-validate` | `validate` | rules, invariants, profiles, reports |
//! | `healthcode-extensions` | `extensions` | Healthcode's extensions, photos, paging |
//! | `healthcode-search` | `search` | queries and the table of endpoints |
//! | `healthcode-evaluate` | `evaluate` | queries over data |
//! | `healthcode-exchange` | `exchange` | HAR files and what curl printed |
//! | `healthcode-fhirpath` | `fhirpath` | the language of FHIR's constraints |
//! | `healthcode-transport` | `transport` | calls of Healthcode, the NHS and Graphnet |
//! | `healthcode-package` | not here | FHIR packages: profiles and value sets for validation, offline |
//! | `healthcode-releases` | not here | STU3, R4B and R5, as elements without structs |
//! | `healthcode-sandbox` | not here | servers on this machine that answer as documented |
//! | `healthcode-cli` | not here | the command `healthcode` |
//!
//! # Names
//!
//! Some names are those of the field in several modules. None of them is at the root twice; import the module,
//! and write its name where both are used:
//!
//! | name | in `search` | elsewhere |
//! |---|---|---|
//! | `Reference`, `Quantity`, `DateTime`, `Decimal` | a value of a query, in the form of its parameter | [`r4`]: an element or primitive, with all that a payload has. `fhirpath`: an item of an expression |
//! | `Token` | a code or identifier of a query | `transport`: what a token endpoint issued |
//! | `Position` | a place on the earth | the root: a place in a text |
//! | `Unit` | of a distance | `fhirpath`: of a quantity |
//! | `Error` | no such type: `QueryError` | the root: any error. [`json`], `transport`: those of the crate |
//!
//! # What it is not
//!
//! - Not validation of the structs of other releases: `healthcode-releases` has STU3, R4B and R5 as elements without
//!   structs, which are read, written and validated. Read as R4, their payloads keep what R4 lacks.
//! - Not for RDF: JSON and XML only.
//! - Not a terminology server: codes of SNOMED CT, LOINC and the like are not looked up. The rule
//!   `R4-BINDING-UNKNOWN`, which is off by default, reports them.
//! - Not a FHIR server: `healthcode-sandbox` is for tests on this machine.
#![cfg_attr(
    feature = "transport",
    doc = "\n# Calls\n\n[`transport`] sends queries: [Call Healthcode in 30 lines](transport::guide)."
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;

pub use error::Error;
pub use healthcode_core::{
    Checked, Issue, List, Position, Primitive as AnyPrimitive, ReadOptions, Rule, Severity, list,
};
#[cfg(feature = "evaluate")]
pub use healthcode_evaluate as evaluate;
#[cfg(feature = "exchange")]
pub use healthcode_exchange as exchange;
#[cfg(feature = "extensions")]
pub use healthcode_extensions as extensions;
#[cfg(feature = "fhirpath")]
pub use healthcode_fhirpath as fhirpath;
pub use healthcode_json::{
    self as json, from_slice, from_slice_with, from_str, from_str_with, issues_of, stream,
    to_string, to_string_pretty, to_vec,
};
pub use healthcode_r4::{self as r4, Resource};
#[cfg(feature = "r4b")]
pub use healthcode_r4b as r4b;
#[cfg(feature = "r5")]
pub use healthcode_r5 as r5;
#[cfg(feature = "search")]
pub use healthcode_search as search;
#[cfg(feature = "stu3")]
pub use healthcode_stu3 as stu3;
#[cfg(feature = "transport")]
pub use healthcode_transport as transport;
pub use healthcode_uk as uk;
#[cfg(feature = "validate")]
pub use healthcode_validate::{self as validate, Policy, Report, Validator};
#[cfg(feature = "xml")]
pub use healthcode_xml as xml;

/// The code of the repository's README, which is tested with the examples of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
