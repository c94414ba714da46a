//! Checks captured HTTP exchanges with Healthcode, Graphnet and NHS services.
//!
//! - [`Capture`]: the exchanges of a HAR file or of what curl printed.
//! - [`Checker`]: compares each with the table of documented calls
//!   ([`healthcode_search::ENDPOINTS`]): method, headers, parameters, status, and the bodies by the
//!   validator.
//! - [`Finding`]: what was found, by exchange and part. Findings never show what a capture holds.
//!
//! ```
//! use healthcode_exchange::{Capture, Checker};
//! let transcript = b"$ curl -i 'https://sandbox.api.service.nhs.uk/spine-directory/FHIR/R4/Device'\n\
//!     HTTP/1.1 400 Bad Request\n\nnot FHIR\n";
//! let capture = Capture::read(transcript)?;
//! let findings = Checker::default().check(&capture);
//! let found: Vec<_> = findings.iter().map(|finding| finding.issue.rule.id).collect();
//! assert_eq!(
//!     found,
//!     ["EXCHANGE-HEADER-MISSING", "QUERY-REQUIRED", "QUERY-REQUIRED", "EXCHANGE-STATUS"]
//! );
//! # Ok::<(), healthcode_exchange::CaptureError>(())
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

mod capture;
mod check;
mod har;
mod read;
pub mod rules;
mod transcript;

pub use capture::{Body, Capture, CaptureError, Exchange, Headers, Part, Request, Response};
pub use check::{Checker, Finding};
