//! The specification's npm package: where it comes from, its digest, and what is read from it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};

use super::definitions::{
    Bundle, CodeSystem, Manifest, SearchParameter, StructureDefinition, ValueSet,
};

/// The environment variable which may name the package file.
pub(crate) const SPEC_VARIABLE: &str = "HEALTHCODE_SPEC";

/// A FHIR release and the pinned package which defines it.
#[derive(Debug)]
pub(crate) struct Release {
    /// Short name: the folder under `xtask/spec`.
    pub(crate) name: &'static str,
    /// Name of the npm package.
    pub(crate) package: &'static str,
    /// Version of the npm package.
    pub(crate) version: &'static str,
    /// SHA-256 of the package file, lower-case hexadecimal.
    pub(crate) sha256: &'static str,
}

/// The releases that can be imported.
pub(crate) const RELEASES: &[Release] = &[Release {
    name: "r4",
    package: "hl7.fhir.r4.examples",
    version: "4.0.1",
    sha256: "dce87f1b5b9341867033f7d1f544fa1b5232503f6d62813887ac6b8a8b6cb682",
}];

impl Release {
    /// The release with this short name.
    pub(crate) fn by_name(name: &str) -> Result<&'static Self> {
        RELEASES
            .iter()
            .find(|release| release.name == name)
            .with_context(|| {
                let known: Vec<_> = RELEASES.iter().map(|release| release.name).collect();
                format!("unknown release `{name}`: expected {}", known.join(", "))
            })
    }
}

/// The bytes of the release's package: from `path`, `$HEALTHCODE_SPEC` or npm, digest checked.
pub(crate) fn obtain(release: &Release, path: Option<&Path>) -> Result<Vec<u8>> {
    let variable = std::env::var_os(SPEC_VARIABLE).filter(|value| !value.is_empty());
    let bytes = match (path, &variable) {
        (Some(path), _) => super::read(path)?,
        (None, Some(value)) => {
            super::read(Path::new(value)).with_context(|| format!("${SPEC_VARIABLE} is set"))?
        }
        (None, None) => {
            let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
            super::read(&fetch(release, folder.path())?)?
        }
    };
    let digest = format!("{:x}", Sha256::digest(&bytes));
    ensure!(
        digest == release.sha256,
        "invalid package, not {} {}: its sha256 is {digest}, expected {}",
        release.package,
        release.version,
        release.sha256
    );
    Ok(bytes)
}

