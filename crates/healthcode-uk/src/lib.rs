//! UK identifiers around Healthcode and the NHS, strict where they are made and lenient where they
//! are read.
//!
//! ```
//! use healthcode_uk::{NhsNumber, Problem};
//!
//! // Strict: the canonical text or an error that says what is wrong.
//! let number = NhsNumber::parse("9000000009")?;
//! assert_eq!(number.formatted(), "900 000 0009");
//! let error = NhsNumber::parse("9000000000").unwrap_err();
//! assert_eq!(error.problem(), Problem::CheckDigit);
//!
//! // Lenient: spaces, hyphens and case do not matter, and what was written is kept.
//! let written = NhsNumber::from_payload("900-000-0009");
//! assert_eq!(written.value(), Some(&number));
//! assert_eq!(written.as_written(), "900-000-0009");
//!
//! // Logs do not show it.
//! assert_eq!(format!("{number:?}"), "NhsNumber(***)");
//! assert_eq!(number.expose(), "9000000009");
//! # Ok::<(), healthcode_uk::IdError>(())
//! ```
//!
//! - Patients: [`NhsNumber`].
//! - Organisations and systems: [`OdsCode`], [`Asid`], [`PartyKey`], [`InteractionId`].
//! - Staff on the Spine: [`SdsUserId`], [`SdsRoleProfileId`].
//! - Registered professionals: [`GmcNumber`], [`GmpNumber`], [`NmcNumber`], [`GphcNumber`],
//!   [`HcpcNumber`].
//! - Places: [`Postcode`], [`OutwardCode`], [`PostcodePrefix`].
//! - [`IdentifierSystem`]: the systems they have in FHIR, today's and older ones; [`systems`] has
//!   the URIs as constants.
//!
//! # Features
//!
//! - `r4` (default): identifiers found on, and added to, resources of `healthcode-r4`.
#![cfg_attr(
    feature = "r4",
    doc = "- With feature `r4`: [`UkIdentifiers`] finds them on resources, `to_identifier` makes FHIR\n  identifiers, [`UkAddress`] reads an address's postcode."
)]
//!
//! # What is masked
//!
//! `Debug` shows `***` for what identifies a patient or a member of staff: the NHS number and both SDS
//! ids. A postcode may be a patient's home and a unit of it is about fifteen addresses, so that its
//! `Debug` shows the outward code only. None of these implements `Display`: `expose` and the methods
//! that are named for a form (`formatted`, `compact`) give the text. Codes of organisations and
//! systems, and the numbers of the professional bodies, whose registers are public, are shown.
//! Errors never show a value, and there is no serde support that could.
//!
//! # What it does not do
//!
//! A value that parses has the right form; that it was ever allocated only its register can say.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
mod form;
mod id;
mod nhs;
mod postcode;
mod professional;
#[cfg(feature = "r4")]
mod r4;
mod system;

pub use error::{IdError, Problem};
pub use id::{UkIdentifier, Written};
pub use nhs::{Asid, InteractionId, NhsNumber, OdsCode, PartyKey, SdsRoleProfileId, SdsUserId};
pub use postcode::{OutwardCode, Postcode, PostcodePrefix};
pub use professional::{GmcNumber, GmpNumber, GphcNumber, HcpcNumber, NmcNumber};
#[cfg(feature = "r4")]
pub use r4::{Found, UkAddress, UkIdentifiers};
pub use system::{IdentifierSystem, systems};
