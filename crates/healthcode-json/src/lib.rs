//! FHIR JSON: bytes into any [`Element`](healthcode_core::Element) and back, losing nothing.
//!
//! [`from_slice`] gives the value *and* what is wrong with it: unknown members, wrong JSON types,
//! repeated names and the like stay in the value and are written back by [`to_string`]. Only text
//! that is not JSON is an [`Error`].
//!
//! - [`ReadOptions`]: strictness, nesting and size limits, positions and excerpts.
//! - [`issues_of`]: the defects that a value carries, however it was read.
//! - [`stream`]: Bundles and NDJSON of any size, entry by entry.
//! - [`serde`]: what the `Serialize` and `Deserialize` impls of model crates call.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod cursor;
pub mod defects;
mod error;
mod expected;
mod locate;
mod read;
mod reader;
#[cfg(feature = "serde")]
pub mod serde;
pub mod stream;
mod write;

pub use defects::issues_of;
pub use error::Error;
pub use locate::locate;
pub use read::{Read, ReadOptions, from_slice, from_str};
pub use write::{to_string, to_string_pretty, to_vec, to_vec_pretty, write_element};
