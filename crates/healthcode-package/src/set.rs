//! [`Packages`]: the packages of a run with those that they depend on, and the index of their definitions.

use crate::cache::Cache;
use crate::manifest::Dependency;
use crate::package::{Indexed, Origin, Package};
use crate::version::compare_versions;
use healthcode_core::printable;
use healthcode_json::ReadOptions;
use healthcode_r4::Resource;
use healthcode_validate::{DefinitionKind, Definitions};
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::path::Path;
use std::sync::Mutex;

/// How many packages a run may have, dependencies counted.
pub const MAX_PACKAGES: usize = 1000;

/// Packages and the index of their definitions. The texts of definitions are read when they are first
/// asked for.
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
    replaced: Vec<Replaced>,
    notes: Vec<String>,
    warnings: Mutex<Vec<String>>,
}

/// A version that a package asks for, and for which another one is used.
#[derive(Debug)]
struct Replaced {
    by: usize,
    of: String,
    asked: String,
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
    /// Why it is, or is not, the one that the URL stands for.
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
        "to get it, run `npm --registry https://packages.fhir.org pack {name}{at}`, or download it, and name \
         the .tgz file with --package; packages that the HL7 validator or SUSHI has fetched are in its cache"
    ))
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
        let mut loader = Loader {
            cache,
            packages: Vec::new(),
            replaced: Vec::new(),
            warnings: Vec::new(),
        };
        for name in given {
            loader.give(name)?;
        }
        loader.load_dependencies();
        Ok(loader.finish())
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

    /// Takes what was found wrong since the last call: missing dependencies, files that cannot be read.
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
            let order = all.iter().filter(|it| Some(**it) == used);
            let order = order.chain(all.iter().filter(|it| Some(**it) != used));
            for &number in order {
                let Some((package, indexed)) = self.definition(number) else {
                    continue;
                };
                out.push(Candidate {
                    kind,
                    version: self.version(number),
                    package,
                    file: package
                        .file_of(self.definitions[number].1)
                        .unwrap_or_default(),
                    reason: self.reason(number, used, all, version, indexed),
                });
            }
        }
        out
    }

    /// All definitions, with their URLs.
    pub fn definitions(&self) -> impl Iterator<Item = (&str, Candidate<'_>)> {
        let all = self.definitions.iter().enumerate();
        all.filter_map(|(number, (_, index))| {
            let (package, indexed) = self.definition(number)?;
            let candidate = Candidate {
                kind: kind_of(&indexed.header.resource_type)?,
                version: self.version(number),
                package,
                file: package.file_of(*index).unwrap_or_default(),
                reason: String::new(),
            };
            Some((&*indexed.header.url, candidate))
        })
    }

    /// Whether a canonical URL stands for a definition, and which.
    #[must_use]
    pub fn resolve(&self, canonical: &str) -> Option<Candidate<'_>> {
        let mut all = self.candidates(canonical).into_iter();
        all.find(|candidate| candidate.reason.starts_with(USED))
    }

    /// The versions of a package that were asked for, where another one is used: who asked, and for what.
    pub fn replaced_by<'p>(
        &'p self,
        package: &'p Package,
    ) -> impl Iterator<Item = (&'p str, &'p str)> {
        let by = self
            .packages
            .iter()
            .position(|one| std::ptr::eq(one, package));
        let replaced = self.replaced.iter().filter(move |one| Some(one.by) == by);
        replaced.map(|one| (&*one.of, &*one.asked))
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

    /// What decides which of several definitions of a URL is used, the strongest first.
    fn rank(&self, number: usize) -> Rank<'_> {
        let Some((package, Indexed { header, .. })) = self.definition(number) else {
            return Rank::default();
        };
        let is_core = header.url.starts_with("http://hl7.org/fhir/");
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
            owned: canonical.filter(|it| owns(it)).map_or(0, String::len),
            version: self.version(number).unwrap_or_default(),
            given: package.origin == Origin::Given,
        }
    }

    fn reason(
        &self,
        number: usize,
        used: Option<usize>,
        all: &[usize],
        asked: Option<&str>,
        indexed: &Indexed,
    ) -> String {
        let rank = self.rank(number);
        let Some(used) = used else {
            return match asked {
                Some(asked) => printable(&format!("not used: version {asked} is asked for")),
                None => "not used: it belongs to another release of FHIR".to_owned(),
            };
        };
        if used != number {
            let winner = self.rank(used);
            let why = match asked {
                Some(asked) if indexed.header.version.as_deref() != Some(asked) => {
                    return printable(&format!("not used: version {asked} is asked for"));
                }
                _ => rank.against(&winner),
            };
            return format!("not used: {}", why.0);
        }
        let others = all.iter().filter(|it| **it != number);
        let mut why: Vec<&str> = others
            .map(|other| self.rank(*other).against(&rank).1)
            .collect();
        why.dedup();
        match (asked, why.is_empty()) {
            (Some(_), _) => format!("{USED}: it has the version that is asked for"),
            (None, true) => format!("{USED}: it is the only one"),
            (None, false) => format!("{USED}: {}", why.join(", ")),
        }
    }
}

