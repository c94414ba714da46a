//! [`Packages`]: the packages of a run with those that they depend on, and the index of their definitions.

use crate::cache::Cache;
use crate::loader::{Loader, Replaced};
use crate::package::{Indexed, Origin, Package};
use crate::pin::pin;
use crate::version::compare_versions;
use crate::visible::VisibleVersions;
use healthcode_core::printable;
use healthcode_json::ReadOptions;
use healthcode_r4::Resource;
use healthcode_validate::{DefinitionKind, Definitions};
use healthcode_xml::either;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::io;
use std::sync::Mutex;

/// Packages and the index of their definitions. The texts of definitions are read when they are first
/// requested.
///
/// ```no_run
/// use healthcode_package::{Cache, Packages};
/// use healthcode_validate::ProfileSet;
/// use std::sync::Arc;
///
/// let cache = Cache::open(&Cache::default_folder().unwrap_or_default());
/// let packages = Packages::load(["hl7.fhir.uv.ips#2.0.0"], &cache)?;
/// let mut set = ProfileSet::new();
/// set.provide(Arc::new(packages));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Packages {
    packages: Vec<Package>,
    /// The package of each definition, and its index there.
    definitions: Vec<(usize, usize)>,
    /// The definitions of each URL, the one that is used without a version first.
    by_url: [HashMap<Box<str>, Vec<usize>>; 3],
    supplements: HashMap<Box<str>, Vec<usize>>,
    /// The code systems of the value sets that have all of their codes.
    whole: HashMap<Box<str>, Box<str>>,
    replaced: Vec<Replaced>,
    /// The version of each package that other packages depend on.
    visible: VisibleVersions,
    notes: Vec<String>,
    warnings: Mutex<Vec<String>>,
}

/// A definition of a canonical URL, among others of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Candidate<'p> {
    /// What it defines.
    pub kind: DefinitionKind,
    /// The version of the definition.
    pub version: Option<&'p str>,
    /// The package that it is in.
    pub package: &'p Package,
    /// Its file in the package.
    pub file: &'p str,
    /// Whether it is the one that the URL stands for.
    pub is_used: bool,
    /// Why it is, or is not, that one.
    pub reason: String,
}

fn kind_of(resource_type: &str) -> Option<DefinitionKind> {
    Some(match resource_type {
        "StructureDefinition" => DefinitionKind::StructureDefinition,
        "ValueSet" => DefinitionKind::ValueSet,
        "CodeSystem" => DefinitionKind::CodeSystem,
        _ => return None,
    })
}

