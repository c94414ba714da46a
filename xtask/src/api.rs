//! `cargo xtask api`: the public items of the libraries, as text that is committed.
//!
//! A change of an API shows as a change of these files, so that it is not made by accident. rustdoc writes the
//! items as JSON, and the crate `public-api` puts them into lines. The format of that JSON belongs to a version
//! of the compiler: it is the one of `rust-version`, whose rustdoc makes the unstable format by a
//! variable. The compiler is not, so that what other jobs have built is used again.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};

use crate::cargo;
use crate::files::{self, Files};

/// The libraries whose API is recorded. Those that are generated, and what tests and programs alone use, are not.
const CRATES: &[&str] = &[
    "healthcode",
    "healthcode-core",
    "healthcode-evaluate",
    "healthcode-exchange",
    "healthcode-extensions",
    "healthcode-fhirpath",
    "healthcode-fix",
    "healthcode-json",
    "healthcode-package",
    "healthcode-search",
    "healthcode-transport",
    "healthcode-uk",
    "healthcode-validate",
    "healthcode-views",
    "healthcode-xml",
];

/// Where the files are, from the root.
const FOLDER: &str = "xtask/generated/api";

/// The variable by which this program, run as rustdoc, finds the real one.
const RUSTDOC: &str = "HEALTHCODE_XTASK_RUSTDOC";

/// Checks the committed files, or rewrites them.
pub(crate) fn run(root: &Path, bless: bool) -> Result<()> {
    let Some(toolchain) = toolchain(root)? else {
        return Ok(());
    };
    let files = items(root, &toolchain)?;
    let folder = root.join(FOLDER);
    let differing = files::write(&folder, &files, true)?;
    for name in &differing {
        let old = fs::read_to_string(folder.join(name)).unwrap_or_default();
        print_difference(name, &old, &files[name]);
    }
    if bless {
        files::write(&folder, &files, false)?;
    } else if !differing.is_empty() {
        bail!(
            "{} of {} APIs have changed: if that is meant, run `cargo xtask api --bless` and note it in CHANGELOG.md",
            differing.len(),
            files.len()
        );
    }
    println!("api: {} of {} files changed", differing.len(), files.len());
    Ok(())
}

/// The toolchain of `rust-version`, as the argument of cargo that chooses it.
fn toolchain(root: &Path) -> Result<Option<String>> {
    let manifest: toml::Table = fs::read_to_string(root.join("Cargo.toml"))?.parse()?;
    let version = manifest["workspace"]["package"]["rust-version"]
        .as_str()
        .context("missing rust-version")?;
    let toolchain = cargo::toolchain(version);
    if toolchain.is_none() {
        let missing = format!("toolchain {version} is not installed");
        ensure!(env::var_os("CI").is_none(), "{missing}");
        println!("SKIPPED: {missing}");
    }
    Ok(toolchain.map(|name| format!("+{name}")))
}

/// The items of all crates, a line each.
fn items(root: &Path, toolchain: &str) -> Result<Files> {
    let mut rustc = Command::new("rustc");
    let rustc = rustc.args([toolchain, "--print", "sysroot"]).output()?;
    ensure!(rustc.status.success(), "rustc has no sysroot");
    let sysroot = String::from_utf8(rustc.stdout)?;
    let mut doc = cargo::command(root);
    doc.args([
        toolchain,
        "doc",
        "--quiet",
        "--lib",
        "--no-deps",
        "--all-features",
    ]);
    for name in CRATES {
        doc.args(["--package", name]);
    }
    let status = doc
        .env("RUSTDOC", env::current_exe()?)
        .env(RUSTDOC, Path::new(sysroot.trim()).join("bin/rustdoc"))
        .env("RUSTDOCFLAGS", "-Zunstable-options --output-format=json")
        .status()
        .context("cannot run cargo")?;
    ensure!(status.success(), "cargo doc failed: {status}");
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let mut files = Files::new();
    for name in CRATES {
        let json = target.join(format!("doc/{}.json", name.replace('-', "_")));
        let api = public_api::Builder::from_rustdoc_json(&json)
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .build()
            .with_context(|| format!("cannot read {}", json.display()))?;
        files.insert(format!("{name}.txt"), api.to_string());
    }
    Ok(files)
}

/// Runs rustdoc for cargo, if this program was started in its place.
pub(crate) fn as_rustdoc() -> Option<ExitCode> {
    let rustdoc = env::var_os(RUSTDOC)?;
    let mut rustdoc = Command::new(rustdoc);
    let status = rustdoc
        .args(env::args_os().skip(1))
        .env("RUSTC_BOOTSTRAP", "1")
        .status();
    let succeeded = status.is_ok_and(|status| status.success());
    Some(if succeeded {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Prints the lines that are in one text alone.
fn print_difference(name: &str, old: &str, new: &str) {
    println!("{name}:");
    let (before, after): (BTreeSet<_>, BTreeSet<_>) =
        (old.lines().collect(), new.lines().collect());
    for line in before.difference(&after) {
        println!("- {line}");
    }
    for line in after.difference(&before) {
        println!("+ {line}");
    }
}
