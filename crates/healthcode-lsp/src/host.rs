//! What a program provides that runs the server: settings and validation.

use healthcode_core::{Fix, Issue};
use healthcode_validate::{ProfileSet, Validator};
use std::io;
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

    /// The fixes of the issues of a text, in the order of the issues. It is called when a client first requests code
    /// actions of a text.
    fn fixes(&self, file: Option<&Path>, text: &str, issues: &[Issue]) -> Vec<Option<Arc<Fix>>>;

    /// The file of the definition that a canonical URL names, if it is one on disk.
    fn file_of(&self, canonical: &str) -> Option<PathBuf>;
}
