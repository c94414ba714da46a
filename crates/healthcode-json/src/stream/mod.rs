//! Bundles and NDJSON of any size, a resource at a time.
//!
//! - [`BundleReader`]: the entries of a Bundle from anything that is [`std::io::Read`], in memory
//!   for the largest entry.
//! - [`NdjsonReader`]: resources, one a line.
//! - [`Piece`]: an entry or a line that is not read yet, for another thread.
//! - [`entries`]: the entries of a Bundle in memory, each with its type and id before it is read.
//! - [`sniff`]: which of these a text is.

mod bundle;
mod lazy;
mod ndjson;
mod piece;
mod sniff;
mod source;

pub use bundle::BundleReader;
pub use lazy::{Entries, LazyEntry, entries};
pub use ndjson::NdjsonReader;
pub use piece::Piece;
pub use sniff::{Kind, sniff};

use crate::Error as JsonError;
use std::fmt;
use std::io;

/// Why a stream, or one of its resources, could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The bytes could not be got.
    Io(io::Error),
    /// The text is not JSON.
    Json(JsonError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Io(error) => write!(f, "cannot read: {error}"),
            Error::Json(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io(error) => Some(error),
            Error::Json(error) => Some(error),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Error::Io(error)
    }
}

impl From<JsonError> for Error {
    fn from(error: JsonError) -> Self {
        Error::Json(error)
    }
}
