//! `cargo xtask e2e [NAME...]`: checks against programs that are not ours. They fail where such a program
//! is missing; they are never skipped.

mod browser;
mod devtools;
mod har;
mod listener;
mod query_urls;
mod sandbox;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// A check: its name, what it shows, and how it is run.
struct Check {
    name: &'static str,
    shows: &'static str,
    run: fn(&Path) -> Result<()>,
}

const CHECKS: &[Check] = &[
    Check {
        name: "query-urls",
        shows: "queries come back from curl and Chromium as they were built",
        run: query_urls::run,
    },
    Check {
        name: "sandbox",
        shows: "curl, Chromium and healthcode call get on with the sandbox, and validate with their captures",
        run: sandbox::run,
    },
];

/// Runs the named checks, or all; fails if any does.
pub(crate) fn run(root: &Path, names: &[String]) -> Result<()> {
    let known = |name: &String| CHECKS.iter().any(|it| it.name == name);
    if let Some(unknown) = names.iter().find(|it| !known(it)) {
        let all: Vec<_> = CHECKS.iter().map(|it| it.name).collect();
        bail!("no check {unknown}; there are: {}", all.join(", "));
    }
    let wanted = |it: &&Check| names.is_empty() || names.iter().any(|name| name == it.name);
    let mut failed = Vec::new();
    for check in CHECKS.iter().filter(wanted) {
        println!("{}: {}", check.name, check.shows);
        if let Err(error) = (check.run)(root) {
            eprintln!("{}: FAILED: {error:#}", check.name);
            failed.push(check.name);
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

/// The program of one of these names that can be run.
fn program(names: &[&'static str], package: &str) -> Result<&'static str> {
    let runs = |name: &&&str| {
        let output = Command::new(name).arg("--version").output();
        output.is_ok_and(|it| it.status.success())
    };
    let found = names.iter().find(runs).copied();
    found.with_context(|| {
        format!(
            "{} is not installed; on Debian: apt-get install {package}",
            names.join(" or ")
        )
    })
}

/// The command, built.
fn build_command(root: &Path) -> Result<PathBuf> {
    let output = Command::new("cargo")
        .args([
            "build",
            "--package",
            "healthcode-cli",
            "--message-format=json",
        ])
        .current_dir(root)
        .output()
        .context("cannot run cargo")?;
    ensure!(
        output.status.success(),
        "cargo build: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout)?;
    let messages = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut programs = messages.filter_map(|it| it["executable"].as_str().map(PathBuf::from));
    programs.next_back().context("cargo has built no program")
}
