//! What daily work with R4 needs beside the generated types.

mod bundle;
mod datatypes;
mod extension;
mod reference;

pub use datatypes::IdentifierSlice;
pub use extension::ExtensionSlice;
pub use reference::ReferenceTarget;
