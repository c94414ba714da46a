//! What a program provides that runs the server: settings and validation.

use healthcode_core::Issue;
use healthcode_validate::{ProfileSet, Validator};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Finds the settings that files have.
pub trait Host: Send + Sync + 'static {
    /// The project of a file, or of a text without a file. It is called before each validation, so that changed
    /// settings count.
    ///
    /// # Errors
    /// If the settings are invalid, or name what is not there.
    fn project(&self, file: Option<&Path>) -> io::Result<Arc<dyn Project>>;

    /// Whether its projects have corrections, so that the server offers code actions.
    fn corrects(&self) -> bool {
        false
    }
}

/// How an issue can be corrected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// What it does, for people.
    pub message: String,
    /// Whether the meaning of the payload is certain, so that nobody has to confirm it.
    pub is_safe: bool,
    /// Bytes of the text, and what replaces them.
    pub edits: Vec<(Range<usize>, String)>,
}

/// How the files of one folder are validated.
pub trait Project: Send + Sync + 'static {
    /// Whether the settings leave out a file.
    fn is_excluded(&self, file: &Path) -> bool;

    /// The issues of a text, with their positions in it.
    ///
    /// # Errors
    /// If the text cannot be read, or `cancelled` was set meanwhile.
    fn check(
        &self,
        file: Option<&Path>,
        text: &str,
        cancelled: &Arc<AtomicBool>,
    ) -> io::Result<Vec<Issue>>;

    /// What validates resources: it finds the release of a payload.
    fn validator(&self) -> &Validator;

    /// The profiles and the terminology that are loaded.
    fn profiles(&self) -> &ProfileSet;

    /// Makes what later requests need. It is called on the thread that validates, where it may take its time.
    fn prepare(&self) {}

    /// The URLs of the extensions of loaded packages, once [`Project::prepare`] has found them.
    fn extensions(&self) -> &[String];

    /// For each issue of a text how it can be corrected, in the order of the issues. It is called when a client first
    /// requests code actions of a text.
    fn corrections(&self, text: &str, issues: &[Issue]) -> Vec<Option<Correction>> {
        let _ = text;
        issues.iter().map(|_| None).collect()
    }

    /// The file of the definition that a canonical URL stands for, if it is one on disk.
    fn file_of(&self, canonical: &str) -> Option<PathBuf>;
}
