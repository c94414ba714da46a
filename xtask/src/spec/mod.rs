//! `cargo xtask spec`: from the specification's package to the committed facts.
//!
//! [`package`] obtains and reads the npm package, [`distil`] turns its definitions into [`facts`],
//! [`verify`] proves that the facts hang together and lists oddities of the definitions.
//! Code generation reads only the facts.

pub(crate) mod definitions;
pub(crate) mod distil;
pub(crate) mod facts;
pub(crate) mod hash;
mod package;
mod stu3;
pub(crate) mod tsv;
mod verify;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use facts::Facts;
use package::{Package, Release};
pub(crate) use package::{RELEASES_VARIABLE, SPEC_VARIABLE};

#[derive(clap::Args)]
pub(crate) struct ImportOptions {
    /// The package, a .tgz file; of releases other than R4, the folder with their packages.
    pub(crate) path: Option<PathBuf>,
    /// Write nothing; fail when the files on disk differ from what would be written.
    #[arg(long)]
    pub(crate) check: bool,
    /// The FHIR release to import.
    #[arg(long, default_value = "r4")]
    pub(crate) release: String,
    /// The folder to write to instead of xtask/spec/RELEASE.
    #[arg(long)]
    pub(crate) out: Option<PathBuf>,
}

/// Runs `cargo xtask spec import`.
pub(crate) fn import(options: &ImportOptions) -> Result<()> {
    let release = Release::by_name(&options.release)?;
    let files = package::obtain(release, options.path.as_deref())?;
    let package = Package::read(release, &files)?;
    let (facts, mut findings) = distil::distil(&package)?;
    findings.extend(verify::findings(&facts, &package));
    verify::verify(&facts)?;

    let dir = options.out.clone().unwrap_or_else(|| facts_dir(release));
    let differing = facts.write(&dir, options.check)?;
    // What was written must be readable, and mean the same.
    if !options.check {
        let again = Facts::load(&dir)?;
        if again != facts {
            bail!("the facts read back from {} differ", dir.display());
        }
    }

    for fact in &facts.source {
        println!("{:32}{}", fact.key, fact.value);
    }
    if !findings.is_empty() {
        println!("\noddities of the definitions ({}):", findings.len());
        for finding in &findings {
            println!("- {finding}");
        }
    }
    match (options.check, differing.is_empty()) {
        (true, true) => println!("\n{} is up to date", dir.display()),
        (true, false) => bail!(
            "out of date in {}: {} (run `cargo xtask spec import`)",
            dir.display(),
            differing.join(", ")
        ),
        (false, true) => println!("\n{} was up to date", dir.display()),
        (false, false) => println!("\nwrote {} in {}", differing.join(", "), dir.display()),
    }
    Ok(())
}

/// The package file of R4: `$HEALTHCODE_SPEC`, or else one that is fetched into target/spec once.
pub(crate) fn package_file(root: &Path) -> Result<PathBuf> {
    if let Some(file) = std::env::var_os(SPEC_VARIABLE).filter(|value| !value.is_empty()) {
        return Ok(PathBuf::from(file));
    }
    let folder = root.join("target/spec");
    std::fs::create_dir_all(&folder)?;
    package::fetch(Release::by_name("r4")?.definitions(), &folder)
}

/// The folder of the official examples of the other releases: `$HEALTHCODE_RELEASES`, or else target/spec,
/// into which they are fetched once.
pub(crate) fn examples_folder(root: &Path) -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os(RELEASES_VARIABLE).filter(|value| !value.is_empty()) {
        return Ok(PathBuf::from(folder));
    }
    let folder = root.join("target/spec");
    std::fs::create_dir_all(&folder)?;
    package::fetch_examples(&folder)?;
    Ok(folder)
}

/// The folder in which a release's facts are committed.
fn facts_dir(release: &Release) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("spec")
        .join(release.name)
}

/// Reads a file, naming it in the error.
fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
