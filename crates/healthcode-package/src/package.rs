//! [`Package`]: one package, read from an archive or a folder, with an index of its definitions.

use crate::archive::{Archive, MAX_ENTRIES};
use crate::header::{Broken, Header};
use crate::manifest::{Manifest, read_lock};
use healthcode_core::printable;
use healthcode_json::ReadOptions;
use healthcode_r4::Resource;
use healthcode_validate::DefinitionKind;
use healthcode_xml::either;
use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::thread::{self, ScopedJoinHandle};
use walkdir::WalkDir;

/// How large a file of a package may be: 256 MiB.
pub const MAX_FILE: u64 = 256 << 20;

/// Folders of a package that hold no definitions (FHIR packages.html).
const ASIDE: &[&str] = &[
    "example",
    "examples",
    "openapi",
    "other",
    "tests",
    "node_modules",
];

/// A package.
pub struct Package {
    manifest: Manifest,
    /// Whether it comes without a manifest: a folder of resources.
    is_bare: bool,
    place: PathBuf,
    files: Files,
    pub(crate) index: Vec<Indexed>,
    /// The files that could not be read.
    pub(crate) broken: Vec<String>,
    pub(crate) lock: Vec<(String, String)>,
    /// Why it was loaded.
    pub(crate) origin: Origin,
}

/// Why a package was loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was named.
    Given,
    /// Another package depends on it: the other's name, and the version that it requests.
    Dependency {
        /// The package that requests it.
        of: String,
        /// The version as it is requested.
        requested: String,
    },
}

/// A definition of the index.
#[derive(Debug)]
pub(crate) struct Indexed {
    pub(crate) header: Header,
    /// The index of its file.
    file: usize,
    /// The definition itself, where it is in a Bundle with others.
    pub(crate) resource: Option<Resource>,
}

enum Files {
    Archive(Archive),
    /// Paths below the package's place.
    Folder(Vec<String>),
}

impl fmt::Debug for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Package")
            .field("name", &self.manifest.name)
            .field("version", &self.manifest.version)
            .field("definitions", &self.index.len())
            .finish_non_exhaustive()
    }
}

impl Package {
    /// Reads the package at a path: an archive, an unpacked package, or a folder of resources.
    ///
    /// # Errors
    /// If it cannot be read, or is not a package. The error does not name the path.
    pub fn open(path: &Path) -> io::Result<Package> {
        if path.is_dir() {
            return Package::index(path, Files::Folder(walk(path)?));
        }
        let packed = read_file(path)?;
        Package::read(path, &packed)
    }

    /// Reads a package from the bytes of an archive; `place` says where it is from.
    ///
    /// # Errors
    /// If it is no archive of a package.
    pub fn read(place: &Path, packed: &[u8]) -> io::Result<Package> {
        let archive = Archive::read(packed)?;
        Package::index(place, Files::Archive(archive))
    }

    fn index(place: &Path, files: Files) -> io::Result<Package> {
        let names: Vec<&str> = match &files {
            Files::Archive(archive) => archive.names().collect(),
            Files::Folder(names) => names.iter().map(String::as_str).collect(),
        };
        let is_archive = matches!(files, Files::Archive(_));
        let layout = Layout::of(&names, is_archive);
        if is_archive && layout.manifest.is_none() {
            let message = "not a FHIR package: missing package/package.json";
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let content = |file: usize| content(place, &files, file);
        let stem = place.file_name().unwrap_or_default().to_string_lossy();
        let is_bare = layout.manifest.is_none();
        let mut manifest = match layout.manifest {
            Some(file) => Manifest::read(&content(file)?).ok_or_else(|| {
                let message = "invalid package.json: expected a JSON object";
                io::Error::new(io::ErrorKind::InvalidData, message)
            })?,
            None => Manifest::default(),
        };
        if manifest.name.is_empty() {
            manifest.name = stem.trim_end_matches(".tgz").to_owned();
        }
        let lock = match layout.lock {
            Some(file) => read_lock(&content(file)?),
            None => Vec::new(),
        };
        // Published packages have a file for each definition; their Bundles are examples.
        let in_bundles = !layout.is_flat;
        let (index, broken) = scan(&layout.definitions, &names, in_bundles, &content)?;
        Ok(Package {
            manifest,
            is_bare,
            place: place.to_owned(),
            index,
            broken,
            lock,
            origin: Origin::Given,
            files,
        })
    }

    /// Its `package.json`.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The package's name, and its version behind a number sign if it has one, as it can be shown.
    #[must_use]
    pub fn label(&self) -> String {
        let Manifest { name, version, .. } = &self.manifest;
        match version.as_str() {
            "" => printable(name),
            version => printable(&format!("{name}#{version}")),
        }
    }

    /// The archive or folder that it was read from.
    #[must_use]
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Why it was loaded.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// How many StructureDefinitions, value sets and code systems it has.
    #[must_use]
    pub fn counts(&self) -> [usize; 3] {
        ["StructureDefinition", "ValueSet", "CodeSystem"].map(|kind| {
            let same = |one: &&Indexed| one.header.resource_type == kind;
            self.index.iter().filter(same).count()
        })
    }

    /// Whether it is a folder of resources without a `package.json`.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.is_bare
    }

