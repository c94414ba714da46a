//! A language server for FHIR payloads, over the Language Server Protocol.
//!
//! [`serve`] serves a client until it ends: issues while typing, facts of the element under the cursor,
//! completion of members, codes, extensions and references, definitions, an outline, folding and code
//! actions. Texts are FHIR
//! JSON and XML, NDJSON and captures of HTTP exchanges. What validates them and where settings are is the
//! [`Host`]'s matter, so that an editor reports what the command does.
//!
//! Texts that are being typed are rarely well-formed. What is at the cursor is therefore found in an outline of
//! the text, which is made once for each version and passes over what does not fit.

mod actions;
mod completion;
mod definition;
mod diagnostics;
mod document;
mod facts;
mod host;
mod hover;
mod outline;
mod place;
mod server;
mod stdio;
mod symbols;
mod text;
mod uri;
mod worker;

pub use host::{Host, Project};
pub use lsp_server::Connection;
pub use server::serve;
pub use stdio::serve_stdio;
