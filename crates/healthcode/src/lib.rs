#![doc = include_str!("../../../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use healthcode_core::{Issue, List, Position, Primitive as AnyPrimitive, Rule, Severity, list};
#[cfg(feature = "extensions")]
pub use healthcode_extensions as extensions;
pub use healthcode_json::{
    Error, Read, ReadOptions, from_slice, from_str, issues_of, stream, to_string, to_string_pretty,
    to_vec,
};
pub use healthcode_r4::{self as r4, Resource};
#[cfg(feature = "search")]
pub use healthcode_search as search;
pub use healthcode_uk as uk;
#[cfg(feature = "validate")]
pub use healthcode_validate::{self as validate, Policy, Report, Validator};
