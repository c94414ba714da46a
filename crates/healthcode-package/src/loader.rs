//! Loading packages and those that they depend on.

use crate::cache::Cache;
use crate::manifest::Dependency;
use crate::package::{Origin, Package};
use crate::version::{compare_versions, select_version};
use healthcode_core::printable;
use std::collections::{HashSet, VecDeque};
use std::io;
use std::path::Path;

/// How many packages a run may have, dependencies counted.
pub const MAX_PACKAGES: usize = 1000;

/// A version that a package requests, and for which another one is used.
#[derive(Debug)]
pub(crate) struct Replaced {
    pub(crate) by: usize,
    pub(crate) of: String,
    pub(crate) requested: String,
}

/// Whether R4's own definitions are meant, which need not be there.
fn is_r4_itself(name: &str, version: &str) -> bool {
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    is("hl7.fhir.r4.core")
        || is("hl7.fhir.core") && (version.starts_with("4.0") || version.is_empty())
}

/// What a person does about a package that is not there.
fn advice(name: &str, version: &str) -> String {
    let at = match version {
        "" | "latest" => String::new(),
        version => format!("@{version}"),
    };
    printable(&format!(
        "To get it, run `npm pack {name}{at}` against a registry of FHIR packages (npm's --registry), or \
         download it, and name the .tgz file with --package. What the HL7 validator or SUSHI has fetched is in \
         ~/.fhir/packages."
    ))
}

/// Packages while they are loaded.
pub(crate) struct Loader<'c> {
    cache: &'c Cache,
    pub(crate) packages: Vec<Package>,
    pub(crate) replaced: Vec<Replaced>,
    pub(crate) warnings: Vec<String>,
    /// A package, and one that it depends on.
    pub(crate) links: Vec<(usize, usize)>,
}

impl<'c> Loader<'c> {
    pub(crate) fn new(cache: &'c Cache) -> Self {
        Loader {
            cache,
            packages: Vec::new(),
            replaced: Vec::new(),
            warnings: Vec::new(),
            links: Vec::new(),
        }
    }

    /// Loads a package that is named.
    pub(crate) fn give(&mut self, given: &str) -> io::Result<()> {
        let failed = |error: &dyn std::fmt::Display, kind| {
            io::Error::new(kind, format!("package {}: {error}", printable(given)))
        };
        let path = Path::new(given);
        let found = if path.exists() {
            path.to_owned()
        } else if is_path(given) {
            let message = "no such file or folder";
            return Err(failed(&message, io::ErrorKind::NotFound));
        } else {
            let (name, version) = given
                .split_once('#')
                .or_else(|| given.rsplit_once('@').filter(|(name, _)| !name.is_empty()))
                .unwrap_or((given, ""));
            if is_r4_itself(name, version) {
                return Ok(());
            }
            let Some((.., path)) = self.cache.find(name, version) else {
                return Err(failed(
                    &self.missing(name, version),
                    io::ErrorKind::NotFound,
                ));
            };
            path.to_owned()
        };
        let package = Package::open(&found).map_err(|error| failed(&error, error.kind()))?;
        if package.is_bare() && package.index.is_empty() {
            let message =
                "no package.json, and no StructureDefinition, ValueSet or CodeSystem in it";
            return Err(failed(&message, io::ErrorKind::InvalidData));
        }
        self.add(package);
        Ok(())
    }

    /// Says that a package is not in the cache, and what to do about it.
    fn missing(&self, name: &str, version: &str) -> String {
        let place = self.cache.place();
        let there = self.cache.versions(name);
        let hint = match (there.is_empty(), self.cache.nearest(name)) {
            (false, _) => format!(", which has {}", printable(&there.join(", "))),
            (true, Some(near)) => format!("; did you mean {}", printable(near)),
            (true, None) => String::new(),
        };
        let end = if hint.contains("; ") { '?' } else { '.' };
        format!(
            "not in the cache {place}{hint}{end} {}",
            advice(name, version)
        )
    }

    /// Adds a package, unless it is there already.
    fn add(&mut self, package: Package) -> usize {
        let same = |one: &Package| {
            let (own, other) = (one.manifest(), package.manifest());
            !one.is_bare()
                && !package.is_bare()
                && own.name.eq_ignore_ascii_case(&other.name)
                && own.version == other.version
        };
        if let Some(at) = self.packages.iter().position(same) {
            return at;
        }
        if !package.broken.is_empty() {
            let shown: Vec<&str> = package.broken.iter().take(3).map(String::as_str).collect();
            let more = match package.broken.len() - shown.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let names = shown.join(", ");
            let label = package.label();
            let warning = format!("package {label}: neither JSON nor XML, left out: {names}{more}");
            self.warnings.push(warning);
        }
        self.packages.push(package);
        self.packages.len() - 1
    }