/// How the reason of a definition begins that is used.
const USED: &str = "used";

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
                let is_it = |number: &&usize| self.version(**number).is_none_or(|it| it == version);
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

    fn read(&self, number: usize) -> Option<Resource> {
        let (package, _) = self.definition(number)?;
        let (_, index) = *self.definitions.get(number)?;
        let read = package.text(index).map_err(|error| error.to_string());
        let read = read.and_then(|text| parse(&text).map_err(|error| error.to_string()));
        match read {
            Ok(resource) => Some(resource),
            Err(error) => {
                let file = printable(package.file_of(index).unwrap_or_default());
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
    let read = healthcode_json::from_slice_with::<Resource>(text, &ReadOptions::new())?;
    Ok(read.value)
}

/// Packages while they are loaded.
struct Loader<'c> {
    cache: &'c Cache,
    packages: Vec<Package>,
    replaced: Vec<Replaced>,
    warnings: Vec<String>,
}

impl Loader<'_> {
    /// Loads a package that is named.
    fn give(&mut self, given: &str) -> io::Result<()> {
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
            (true, Some(near)) => format!("; did you mean {}?", printable(near)),
            (true, None) => String::new(),
        };
        format!(
            "not in the cache {place}{hint}\n  {}",
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
    fn load_dependencies(&mut self) {
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
                if missing.contains(&key) || self.is_given(&dependency, given, &of) {
                    continue;
                }
                let before = self.packages.len();
                match self.dependency(&dependency, &lock, &of) {
                    Some(at) if self.packages.len() > before => open.push_back(at),
                    Some(_) => {}
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

    /// Whether a package that was named stands for a dependency; remembers where the version is another.
    fn is_given(&mut self, dependency: &Dependency, given: usize, of: &str) -> bool {
        let same = |one: &&Package| {
            !one.is_bare() && one.manifest().name.eq_ignore_ascii_case(&dependency.name)
        };
        let named: Vec<&Package> = self.packages.iter().take(given).filter(same).collect();
        let versions = named.iter().map(|one| &*one.manifest().version);
        let asked = &dependency.version;
        let fits = crate::version::select_version(asked, versions).is_some();
        if named.is_empty() || fits || dependency.aliased {
            return fits;
        }
        let highest = named
            .iter()
            .max_by(|a, b| compare_versions(&a.manifest().version, &b.manifest().version));
        let Some(used) = highest else { return false };
        let by = self
            .packages
            .iter()
            .position(|one| std::ptr::eq(one, *used));
        let replaced = Replaced {
            by: by.unwrap_or_default(),
            of: of.to_owned(),
            asked: asked.clone(),
        };
        self.replaced.push(replaced);
        true
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
        let asked = fixed.map_or(version.as_str(), |(_, version)| version);
        let label = printable(&format!("{name}#{asked}"));
        let Some((own, found, path)) = self.cache.find(name, asked) else {
            let text = self.missing(name, asked);
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
                    asked: version.clone(),
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
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for (by, package) in self.packages.iter().enumerate() {
            let asked = self.replaced.iter().filter(|one| one.by == by);
            let asked = asked.map(|one| format!("#{} of {}", printable(&one.asked), one.of));
            let mut asked: Vec<String> = asked.collect();
            asked.dedup();
            if !asked.is_empty() {
                let (label, asked) = (package.label(), asked.join(", "));
                notes.push(format!(
                    "{label} was named and replaces the dependencies {asked}"
                ));
            }
        }
        notes
    }

    fn finish(self) -> Packages {
        let notes = self.notes();
        let mut packages = Packages {
            definitions: Vec::new(),
            by_url: Default::default(),
            supplements: HashMap::new(),
            replaced: self.replaced,
            notes,
            warnings: Mutex::new(self.warnings),
            packages: self.packages,
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
                match header.supplements.as_deref().filter(|_| supplements) {
                    Some(system) => {
                        let of_system = packages.supplements.entry(split(system).0.into());
                        of_system.or_default().push(number);
                    }
                    None => {
                        let of_url = by_url[kind as usize].entry(header.url.as_str().into());
                        of_url.or_default().push(number);
                    }
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
