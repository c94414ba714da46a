//! Renderers: issues for people ([`HumanRenderer`], [`HtmlRenderer`], [`StatisticsRenderer`]), for programs
//! ([`NdjsonRenderer`], [`JsonRenderer`], [`OutcomeRenderer`]) and for what builds and reviews
//! software ([`SarifRenderer`], [`JunitRenderer`], [`GithubRenderer`], [`GitlabRenderer`]).
//!
//! Each takes issues as they are found, file by file, so that a payload of any size can be
//! reported while it is read. Messages never show what a payload holds: a value is a field of its
//! own, written when requested; source lines are masked when requested. Names of members that may be
//! values (see [`is_plain_name`](healthcode_core::is_plain_name)) are masked with the values. What
//! comes from outside is [`printable`], or escaped in JSON, in every format.
//!
//! ```
//! use healthcode_validate::render::{NdjsonRenderer, Renderer, Summary};
//! use healthcode_validate::{Policy, Validator};
//! let json = br#"{"resourceType": "Channel"}"#;
//! let validator = Validator::new(Policy::R4);
//! let report = validator.read::<healthcode_core::UnknownResource>(json)?;
//! let mut out = Vec::new();
//! let mut renderer = NdjsonRenderer::new(&mut out, false);
//! let mut summary = Summary::default();
//! renderer.begin_file("channel.json")?;
//! for issue in &report.issues {
//!     summary.count(issue.severity);
//!     renderer.issue(issue)?;
//! }
//! renderer.end_file()?;
//! renderer.finish(&summary)?;
//! assert!(String::from_utf8(out)?.contains("FHIR-RESOURCE-TYPE-UNKNOWN"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod fingerprint;
mod fold;
mod github;
mod gitlab;
mod html;
mod human;
mod json;
mod junit;
mod markup;
mod mask;
mod ndjson;
mod object;
mod outcome;
mod place;
mod sarif;
mod source;
mod statistics;
mod summary;

pub use fingerprint::fingerprint;
pub use fold::{Folded, Folding};
pub use github::GithubRenderer;
pub use gitlab::GitlabRenderer;
pub use healthcode_core::printable;
pub use html::HtmlRenderer;
pub use human::{HumanOptions, HumanRenderer};
pub use json::JsonRenderer;
pub use junit::JunitRenderer;
pub use mask::masked;
pub use ndjson::NdjsonRenderer;
pub use outcome::OutcomeRenderer;
pub use sarif::SarifRenderer;
pub use statistics::StatisticsRenderer;
pub use summary::Summary;

use healthcode_core::Issue;
use std::io;

/// The version of the machine formats; it grows when a field goes or changes its meaning.
pub const SCHEMA_VERSION: u32 = 1;

/// Writes the issues of files, as they come.
///
/// Each file begins, has its issues and perhaps a reason why it could not be read, and ends; after
/// the last one come the counts of what was folded, and [`Renderer::finish`].
pub trait Renderer {
    /// Begins a file.
    ///
    /// # Errors
    /// If the output cannot be written.
    fn begin_file(&mut self, file: &str) -> io::Result<()>;

    /// Writes an issue of the file that has begun.
    ///
    /// # Errors
    /// If the output cannot be written.
    fn issue(&mut self, issue: &Issue) -> io::Result<()>;

    /// Writes that a file, which has begun, could not be read to its end.
    ///
    /// # Errors
    /// If the output cannot be written.
    fn unreadable(&mut self, file: &str, reason: &str) -> io::Result<()>;

    /// Ends the file that has begun. By default this does nothing.
    ///
    /// # Errors
    /// If the output cannot be written.
    fn end_file(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Writes how many more issues of a kind there are than were shown; see [`Folding`].
    ///
    /// # Errors
    /// If the output cannot be written.
    fn folded(&mut self, folded: &Folded) -> io::Result<()>;

    /// Writes what comes after the last file, and flushes.
    ///
    /// # Errors
    /// If the output cannot be written.
    fn finish(&mut self, summary: &Summary) -> io::Result<()>;

    /// Passes on what is buffered.
    ///
    /// # Errors
    /// If the output cannot be written.
    fn flush(&mut self) -> io::Result<()>;
}
