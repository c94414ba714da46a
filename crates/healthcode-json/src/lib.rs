//! FHIR JSON: bytes into any [`Element`](healthcode_core::Element) and back, losing nothing.
//!
//! [`from_slice`] returns the value *and* what is wrong with it: unknown members, wrong JSON types,
//! repeated names and the like stay in the value and are written back by [`to_string`]. Only text
//! that is not JSON is an [`Error`].
//!
//! ```
//! use healthcode_core::UnknownResource;
//!
//! // Model crates such as `healthcode-r4` have a type for each resource; this one takes any.
//! let json = r#"{"resourceType":"Channel","fee":1.50,"fee":"two"}"#;
//! let read = healthcode_json::from_str::<UnknownResource>(json)?;
//! let issue = read.issues.iter().find(|issue| issue.rule.id == "JSON-REPEATED-NAME").unwrap();
//! assert_eq!(issue.path, "Resource.fee");
//! assert_eq!(issue.position.unwrap().column, 38);
//! // Nothing is lost: neither the second fee nor the last digit of the first.
//! assert_eq!(healthcode_json::to_string(&read.value), json);
//! # Ok::<(), healthcode_json::Error>(())
//! ```
//!
//! - [`ReadOptions`]: strictness, nesting and size limits, positions and excerpts.
//! - [`Wanted`]: reading some members, and passing over the rest.
//! - [`Layout`]: where each value of a text is.
//! - [`issues_of`]: the defects that a value carries, however it was read.
//! - [`stream`]: Bundles and NDJSON of any size, entry by entry.
//! - [`serde`]: what the `Serialize` and `Deserialize` impls of model crates call.
//!
//! # Features
//!
//! - `serde` (default): the module [`serde`].
#![cfg_attr(docsrs, feature(doc_cfg))]

mod cursor;
pub mod defects;
mod error;
mod expected;
mod layout;
mod locate;
mod outline;
mod read;
mod reader;
#[cfg(feature = "serde")]
pub mod serde;
pub mod stream;
mod wanted;
mod write;

/// The text of a JSON string, given with its quotes; `None` if it is no JSON string.
#[doc(hidden)]
#[must_use]
pub fn string_of(json: &str) -> Option<String> {
    let mut cursor = cursor::Cursor::new(json);
    if cursor.peek() != b'"' {
        return None;
    }
    let quoted = cursor.quoted().ok()?;
    Some(cursor.decoded(quoted).to_owned())
}

pub use defects::issues_of;
pub use error::Error;
pub use healthcode_core::{Checked, ReadOptions};
pub use layout::{Layout, Value, ValueKind};
pub use locate::locate;
pub use outline::outline;
pub use read::{from_slice, from_slice_wanted, from_slice_with, from_str, from_str_with};
pub use wanted::Wanted;
pub use write::{to_string, to_string_pretty, to_vec, to_vec_pretty, write_element};
