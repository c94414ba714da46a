//! Headless Chromium, for as long as the value lives.

use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use tempfile::TempDir;

pub(super) struct Browser {
    child: Child,
    // Removed after the browser has ended.
    _folder: TempDir,
}

/// Headless, and without what a browser does on its own.
pub(super) const QUIET: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-proxy-server",
];

impl Browser {
    /// Opens a URL, given as it is, with a new profile.
    pub(super) fn open(url: &str) -> Result<Self> {
        let name = super::program(&["chromium", "chromium-browser"], "chromium")?;
        let folder = tempfile::tempdir()?;
        let profile = format!("--user-data-dir={}", folder.path().display());
        let child = Command::new(name)
            .args(QUIET)
            .args([
                // Else it ends when the page has loaded.
                "--remote-debugging-port=0",
                &profile,
                url,
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot run {name}"))?;
        Ok(Browser {
            child,
            _folder: folder,
        })
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
