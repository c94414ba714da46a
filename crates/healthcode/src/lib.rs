#![doc = include_str!("../../../README.md")]
#![cfg_attr(
    feature = "transport",
    doc = "\n# Calls\n\n[`transport`] sends queries: [Call Healthcode in 30 lines](transport::guide)."
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use healthcode_core::{Issue, List, Position, Primitive as AnyPrimitive, Rule, Severity, list};
#[cfg(feature = "evaluate")]
pub use healthcode_evaluate as evaluate;
#[cfg(feature = "exchange")]
pub use healthcode_exchange as exchange;
#[cfg(feature = "extensions")]
pub use healthcode_extensions as extensions;
#[cfg(feature = "fhirpath")]
pub use healthcode_fhirpath as fhirpath;
pub use healthcode_json::{
    Error, Read, ReadOptions, from_slice, from_str, issues_of, stream, to_string, to_string_pretty,
    to_vec,
};
pub use healthcode_r4::{self as r4, Resource};
#[cfg(feature = "search")]
pub use healthcode_search as search;
#[cfg(feature = "transport")]
pub use healthcode_transport as transport;
pub use healthcode_uk as uk;
#[cfg(feature = "validate")]
pub use healthcode_validate::{self as validate, Policy, Report, Validator};
