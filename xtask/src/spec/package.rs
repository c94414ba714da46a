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
use super::stu3;

/// The environment variable which may name the package file.
pub(crate) const SPEC_VARIABLE: &str = "HEALTHCODE_SPEC";

/// The environment variable which may name the folder of the other releases' package files.
pub(crate) const RELEASES_VARIABLE: &str = "HEALTHCODE_RELEASES";

/// A FHIR release and the pinned packages which define it.
#[derive(Debug)]
pub(crate) struct Release {
    /// Short name: the folder under `xtask/spec`.
    pub(crate) name: &'static str,
    /// The packages: that of the definitions first, then those of the expansions of value sets.
    pub(crate) packages: &'static [Pinned],
}

/// An npm package whose content is known.
#[derive(Debug)]
pub(crate) struct Pinned {
    /// Name of the npm package.
    pub(crate) name: &'static str,
    /// Version of the npm package.
    pub(crate) version: &'static str,
    /// SHA-256 of the package file, lower-case hexadecimal.
    pub(crate) sha256: &'static str,
}

const fn pinned(name: &'static str, version: &'static str, sha256: &'static str) -> Pinned {
    Pinned {
        name,
        version,
        sha256,
    }
}

/// The releases that can be imported.
pub(crate) const RELEASES: &[Release] = &[
    Release {
        name: "r4",
        packages: &[pinned(
            "hl7.fhir.r4.examples",
            "4.0.1",
            "dce87f1b5b9341867033f7d1f544fa1b5232503f6d62813887ac6b8a8b6cb682",
        )],
    },
    Release {
        name: "r4b",
        packages: &[
            pinned(
                "hl7.fhir.r4b.core",
                "4.3.0",
                "2abd390aa5ad25eb269eb46dad45380db2fa7ba653e39926b75973475c3bc4ce",
            ),
            pinned(
                "hl7.fhir.r4b.expansions",
                "4.3.0",
                "128091fb0decbdac91718e5d89f81dd0b490aecffc1efdebfc194e665252a1c8",
            ),
        ],
    },
    Release {
        name: "r5",
        packages: &[
            pinned(
                "hl7.fhir.r5.core",
                "5.0.0",
                "09f22107bef64313545a50d2c127d20f81173c499a395672fae089bc23e72fab",
            ),
            pinned(
                "hl7.fhir.r5.expansions",
                "5.0.0",
                "09b42849f655c7ae93ca9690f0d3c2ebf35fb323b4d176c5e6167ca7746d5383",
            ),
        ],
    },
    Release {
        name: "stu3",
        packages: &[
            pinned(
                "hl7.fhir.r3.examples",
                "3.0.2",
                "ebe6e5220a6aff2da952f3bc0fe1c83122d38dde2de0ae020a0337b45824ba78",
            ),
            pinned(
                "hl7.fhir.r3.expansions",
                "3.0.2",
                "4c5bbe5fe4467a6053367b0a59f433a1259f8013645cb14837f9ac85223c30e6",
            ),
        ],
    },
];

/// The packages of the official examples of the releases other than R4.
const EXAMPLES: [Pinned; 3] = [
    pinned(
        "hl7.fhir.r3.examples",
        "3.0.2",
        "ebe6e5220a6aff2da952f3bc0fe1c83122d38dde2de0ae020a0337b45824ba78",
    ),
    pinned(
        "hl7.fhir.r4b.examples",
        "4.3.0",
        "82cb78e05077f57ff416eb044831bad7de9fca602c0cea8ce5ef672b604344de",
    ),
    pinned(
        "hl7.fhir.r5.examples",
        "5.0.0",
        "00106d2479ba1d73a1168543472b730744c157d9c427a686c88c32559afb09e5",
    ),
];

/// Fetches the official examples of the releases other than R4 into a folder, if they are not there.
pub(super) fn fetch_examples(folder: &Path) -> Result<()> {
    for package in &EXAMPLES {
        package.check(&super::read(&fetch(package, folder)?)?)?;
    }
    Ok(())
}

impl Release {
    /// The package of the definitions.
    pub(crate) fn definitions(&self) -> &'static Pinned {
        &self.packages[0]
    }

    /// Whether it is R4, whose package has what the others have in several.
    pub(crate) fn is_r4(&self) -> bool {
        self.name == "r4"
    }

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

