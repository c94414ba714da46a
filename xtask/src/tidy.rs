//! `cargo xtask tidy`: what the workspace promises about its own layout.
//!
//! Which crate may depend on which, and which may use files, clocks and threads, is read from the
//! table of ARCHITECTURE.md ([`edges`]). Modules of some crates may not use each other in circles ([`cycles`]).

mod cycles;
mod edges;
mod watched;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use edges::Edges;

/// The most lines that a file written by hand may have.
const MAX_LINES: usize = 800;

/// What may be at the top of the repository.
#[rustfmt::skip]
const TOP_LEVEL: &[&str] = &[
    ".cargo", ".ci", ".dockerignore", ".gitattributes", ".github", ".gitignore", ".pre-commit-hooks.yaml",
    "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "Cargo.lock", "Cargo.toml", "Containerfile",
    "LICENSE-APACHE", "LICENSE-MIT", "README.md", "action.yml", "benches", "clippy.toml", "crates", "deny.toml",
    "dist-workspace.toml", "distributed", "docs", "editors", "fuzz", "rustfmt.toml", "tests", "xtask",
];

/// What crates do not name that may use no files, clocks or threads. `std::io::Read` is an argument, not a file.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::time",
    "std::env",
];

/// The leaf modules that may use `unsafe`, each with its reason; everywhere else it is denied.
const UNSAFE: &[&str] = &[
    "crates/healthcode-core/src/buffer.rs",
    "crates/healthcode-core/src/outlined.rs",
    "crates/healthcode-core/src/scan/avx2.rs",
    "crates/healthcode-core/src/scan/sse2.rs",
];

/// Features of `serde_json` that change what every other crate of a build gets.
const FEATURES: &[&str] = &["arbitrary_precision", "preserve_order"];

/// Checks the whole repository; prints every fault and fails if there are any.
pub(crate) fn run(root: &Path) -> Result<()> {
    let files = tracked(root)?;
    let mut faults = Vec::new();
    top_level(&files, &mut faults);
    let edges = edges::read(&root.join("ARCHITECTURE.md"))?;
    manifests(root, &edges, &mut faults)?;
    for file in &files {
        // A file that is deleted but not committed yet is not there to be read.
        let Ok(bytes) = fs::read(root.join(file)) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        one(file, &text, &edges, &mut faults);
    }
    faults.extend(cycles::faults(root, &files));
    if faults.is_empty() {
        println!("tidy: {} files", files.len());
        return Ok(());
    }
    for fault in &faults {
        eprintln!("{fault}");
    }
    bail!("{} faults", faults.len());
}

fn tracked(root: &Path) -> Result<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.args("ls-files -z --cached --others --exclude-standard".split(' '));
    let output = git.current_dir(root).output().context("cannot run git")?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "git ls-files failed: {error}");
    let names = String::from_utf8(output.stdout)?;
    Ok(names.split_terminator('\0').map(PathBuf::from).collect())
}

fn top_level(files: &[PathBuf], faults: &mut Vec<String>) {
    let names = files.iter().filter_map(|file| file.iter().next());
    let names: BTreeSet<_> = names.map(|name| name.to_string_lossy()).collect();
    for name in names.iter().filter(|name| !TOP_LEVEL.contains(&&***name)) {
        faults.push(format!("{name}: nothing of this name belongs at the top"));
    }
}

/// Checks the manifests of all crates and of xtask.
fn manifests(root: &Path, edges: &Edges, faults: &mut Vec<String>) -> Result<()> {
    let mut folders = vec![root.join("xtask")];
    for entry in fs::read_dir(root.join("crates"))? {
        folders.push(entry?.path());
    }
    for folder in &folders {
        let manifest = folder.join("Cargo.toml");
        let text = fs::read_to_string(&manifest)
            .with_context(|| format!("cannot read {}", manifest.display()))?;
        let manifest: toml::Table = text.parse()?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let package = manifest.get("package").and_then(|p| p.get("name"));
        if package.and_then(toml::Value::as_str) != Some(&name) {
            faults.push(format!("{name}: its package has another name"));
        }
        let lints = manifest.get("lints").and_then(|l| l.get("workspace"));
        if lints.is_none() {
            faults.push(format!("{name}: does not take the workspace's lints"));
        }
        match edges.get(&*name) {
            Some(edges) => faults.extend(edges.faults(&name, &manifest)),
            None => faults.push(format!("{name}: missing in the table of ARCHITECTURE.md")),
        }
    }
    Ok(())
}

fn one(file: &Path, text: &str, edges: &Edges, faults: &mut Vec<String>) {
    let name = file.display();
    let ending = file.extension().unwrap_or_default();
    let generated = file.iter().any(|part| part == "generated");
    if ending == "toml" && !name.to_string().starts_with("xtask/spec") {
        for feature in FEATURES {
            if text.contains(&format!("\"{feature}\"")) {
                faults.push(format!("{name}: enables {feature}"));
            }
        }
    }
    if ending != "rs" {
        return;
    }
    let lint = concat!("(unsafe", "_code");
    if text.contains(lint) && !UNSAFE.iter().any(|allowed| file == Path::new(allowed)) {
        faults.push(format!("{name}: is no file that may have unsafe code"));
    }
    let first = text.lines().next().unwrap_or_default();
    if generated {
        if !first.starts_with("// Generated by `cargo xtask codegen`") {
            faults.push(format!("{name}: does not say that it is generated"));
        }
        return;
    }
    if !first.starts_with("//!") && !first.starts_with("#![") {
        faults.push(format!(
            "{name}: does not begin with what it is about (//!)"
        ));
    }
    if let Some(unwatched) = watched::unwatched(file, text) {
        faults.push(format!(
            "{name}: {unwatched} is not allowed here: use the kit"
        ));
    }
    let lines = text.lines().count();
    if lines > MAX_LINES {
        let why = format!("more than {MAX_LINES} is more than one subject");
        faults.push(format!("{name}: {lines} lines; {why}"));
    }
    let pure = edges
        .iter()
        .any(|(name, edges)| edges.pure && file.starts_with(format!("crates/{name}/src")));
    if pure {
        for word in IMPURE {
            if text.contains(word) {
                faults.push(format!("{name}: names {word}"));
            }
        }
    }
}
