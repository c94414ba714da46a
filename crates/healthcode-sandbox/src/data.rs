//! [`Data`]: what a sandbox serves.

use healthcode_core::ExtraKind;
use healthcode_r4::{Bundle, Resource};
use std::fmt;
use std::fs;
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

    /// All Bundles of a directory: its files that end in `.json`, by their names.
    ///
    /// # Errors
    /// If one cannot be read, or is no Bundle.
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
        let mut bundles = Vec::new();
        for path in paths {
            let bytes = fs::read(&path).map_err(|error| fault(&path, Kind::Io(error)))?;
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
        let why = match self.kind {
            Kind::Io(_) => "cannot be read",
            Kind::Json(_) | Kind::NoBundle => "is no Bundle",
            Kind::Empty => "has no .json files",
        };
        write!(f, "{}: {why}", self.path.display())
    }
}

impl std::error::Error for DataError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Io(error) => Some(error),
            Kind::Json(error) => Some(error),
            Kind::NoBundle | Kind::Empty => None,
        }
    }
}