    /// Whether it holds the definitions of another release of FHIR, which never replace those of R4.
    pub(crate) fn is_of_other_release(&self) -> bool {
        let name = self.manifest.name.to_ascii_lowercase();
        let named = match name.strip_prefix("hl7.fhir.r") {
            Some(rest) => {
                let release = rest.split('.').next().unwrap_or_default();
                rest.starts_with(|c: char| c.is_ascii_digit()) && release != "4"
            }
            None => name == "hl7.fhir.core" && !self.manifest.version.starts_with("4.0"),
        };
        let versions = &self.manifest.fhir_versions;
        let is_r4 = |version: &String| version.starts_with("4.0");
        named || !versions.is_empty() && !versions.iter().any(is_r4)
    }

    /// The name of a definition's file, for people.
    pub(crate) fn file_of(&self, definition: &Indexed) -> &str {
        let name = match &self.files {
            Files::Archive(archive) => archive.name(definition.file),
            Files::Folder(names) => names.get(definition.file).map(String::as_str),
        };
        name.unwrap_or_default()
    }

    /// The text of a definition.
    pub(crate) fn text(&self, definition: &Indexed) -> io::Result<Cow<'_, [u8]>> {
        content(&self.place, &self.files, definition.file)
    }
}

fn content<'f>(place: &Path, files: &'f Files, file: usize) -> io::Result<Cow<'f, [u8]>> {
    match files {
        Files::Archive(archive) => Ok(archive.content(file).into()),
        Files::Folder(names) => {
            let name = names.get(file).ok_or(io::ErrorKind::NotFound)?;
            let read = read_file(&place.join(name));
            read.map(Cow::Owned).map_err(|error| {
                io::Error::new(error.kind(), format!("{}: {error}", printable(name)))
            })
        }
    }
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let data = file.metadata()?;
    if !data.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "not a regular file",
        ));
    }
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        let message = format!("it is larger than {} MiB", MAX_FILE >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// The files of a folder, by path with slashes, in order. Hidden ones are left out.
fn walk(folder: &Path) -> io::Result<Vec<String>> {
    let visible = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0 || !name.starts_with('.') && name != "node_modules"
    };
    let mut names = Vec::new();
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    for entry in entries.filter_entry(visible) {
        let entry = entry.map_err(|error| io::Error::other(error.to_string()))?;
        let Ok(inside) = entry.path().strip_prefix(folder) else {
            continue;
        };
        if entry.depth() == 0 || !entry.path().is_file() {
            continue;
        }
        // Files of packages have names in UTF-8.
        let steps: Option<Vec<&str>> = inside.iter().map(|step| step.to_str()).collect();
        names.extend(steps.map(|steps| steps.join("/")));
        if names.len() > MAX_ENTRIES {
            let message = format!("more than {MAX_ENTRIES} files");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
    }
    Ok(names)
}

/// The parts of a package, as indexes of files.
struct Layout {
    manifest: Option<usize>,
    lock: Option<usize>,
    definitions: Vec<usize>,
    /// Whether it is laid out as published packages are.
    is_flat: bool,
}

impl Layout {
    fn of(names: &[&str], is_archive: bool) -> Layout {
        let find = |name: &str| names.iter().position(|one| *one == name);
        let inner = || {
            let inside = |name: &&&str| {
                let parts = name.split_once('/');
                is_archive && parts.is_some_and(|(_, rest)| rest == "package.json")
            };
            names
                .iter()
                .find(inside)
                .and_then(|name| name.split_once('/'))
        };
        let (base, manifest) = match (find("package/package.json"), find("package.json")) {
            (Some(file), _) => ("package/".to_owned(), Some(file)),
            (None, Some(file)) => (String::new(), Some(file)),
            (None, None) => match inner() {
                Some((folder, _)) => (
                    format!("{folder}/"),
                    find(&format!("{folder}/package.json")),
                ),
                None => (String::new(), None),
            },
        };
        // In a package, definitions are beside its manifest.
        let is_flat = base == "package/";
        let is_definition = |name: &str| {
            let Some(inside) = name.strip_prefix(&*base) else {
                return false;
            };
            let (folders, file) = inside.rsplit_once('/').unwrap_or(("", inside));
            let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
            let is_resource = ["json", "xml"]
                .iter()
                .any(|known| ending.eq_ignore_ascii_case(known));
            let is_aside = |step: &str| ASIDE.contains(&&*step.to_ascii_lowercase());
            is_resource
                && !file.starts_with('.')
                && !matches!(file, "package.json" | "fhirpkg.lock.json")
                && (folders.is_empty() || !is_flat && !folders.split('/').any(is_aside))
        };
        let all = names.iter().enumerate();
        let definitions = all.filter(|(_, name)| is_definition(name));
        Layout {
            manifest,
            lock: find(&format!("{base}fhirpkg.lock.json")).or_else(|| find("fhirpkg.lock.json")),
            definitions: definitions.map(|(file, _)| file).collect(),
            is_flat,
        }
    }
}

/// Reads the headers of files, on several threads; also returns the names of the files that are broken.
fn scan<'f>(
    files: &[usize],
    names: &[&str],
    in_bundles: bool,
    content: &(dyn Fn(usize) -> io::Result<Cow<'f, [u8]>> + Sync),
) -> io::Result<(Vec<Indexed>, Vec<String>)> {
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(8);
    let share = files.len().div_ceil(threads).max(64);
    let of_file = |file: usize| -> io::Result<Result<Vec<Indexed>, usize>> {
        let text = content(file)?;
        Ok(match Header::read(&text) {
            Ok(header) if header.is_definition() => Ok(vec![Indexed {
                header,
                file,
                resource: None,
            }]),
            Ok(header) if in_bundles && header.resource_type == "Bundle" => {
                of_bundle(&text, file).ok_or(file)
            }
            Ok(_) => Ok(Vec::new()),
            Err(Broken) => Err(file),
        })
    };
    let found: Vec<io::Result<Vec<_>>> = thread::scope(|scope| {
        let shares = files.chunks(share);
        let work: Vec<_> = shares
            .map(|share| scope.spawn(|| share.iter().map(|file| of_file(*file)).collect()))
            .collect();
        let joined = work.into_iter().map(ScopedJoinHandle::join);
        joined
            .map(|result| result.unwrap_or_else(|_| Err(io::Error::other("a thread failed"))))
            .collect()
    });
    let (mut index, mut broken) = (Vec::new(), Vec::new());
    for found in found {
        for one in found? {
            match one {
                Ok(indexed) => index.extend(indexed),
                Err(file) => broken.extend(names.get(file).map(|name| printable(name))),
            }
        }
    }
    Ok((index, broken))
}

/// The definitions of a Bundle; `None` if it cannot be read.
fn of_bundle(text: &[u8], file: usize) -> Option<Vec<Indexed>> {
    // A Bundle without the name of a type of definitions is not read further.
    let kinds = DefinitionKind::ALL.map(DefinitionKind::as_str);
    let names = |kind: &str| {
        text.windows(kind.len())
            .any(|window| window == kind.as_bytes())
    };
    if !kinds.into_iter().any(names) {
        return Some(Vec::new());
    }
    let read = either::read::<Resource>(text, &ReadOptions::new()).ok()?;
    let Resource::Bundle(bundle) = read.value else {
        return Some(Vec::new());
    };
    let resources = bundle
        .entry
        .iter()
        .filter_map(|entry| entry.resource.as_ref());
    let indexed = resources.filter_map(|resource| {
        Some(Indexed {
            header: Header::of_resource(resource)?,
            file,
            resource: Some(resource.clone()),
        })
    });
    Some(indexed.collect())
}
