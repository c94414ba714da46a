//! Options of fixes and of the baseline.

use clap::Args;
use std::path::PathBuf;

/// Fixes of issues.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct FixArgs {
    /// Correct what can be corrected with certainty, rewrite the files, and report what is left; what comes from
    /// standard input is written to standard output
    #[arg(long, conflicts_with = "watch")]
    pub(crate) fix: bool,
    /// Apply fixes that are guesses too: look at them first, with --diff
    #[arg(long)]
    pub(crate) unsafe_fixes: bool,
    /// Show what --fix would change, as a unified diff, and change nothing; exit with 1 if that is anything
    #[arg(long, conflicts_with_all = ["watch", "output", "write_baseline"])]
    pub(crate) diff: bool,
}

/// Issues that are known.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct BaselineArgs {
    /// Leave out the issues that are listed in this file, and say which of them are resolved
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// List all issues in this file, for --baseline; without FILE in that of --baseline, or in
    /// healthcode-baseline.json
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, conflicts_with = "watch")]
    pub(crate) write_baseline: Option<Option<PathBuf>>,
}