/// Fetches the package into a folder with `npm pack`, if it is not there; gives its file.
pub(super) fn fetch(release: &Release, folder: &Path) -> Result<PathBuf> {
    let file = folder.join(format!("{}-{}.tgz", release.package, release.version));
    if file.exists() {
        return Ok(file);
    }
    let wanted = format!("{}@{}", release.package, release.version);
    let output = Command::new("npm")
        .args(["pack", "--silent", &wanted])
        .current_dir(folder)
        .output()
        .with_context(|| {
            format!(
                "cannot run npm to fetch {wanted}; install npm, or name the .tgz file: \
                 `cargo xtask spec import PATH` or ${SPEC_VARIABLE}"
            )
        })?;
    ensure!(
        output.status.success(),
        "`npm pack {wanted}` failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(file)
}

/// The definitions in the package, each kind ordered by its canonical URL.
#[derive(Debug)]
pub(crate) struct Package {
    /// Which release this is.
    pub(crate) release: &'static Release,
    /// The package's own description.
    pub(crate) manifest: Manifest,
    /// Structure definitions by URL.
    pub(crate) structures: BTreeMap<String, StructureDefinition>,
    /// Value sets by URL, without expansions.
    pub(crate) value_sets: BTreeMap<String, ValueSet>,
    /// The published expansions of value sets, by the value set's URL.
    pub(crate) expansions: BTreeMap<String, ValueSet>,
    /// Code systems by URL.
    pub(crate) code_systems: BTreeMap<String, CodeSystem>,
    /// Search parameters by URL.
    pub(crate) search_parameters: BTreeMap<String, SearchParameter>,
    /// URLs of the search parameters which belong to the base standard: those that the
    /// specification's own collection (`Bundle-searchParams.json`) lists.
    pub(crate) base_search_parameters: BTreeSet<String>,
}

impl Package {
    /// Reads the definitions from the bytes of a package file.
    pub(crate) fn read(release: &'static Release, bytes: &[u8]) -> Result<Self> {
        let mut package = Self {
            release,
            manifest: Manifest::default(),
            structures: BTreeMap::new(),
            value_sets: BTreeMap::new(),
            expansions: BTreeMap::new(),
            code_systems: BTreeMap::new(),
            search_parameters: BTreeMap::new(),
            base_search_parameters: BTreeSet::new(),
        };
        let mut archive = tar::Archive::new(GzDecoder::new(bytes));
        for entry in archive.entries().context("cannot read the package")? {
            let entry = entry.context("cannot read the package")?;
            let path = entry.path()?.to_string_lossy().into_owned();
            if let Some(name) = path.strip_prefix("package/") {
                let added = package.add(name, entry);
                added.with_context(|| format!("in {path}"))?;
            }
        }
        ensure!(
            package.manifest.name == release.package && package.manifest.version == release.version,
            "invalid package: its package.json says {} {}",
            package.manifest.name,
            package.manifest.version
        );
        Ok(package)
    }

    /// Adds what is read of a file, if anything is.
    fn add(&mut self, name: &str, mut file: impl Read) -> Result<()> {
        let kind = name.split('-').next().unwrap_or_default();
        let mut json = || -> Result<_> {
            let mut json = Vec::new();
            file.read_to_end(&mut json)?;
            Ok(json)
        };
        match (kind, name) {
            ("StructureDefinition", _) => {
                let definition = serde_json::from_slice(&json()?)?;
                insert(&mut self.structures, definition, |it| &it.url)?;
            }
            ("ValueSet", _) => {
                let set = serde_json::from_slice(&json()?)?;
                insert(&mut self.value_sets, set, |set: &ValueSet| &set.url)?;
            }
            ("CodeSystem", _) => {
                let system = serde_json::from_slice(&json()?)?;
                insert(&mut self.code_systems, system, |system| &system.url)?;
            }
            ("SearchParameter", _) => {
                let parameter = serde_json::from_slice(&json()?)?;
                insert(&mut self.search_parameters, parameter, |it| &it.url)?;
            }
            (_, "package.json") => self.manifest = serde_json::from_slice(&json()?)?,
            (_, "Bundle-valueset-expansions.json") => {
                let bundle: Bundle<ValueSet> = serde_json::from_slice(&json()?)?;
                for entry in bundle.entry {
                    insert(&mut self.expansions, entry.resource, |set| &set.url)?;
                }
            }
            (_, "Bundle-searchParams.json") => {
                let bundle: Bundle<SearchParameter> = serde_json::from_slice(&json()?)?;
                let urls = bundle.entry.into_iter().map(|entry| entry.resource.url);
                self.base_search_parameters = urls.collect();
            }
            _ => {}
        }
        Ok(())
    }
}

/// Adds a definition; two with one URL are an error.
fn insert<T>(map: &mut BTreeMap<String, T>, definition: T, url: fn(&T) -> &String) -> Result<()> {
    let url = url(&definition).clone();
    let old = map.insert(url.clone(), definition);
    ensure!(old.is_none(), "a second definition of {url}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_is_checked() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = obtain(&RELEASES[0], Some(file.path())).unwrap_err();
        assert!(error.to_string().contains("its sha256 is e3b0c44298fc1c14"));
    }

    #[test]
    fn unknown_release_names_the_known() {
        let error = Release::by_name("r3").unwrap_err();
        assert_eq!(error.to_string(), "unknown release `r3`: expected r4");
    }
}
