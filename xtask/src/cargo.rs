//! Running cargo from within `cargo xtask`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// A cargo command in `folder`, without the variables that `cargo run` has set for xtask itself:
/// build scripts would take them for a change.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a cargo command that builds programs (`build ...`); returns them by name.
pub(crate) fn build(folder: &Path, args: &[&str]) -> Result<BTreeMap<String, PathBuf>> {
    let output = command(folder)
        .args(args)
        .args(["--quiet", "--message-format", "json-render-diagnostics"])
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    ensure!(output.status.success(), "cargo {} failed", args.join(" "));
    let text = String::from_utf8(output.stdout)?;
    let programs = text.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let name = message["target"]["name"].as_str()?;
        let program = message["executable"].as_str()?;
        Some((name.to_owned(), PathBuf::from(program)))
    });
    Ok(programs.collect())
}

/// The installed toolchain whose name begins with this version or channel.
pub(crate) fn toolchain(start: &str) -> Option<String> {
    let mut command = Command::new("rustup");
    let output = command.args(["toolchain", "list"]).output().ok()?;
    let list = String::from_utf8(output.stdout).ok()?;
    let mut names = list.lines().filter_map(|line| line.split(' ').next());
    names
        .find(|name| name.starts_with(start))
        .map(str::to_owned)
}
