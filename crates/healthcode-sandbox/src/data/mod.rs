//! [`Data`]: what a sandbox serves.

mod sample;

use healthcode_core::ExtraKind;
use healthcode_r4::{Bundle, Resource};
use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bundles: practitioners, their roles and locations. Clones are cheap.
#[derive(Clone)]
pub struct Data {
    pub(crate) bundles: Arc<[Bundle]>,
}

impl Data {
    /// Bundles of one's own.
    #[must_use]
    pub fn new(bundles: impl IntoIterator<Item = Bundle>) -> Self {
        Data {
            bundles: bundles.into_iter().collect(),
        }
    }

    /// All Bundles of a directory: its files that end in `.json`, by their names; of at most 512 MiB
    /// together.
    ///
    /// # Errors
    /// If there are none, one cannot be read or is no Bundle, or they are too large.
    pub fn load(directory: impl AsRef<Path>) -> Result<Self, DataError> {
        let directory = directory.as_ref();
        let fault = |path: &Path, kind| DataError {
            path: path.to_owned(),
            kind,
        };
        let listed = fs::read_dir(directory).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let listed = listed.map_err(|error| fault(directory, Kind::Io(error)))?;
        let mut paths: Vec<_> = listed.into_iter().map(|it| it.path()).collect();
        paths.retain(|it| it.extension().is_some_and(|it| it == "json"));
        paths.sort();
        let (mut bundles, mut left) = (Vec::new(), LIMIT);
        for path in paths {
            let bytes = read(&path, left).map_err(|kind| fault(&path, kind))?;
            left = left.saturating_sub(bytes.len() as u64);
            let read = healthcode_json::from_slice::<Bundle>(&bytes);
            let bundle = read.map_err(|error| fault(&path, Kind::Json(error)))?.value;
            let other = |kind: ExtraKind| kind.is_whole() || kind == ExtraKind::MissingResourceType;
            if bundle.extras.iter().any(|it| other(it.kind())) {
                return Err(fault(&path, Kind::NoBundle));
            }
            bundles.push(bundle);
        }
        match bundles.is_empty() {
            true => Err(fault(directory, Kind::Empty)),
            false => Ok(Data::new(bundles)),
        }
    }

    pub(crate) fn resources(&self) -> impl Iterator<Item = &Resource> {
        let entries = self.bundles.iter().flat_map(|it| &it.entry);
        entries.filter_map(|it| it.resource.as_ref())
    }
}

/// The most bytes that are read.
const LIMIT: u64 = 512 << 20;

/// A file that is one, of at most so many bytes: it may grow while it is read.
fn read(path: &Path, most: u64) -> Result<Vec<u8>, Kind> {
    let found = fs::metadata(path).map_err(Kind::Io)?;
    if !found.is_file() {
        return Err(Kind::NoFile);
    }
    if found.len() > most {
        return Err(Kind::TooLarge);
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(Kind::Io)?;
    let more = most.saturating_add(1);
    let read = file.take(more).read_to_end(&mut bytes).map_err(Kind::Io)?;
    match read as u64 > most {
        true => Err(Kind::TooLarge),
        false => Ok(bytes),
    }
}

/// How many Bundles and entries; never what they hold.
impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data")
            .field("bundles", &self.bundles.len())
            .field("resources", &self.resources().count())
            .finish()
    }
}

/// Why a directory of Bundles could not be loaded.
#[derive(Debug)]
pub struct DataError {
    path: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Io(std::io::Error),
    Json(healthcode_json::Error),
    NoBundle,
    NoFile,
    TooLarge,
    Empty,
}

impl DataError {
    /// The file or directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        match &self.kind {
            Kind::Io(error) => write!(f, "cannot be read: {error}"),
            Kind::Json(error) => write!(f, "is no Bundle: {error}"),
            Kind::NoBundle => f.write_str("is no Bundle"),
            Kind::NoFile => f.write_str("is no file"),
            Kind::TooLarge => write!(
                f,
                "is too large: the files of the folder may have {} MiB together",
                LIMIT >> 20
            ),
            Kind::Empty => f.write_str("has no .json files"),
        }
    }
}

impl std::error::Error for DataError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Io(error) => Some(error),
            Kind::Json(error) => Some(error),
            Kind::NoBundle | Kind::NoFile | Kind::TooLarge | Kind::Empty => None,
        }
    }
}