/// The bytes of each of the release's packages, digests checked: of R4 from `path`, `$HEALTHCODE_SPEC`
/// or npm; of others from the folder `path`, the folder `$HEALTHCODE_RELEASES` or npm.
pub(crate) fn obtain(release: &Release, path: Option<&Path>) -> Result<Vec<Vec<u8>>> {
    let name = if release.is_r4() {
        SPEC_VARIABLE
    } else {
        RELEASES_VARIABLE
    };
    let variable = std::env::var_os(name).filter(|value| !value.is_empty());
    let place = path.map(Path::to_owned).or(variable.map(PathBuf::from));
    let fetched = tempfile::tempdir().context("cannot make a temporary folder")?;
    let mut all = Vec::new();
    for package in release.packages {
        let bytes = match &place {
            Some(file) if release.is_r4() => super::read(file)?,
            Some(folder) => super::read(&folder.join(package.file()))?,
            None => super::read(&fetch(package, fetched.path())?)?,
        };
        package.check(&bytes)?;
        all.push(bytes);
    }
    Ok(all)
}

impl Pinned {
    /// The name of its file.
    fn file(&self) -> String {
        format!("{}-{}.tgz", self.name, self.version)
    }

    fn check(&self, bytes: &[u8]) -> Result<()> {
        let digest = format!("{:x}", Sha256::digest(bytes));
        ensure!(
            digest == self.sha256,
            "invalid package, not {} {}: its sha256 is {digest}, expected {}",
            self.name,
            self.version,
            self.sha256
        );
        Ok(())
    }
}

/// Fetches the package into a folder with `npm pack`, if it is not there; returns its file.
pub(super) fn fetch(package: &Pinned, folder: &Path) -> Result<PathBuf> {
    let file = folder.join(package.file());
    if file.exists() {
        return Ok(file);
    }
    let wanted = format!("{}@{}", package.name, package.version);
    let output = Command::new("npm")
        .args(["pack", "--silent", &wanted])
        .current_dir(folder)
        .output()
        .with_context(|| {
            format!(
                "cannot run npm to fetch {wanted}; install npm, or say where the packages are: \
                 `cargo xtask spec import PATH`, ${SPEC_VARIABLE} or ${RELEASES_VARIABLE}"
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
    /// Reads the definitions from the bytes of the release's package files.
    pub(crate) fn read(release: &'static Release, files: &[Vec<u8>]) -> Result<Self> {
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
        for (pinned, bytes) in release.packages.iter().zip(files).rev() {
            let expanded = !std::ptr::eq(pinned, release.definitions());
            let mut archive = tar::Archive::new(GzDecoder::new(bytes.as_slice()));
            for entry in archive.entries().context("cannot read the package")? {
                let entry = entry.context("cannot read the package")?;
                let path = entry.path()?.to_string_lossy().into_owned();
                if let Some(name) = path.strip_prefix("package/") {
                    let added = package.add(name, expanded, entry);
                    added.with_context(|| format!("in {path}"))?;
                }
            }
            ensure!(
                package.manifest.name == pinned.name && package.manifest.version == pinned.version,
                "invalid package: its package.json says {} {}",
                package.manifest.name,
                package.manifest.version
            );
        }
        Ok(package)
    }

    /// Adds what is read of a file, if anything is; `expanded` means that value sets have expansions.
    fn add(&mut self, name: &str, expanded: bool, mut file: impl Read) -> Result<()> {
        let kind = name.split('-').next().unwrap_or_default();
        let stu3 = self.release.name == "stu3";
        let mut json = || -> Result<_> {
            let mut json = Vec::new();
            file.read_to_end(&mut json)?;
            Ok(json)
        };
        match (kind, name) {
            ("StructureDefinition", _) if stu3 => {
                let mut definition = serde_json::from_slice(&json()?)?;
                stu3::translate(&mut definition)?;
                let definition = serde_json::from_value(definition)?;
                insert(&mut self.structures, definition, |definition| {
                    &definition.url
                })?;
            }
            ("StructureDefinition", _) => {
                let definition = serde_json::from_slice(&json()?)?;
                insert(&mut self.structures, definition, |definition| {
                    &definition.url
                })?;
            }
            ("ValueSet", _) => {
                let set = serde_json::from_slice(&json()?)?;
                let sets = if expanded {
                    &mut self.expansions
                } else {
                    &mut self.value_sets
                };
                insert(sets, set, |set: &ValueSet| &set.url)?;
            }
            ("CodeSystem", _) => {
                let system = serde_json::from_slice(&json()?)?;
                insert(&mut self.code_systems, system, |system| &system.url)?;
            }
            // Of the other releases nothing is searched by parameters.
            ("SearchParameter", _) if self.release.is_r4() => {
                let parameter = serde_json::from_slice(&json()?)?;
                insert(&mut self.search_parameters, parameter, |parameter| {
                    &parameter.url
                })?;
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
        let known = "r4, r4b, r5, stu3";
        assert_eq!(
            error.to_string(),
            format!("unknown release `r3`: expected {known}")
        );
    }
}