    /// Loads what packages depend on, each version once.
    pub(crate) fn load_dependencies(&mut self) {
        let given = self.packages.len();
        let locks = self.packages.iter().flat_map(|one| one.lock.clone());
        let lock: Vec<(String, String)> = locks.collect();
        let mut open: VecDeque<usize> = (0..given).collect();
        let mut missing: HashSet<(String, String)> = HashSet::new();
        while let Some(at) = open.pop_front() {
            let Some(package) = self.packages.get(at) else {
                continue;
            };
            let of = package.label();
            for dependency in package.manifest().dependencies.clone() {
                if is_r4_itself(&dependency.name, &dependency.version) {
                    continue;
                }
                let key = (dependency.name.to_lowercase(), dependency.version.clone());
                if let Some(by) = self.given_for(&dependency, given, &of) {
                    self.links.push((at, by));
                    continue;
                }
                if missing.contains(&key) {
                    continue;
                }
                let before = self.packages.len();
                match self.dependency(&dependency, &lock, &of) {
                    Some(found) => {
                        self.links.push((at, found));
                        if self.packages.len() > before {
                            open.push_back(found);
                        }
                    }
                    None => {
                        missing.insert(key);
                    }
                }
                if self.packages.len() > MAX_PACKAGES {
                    let warning = format!("more than {MAX_PACKAGES} packages: others are left out");
                    self.warnings.push(warning);
                    return;
                }
            }
        }
    }

    /// The package that was named and stands for a dependency; remembers where its version is another.
    fn given_for(&mut self, dependency: &Dependency, given: usize, of: &str) -> Option<usize> {
        let named = self.packages.iter().take(given).enumerate();
        let named = named.filter(|(_, one)| {
            !one.is_bare() && one.manifest().name.eq_ignore_ascii_case(&dependency.name)
        });
        let mut named: Vec<(usize, &str)> = named
            .map(|(at, one)| (at, &*one.manifest().version))
            .collect();
        let requested = &dependency.version;
        let versions = named.iter().map(|(_, version)| *version);
        if let Some(version) = select_version(requested, versions) {
            return named
                .iter()
                .find(|(_, own)| *own == version)
                .map(|(at, _)| *at);
        }
        named.sort_by(|(_, a), (_, b)| compare_versions(a, b));
        let (by, _) = *named.last().filter(|_| !dependency.aliased)?;
        self.replaced.push(Replaced {
            by,
            of: of.to_owned(),
            requested: requested.clone(),
        });
        Some(by)
    }

    /// Loads a dependency from the cache; `None`, with a warning, if it is not there.
    fn dependency(
        &mut self,
        dependency: &Dependency,
        lock: &[(String, String)],
        of: &str,
    ) -> Option<usize> {
        let Dependency { name, version, .. } = dependency;
        let fixed = lock.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        let fixed = fixed.filter(|_| !dependency.aliased);
        let requested = fixed.map_or(version.as_str(), |(_, version)| version);
        let label = printable(&format!("{name}#{requested}"));
        let Some((own, found, path)) = self.cache.find(name, requested) else {
            let text = self.missing(name, requested);
            let warning = format!("package {label}, which {of} depends on: {text}");
            self.warnings.push(warning);
            return None;
        };
        let loaded = self.packages.iter().position(|one| {
            let manifest = one.manifest();
            manifest.name.eq_ignore_ascii_case(own) && manifest.version == found
        });
        if loaded.is_some() {
            return loaded;
        }
        match Package::open(path) {
            Ok(mut package) => {
                package.origin = Origin::Dependency {
                    of: of.to_owned(),
                    requested: version.clone(),
                };
                Some(self.add(package))
            }
            Err(error) => {
                let warning = format!("package {label}, which {of} depends on: {error}");
                self.warnings.push(warning);
                None
            }
        }
    }

    /// A note for each package that is used instead of other versions.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for (by, package) in self.packages.iter().enumerate() {
            let requested = self.replaced.iter().filter(|one| one.by == by);
            let requested =
                requested.map(|one| format!("#{} of {}", printable(&one.requested), one.of));
            let mut requested: Vec<String> = requested.collect();
            requested.dedup();
            if !requested.is_empty() {
                let (label, requested) = (package.label(), requested.join(", "));
                notes.push(format!(
                    "{label} was named and replaces the dependencies {requested}"
                ));
            }
        }
        notes
    }
}

/// Whether a text names a file or a folder rather than a package.
fn is_path(text: &str) -> bool {
    let ending = |end: &str| text.to_ascii_lowercase().ends_with(end);
    let is_scoped = text.starts_with('@');
    (text.contains('/') && !is_scoped)
        || text.contains('\\')
        || text.starts_with('.')
        || ending(".tgz")
        || ending(".gz")
        || ending(".json")
        || ending(".xml")
}