impl Packages {
    /// Loads packages and those that they depend on. Each is named by a path (an archive, an unpacked
    /// package, or a folder of resources) or by `NAME#VERSION` or `NAME` in the cache.
    ///
    /// # Errors
    /// If a named package is not there or cannot be read; the error names it. A missing dependency is a
    /// warning.
    pub fn load<'g>(
        given: impl IntoIterator<Item = &'g str>,
        cache: &Cache,
    ) -> io::Result<Packages> {
        let mut loader = Loader::new(cache);
        for name in given {
            loader.give(name)?;
        }
        loader.load_dependencies();
        Ok(Packages::new(loader))
    }

    fn new(loaded: Loader<'_>) -> Packages {
        let notes = loaded.notes();
        let visible = VisibleVersions::of(&loaded.packages, &loaded.links);
        let mut packages = Packages {
            definitions: Vec::new(),
            by_url: Default::default(),
            supplements: HashMap::new(),
            whole: HashMap::new(),
            replaced: loaded.replaced,
            notes,
            visible,
            warnings: Mutex::new(loaded.warnings),
            packages: loaded.packages,
        };
        let mut by_url: [HashMap<Box<str>, Vec<usize>>; 3] = Default::default();
        for (at, package) in packages.packages.iter().enumerate() {
            for (index, Indexed { header, .. }) in package.index.iter().enumerate() {
                let Some(kind) = kind_of(&header.resource_type) else {
                    continue;
                };
                let number = packages.definitions.len();
                packages.definitions.push((at, index));
                let supplements = header.content.as_deref() == Some("supplement");
                if let Some(set) = header.value_set.as_deref().filter(|_| !supplements) {
                    let set = split(set).0.into();
                    packages
                        .whole
                        .entry(set)
                        .or_insert(header.url.as_str().into());
                }
                if let Some(system) = header.supplements.as_deref().filter(|_| supplements) {
                    let of_system = packages.supplements.entry(split(system).0.into());
                    of_system.or_default().push(number);
                } else {
                    let of_url = by_url[kind as usize].entry(header.url.as_str().into());
                    of_url.or_default().push(number);
                }
            }
        }
        let several = by_url.iter_mut().flat_map(HashMap::values_mut);
        for all in several.filter(|all| all.len() > 1) {
            all.sort_by(|a, b| packages.rank(*b).compare(&packages.rank(*a)));
        }
        packages.by_url = by_url;
        packages
    }

    /// The packages: those that were named, then their dependencies.
    #[must_use]
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// Versions that were replaced by others, for people.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Takes the warnings since the last call: missing dependencies, files that cannot be read.
    pub fn take_warnings(&self) -> Vec<String> {
        let mut warnings = match self.warnings.lock() {
            Ok(warnings) => warnings,
            Err(poisoned) => poisoned.into_inner(),
        };
        std::mem::take(&mut warnings)
    }

    /// The definitions of a canonical URL, with or without a version; the one that it stands for first.
    /// With a version that is not there, none is marked as used.
    #[must_use]
    pub fn candidates(&self, canonical: &str) -> Vec<Candidate<'_>> {
        let (url, version) = split(canonical);
        let mut out = Vec::new();
        for kind in DefinitionKind::ALL {
            let all = self.of_url(kind, url);
            let used = self.find(kind, url, version);
            let order = all.iter().filter(|number| Some(**number) == used);
            let order = order.chain(all.iter().filter(|number| Some(**number) != used));
            for &number in order {
                let Some((package, indexed)) = self.definition(number) else {
                    continue;
                };
                out.push(Candidate {
                    kind,
                    version: self.version(number),
                    package,
                    file: package.file_of(indexed),
                    is_used: used == Some(number),
                    reason: self.reason(number, used, all, version, indexed),
                });
            }
        }
        out
    }

    /// All definitions, with their URLs.
    pub fn definitions(&self) -> impl Iterator<Item = (&str, Candidate<'_>)> {
        let all = self.definitions.iter().enumerate();
        all.filter_map(|(number, _)| {
            let (package, indexed) = self.definition(number)?;
            let candidate = Candidate {
                kind: kind_of(&indexed.header.resource_type)?,
                version: self.version(number),
                package,
                file: package.file_of(indexed),
                is_used: false,
                reason: String::new(),
            };
            Some((&*indexed.header.url, candidate))
        })
    }

    /// Whether a canonical URL stands for a definition, and which.
    #[must_use]
    pub fn resolve(&self, canonical: &str) -> Option<Candidate<'_>> {
        let mut all = self.candidates(canonical).into_iter();
        all.find(|candidate| candidate.is_used)
    }

    /// The versions of a package that were requested, where another one is used: by which package, and which version.
    pub fn replaced_by<'p>(
        &'p self,
        package: &'p Package,
    ) -> impl Iterator<Item = (&'p str, &'p str)> {
        let by = self
            .packages
            .iter()
            .position(|one| std::ptr::eq(one, package));
        let replaced = self.replaced.iter().filter(move |one| Some(one.by) == by);
        replaced.map(|one| (&*one.of, &*one.requested))
    }

    /// The version of a definition that a URL without a version stands for in a package, if that is not the one used
    /// elsewhere, because the package depends on another version of the package with the definition.
    fn version_for(&self, of: usize, kind: DefinitionKind, url: &str) -> Option<&str> {
        let all = self.of_url(kind, url);
        let package_of = |number: usize| self.definitions.get(number).map(|(package, _)| *package);
        let used = package_of(*all.first().filter(|_| all.len() > 1)?)?;
        let seen = self
            .visible
            .version_of(of, used)
            .filter(|seen| *seen != used)?;
        let number = all.iter().find(|number| package_of(**number) == Some(seen));
        self.version(*number?)
    }

    /// The definitions of a URL, the one that is used without a version first.
    fn of_url(&self, kind: DefinitionKind, url: &str) -> &[usize] {
        let of_kind = self.by_url.get(kind as usize);
        let all = of_kind.and_then(|of_kind| of_kind.get(url));
        all.map_or(&[], Vec::as_slice)
    }

    fn definition(&self, number: usize) -> Option<(&Package, &Indexed)> {
        let (package, index) = *self.definitions.get(number)?;
        let package = self.packages.get(package)?;
        Some((package, package.index.get(index)?))
    }

    /// The version of a definition, or of its package.
    fn version(&self, number: usize) -> Option<&str> {
        let (package, indexed) = self.definition(number)?;
        let own = indexed.header.version.as_deref();
        own.or(Some(&*package.manifest().version).filter(|version| !version.is_empty()))
    }

    /// The criteria that decide which of several definitions of a URL is used, the strongest first.
    fn rank(&self, number: usize) -> Rank<'_> {
        let Some((package, Indexed { header, .. })) = self.definition(number) else {
            return Rank::default();
        };
        // Guides are below a folder: http://hl7.org/fhir/uv/ips.
        let core = header.url.strip_prefix("http://hl7.org/fhir/");
        let is_core = core.is_some_and(|name| {
            let folder = name.split_once('/').map(|(folder, _)| folder);
            folder.is_none_or(|folder| kind_of(folder).is_some())
        });
        let owns = |canonical: &String| {
            let rest = header.url.strip_prefix(canonical.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let canonical = package.manifest().canonical.as_ref();
        Rank {
            of_release: !(is_core && package.is_of_other_release()),
            complete: match header.content.as_deref() {
                Some("complete") => 2,
                Some("fragment" | "example") => 1,
                Some(_) => 0,
                None => u8::from(header.is_defined),
            },
            owned: canonical
                .filter(|canonical| owns(canonical))
                .map_or(0, String::len),
            version: self.version(number).unwrap_or_default(),
            given: package.origin == Origin::Given,
        }
    }

    fn reason(
        &self,
        number: usize,
        used: Option<usize>,
        all: &[usize],
        requested: Option<&str>,
        indexed: &Indexed,
    ) -> String {
        let rank = self.rank(number);
        let Some(used) = used else {
            return match requested {
                Some(requested) => {
                    printable(&format!("not used: version {requested} is requested"))
                }
                None => "not used: it belongs to another release of FHIR".to_owned(),
            };
        };
        if used != number {
            let winner = self.rank(used);
            let why = match requested {
                Some(requested) if indexed.header.version.as_deref() != Some(requested) => {
                    return printable(&format!("not used: version {requested} is requested"));
                }
                _ => rank.against(&winner),
            };
            return format!("not used: {}", why.0);
        }
        let others = all.iter().filter(|other| **other != number);
        let mut why: Vec<&str> = others
            .map(|other| self.rank(*other).against(&rank).1)
            .collect();
        why.dedup();
        match (requested, why.is_empty()) {
            (Some(_), _) => "used: it has the version that is requested".to_owned(),
            (None, true) => "used: it is the only one".to_owned(),
            (None, false) => format!("used: {}", why.join(", ")),
        }
    }
}

