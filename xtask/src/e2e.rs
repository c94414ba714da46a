//! `cargo xtask e2e [NAME...]`: checks against programs and libraries that are not ours. They fail
//! where curl, node or npm is missing; they are never skipped.

mod graphnet;
mod listener;
mod query_urls;
mod sandbox;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::cargo;

/// A check: its name, what it shows, and how it is run.
struct Check {
    name: &'static str,
    shows: &'static str,
    /// Given the `healthcode` command.
    run: fn(&Path) -> Result<()>,
}

const CHECKS: &[Check] = &[
    Check {
        name: "query-urls",
        shows: "queries come back from curl and the URL Standard's encoders as they were built",
        run: query_urls::run,
    },
    Check {
        name: "sandbox",
        shows: "curl and healthcode call search the sandbox, and their captures are valid",
        run: sandbox::run,
    },
    Check {
        name: "graphnet",
        shows: "healthcode call and fhir-kit-client search Graphnet in the sandbox, whose answers are valid STU3",
        run: graphnet::run,
    },
];

/// Runs the named checks of the command, or all; fails if any does.
pub(crate) fn run(command: &Path, names: &[String]) -> Result<()> {
    let all: Vec<_> = CHECKS.iter().map(|check| check.name).collect();
    if let Some(unknown) = names.iter().find(|name| !all.contains(&name.as_str())) {
        bail!("unknown check {unknown}: expected {}", all.join(" or "));
    }
    let wanted = |check: &&Check| names.is_empty() || names.iter().any(|name| name == check.name);
    let mut failed = Vec::new();
    for check in CHECKS.iter().filter(wanted) {
        println!("{}: {}", check.name, check.shows);
        if let Err(error) = (check.run)(command) {
            eprintln!("{}: FAILED: {error:#}", check.name);
            failed.push(check.name);
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

/// Runs curl; returns its output.
fn curl(args: &[impl AsRef<OsStr>]) -> Result<String> {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--fail", "--noproxy", "*"])
        .args(["--max-time", "60"])
        .args(args)
        .output()
        .context("cannot run curl; on Debian: apt-get install curl")?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "curl: {error}");
    Ok(String::from_utf8(output.stdout)?)
}

/// Runs a program in a folder; gives its output.
fn run_in(folder: &Path, command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.current_dir(folder).output();
    let output = output.with_context(|| format!("cannot run {program}"))?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program}: {error}");
    Ok(String::from_utf8(output.stdout)?)
}

/// The command, built.
pub(crate) fn build_command(root: &Path) -> Result<PathBuf> {
    let args = ["build", "--package", "healthcode-cli"];
    let mut programs = cargo::build(root, &args)?;
    programs.remove("healthcode").context("missing command")
}
