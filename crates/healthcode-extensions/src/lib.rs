//! Healthcode's extensions and quirks as typed values, decoded and encoded back without loss.
#[cfg(feature = "serde")]
pub mod adapters;
pub mod codes;
mod dates;
pub mod ids;
mod outcome;
mod paging;
mod photo;
pub mod rules;
mod telecom;
mod view;
mod views;

/// What the urls of Healthcode's extensions begin with.
pub const EXTENSION_BASE: &str = "https://ref.api.healthcode.co.uk/extension/";

#[cfg(feature = "chrono")]
pub use dates::SINCE_DAYS;
pub use dates::{DateForm, DateOrder, ServiceDate, ServiceDateTime};
pub use outcome::{ErrorCode, ErrorResponse, check_status, error_codes, is_failure};
pub use paging::{AllTag, Paging};
pub use photo::{Base64Layers, PHOTO_CONTENT_TYPE, Photo, SizeLevel};
pub use telecom::{TelecomSlice, telecom_system};
pub use view::{Carrier, Coded, DecodeOptions, Decoded, ExtensionView, Item, Unrecognised};
pub use views::{
    BundleEntryExtensions, InsurerRecognition, OrganizationExtensions, PatientExtensions,
    PractitionerExtensions, PractitionerRoleExtensions, ProfessionGroup, Registration,
};