/// What decides between definitions of one URL.
#[derive(Debug, Default, PartialEq, Eq)]
struct Rank<'p> {
    of_release: bool,
    complete: u8,
    owned: usize,
    version: &'p str,
    given: bool,
}

impl Rank<'_> {
    fn compare(&self, other: &Self) -> Ordering {
        let by = self.of_release.cmp(&other.of_release);
        by.then(self.complete.cmp(&other.complete))
            .then(self.owned.cmp(&other.owned))
            .then_with(|| compare_versions(self.version, other.version))
            .then(self.given.cmp(&other.given))
    }

    /// Why this loses against another, and why the other wins.
    fn against(&self, winner: &Self) -> (&'static str, &'static str) {
        if self.of_release != winner.of_release {
            (
                "it belongs to another release of FHIR",
                "it belongs to this release of FHIR",
            )
        } else if self.complete != winner.complete {
            ("it is less complete", "it is the most complete")
        } else if self.owned != winner.owned {
            ("another package owns the URL", "its package owns the URL")
        } else if compare_versions(self.version, winner.version).is_ne() {
            ("its version is lower", "its version is the highest")
        } else if self.given != winner.given {
            ("the other package was named", "its package was named")
        } else {
            ("the other came first", "it came first")
        }
    }
}

/// A canonical URL and the version behind its bar.
fn split(canonical: &str) -> (&str, Option<&str>) {
    match canonical.split_once('|') {
        Some((url, version)) => (url, Some(version)),
        None => (canonical, None),
    }
}

impl Definitions for Packages {
    fn count(&self) -> usize {
        self.definitions.len()
    }

    fn find(&self, kind: DefinitionKind, url: &str, version: Option<&str>) -> Option<usize> {
        let all = self.of_url(kind, url);
        match version {
            None => {
                let first = *all.first()?;
                self.rank(first).of_release.then_some(first)
            }
            Some(version) => {
                // One without a version may be of any.
                let is_it =
                    |number: &&usize| self.version(**number).is_none_or(|own| own == version);
                all.iter().find(is_it).copied()
            }
        }
    }

    fn versions(&self, kind: DefinitionKind, url: &str) -> Vec<usize> {
        self.of_url(kind, url).to_vec()
    }

    fn supplements(&self, system: &str) -> Vec<usize> {
        self.supplements.get(system).cloned().unwrap_or_default()
    }

    fn whole_system(&self, value_set: &str) -> Option<&str> {
        self.whole.get(value_set).map(|url| &**url)
    }

    fn read(&self, number: usize) -> Option<Resource> {
        let (package, indexed) = self.definition(number)?;
        let text = || package.text(indexed).map_err(|error| error.to_string());
        let read = match &indexed.resource {
            Some(resource) => Ok(resource.clone()),
            None => text().and_then(|text| parse(&text).map_err(|error| error.to_string())),
        };
        match read {
            Ok(mut resource) => {
                let (of, _) = *self.definitions.get(number)?;
                if self.visible.is_needed() {
                    pin(&mut resource, &|kind, url| self.version_for(of, kind, url));
                }
                Some(resource)
            }
            Err(error) => {
                let file = printable(package.file_of(indexed));
                let warning = format!("package {}: {file}: {error}", package.label());
                if let Ok(mut warnings) = self.warnings.lock() {
                    warnings.push(warning);
                }
                None
            }
        }
    }
}

fn parse(text: &[u8]) -> Result<Resource, healthcode_json::Error> {
    let read = either::read::<Resource>(text, &ReadOptions::new())?;
    Ok(read.value)
}
