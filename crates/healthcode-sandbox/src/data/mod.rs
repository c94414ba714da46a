//! [`Data`]: what a sandbox serves.

mod sample;

use healthcode_core::{ExtraKind, UntypedResource};
use healthcode_r4::{Bundle, Resource};
use healthcode_releases::Stu3;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bundles of resources. Clones are cheap.
#[derive(Clone)]
pub struct Data {
    pub(crate) bundles: Arc<[Bundle]>,
    /// Resources of STU3.
    pub(crate) graphnet: Arc<[Value]>,
}
healthcode_core::debug_only!(Data {
    bundles: |this| this.bundles.len(),
    resources: |this| this.resources().count()
});

impl Data {
    /// Bundles of your own.
    #[must_use]
    pub fn new(bundles: impl IntoIterator<Item = Bundle>) -> Self {
        Data {
            bundles: bundles.into_iter().collect(),
            graphnet: Arc::default(),
        }
    }

    /// With resources of STU3 that Graphnet has, in place of those that there were: of the types that its
    /// documentation has but for Patient, whose patients are those of the Bundles.
    #[must_use]
    pub fn with_graphnet(
        mut self,
        resources: impl IntoIterator<Item = UntypedResource<Stu3>>,
    ) -> Self {
        let resources = resources.into_iter();
        let json = resources.map(|resource| healthcode_json::to_vec(&resource));
        let json = json.filter_map(|json| serde_json::from_slice(&json).ok());
        self.graphnet = json.collect();
        self
    }

    /// All Bundles of a directory: its files that end in `.json`, in the order of their names, of at
    /// most 512 MiB together.
    ///
    /// # Errors
    /// If the folder has no Bundles, one cannot be read or is not a Bundle, or they are too large.
    pub fn load(directory: impl AsRef<Path>) -> Result<Self, DataError> {
        let directory = directory.as_ref();
        let entries = fs::read_dir(directory).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let entries = entries.map_err(|error| DataError::new(directory, Kind::Io(error)))?;
        let mut paths: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
        paths.retain(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        });
        paths.sort();
        if paths.is_empty() {
            return Err(DataError::new(directory, Kind::Empty));
        }
        let mut left = MAX_BYTES;
        let bundles = paths.into_iter().map(|path| {
            let bundle = read_bundle(&path, &mut left);
            bundle.map_err(|kind| DataError::new(&path, kind))
        });
        Ok(Data::new(bundles.collect::<Result<Vec<_>, _>>()?))
    }

    pub(crate) fn resources(&self) -> impl Iterator<Item = &Resource> {
        let entries = self.bundles.iter().flat_map(|bundle| &bundle.entry);
        entries.filter_map(|entry| entry.resource.as_ref())
    }
}

/// The most bytes of a directory's files.
const MAX_BYTES: u64 = 512 << 20;

fn read_bundle(path: &Path, left: &mut u64) -> Result<Bundle, Kind> {
    let bytes = read_file(path, *left)?;
    *left = left.saturating_sub(bytes.len() as u64);
    let bundle = healthcode_json::from_slice::<Bundle>(&bytes)
        .map_err(Kind::Json)?
        .value;
    let is_other = |kind: ExtraKind| kind.is_whole() || kind == ExtraKind::MissingResourceType;
    if bundle.extras.iter().any(|extra| is_other(extra.kind())) {
        Err(Kind::NotBundle)
    } else {
        Ok(bundle)
    }
}

/// A file of at most so many bytes, even if it grows while it is read.
fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, Kind> {
    let metadata = fs::metadata(path).map_err(Kind::Io)?;
    if !metadata.is_file() {
        return Err(Kind::NotFile);
    }
    if metadata.len() > limit {
        return Err(Kind::TooLarge);
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(Kind::Io)?;
    let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    if read.map_err(Kind::Io)? as u64 > limit {
        Err(Kind::TooLarge)
    } else {
        Ok(bytes)
    }
}

/// Why a directory of Bundles could not be loaded.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {kind}", path = path.display())]
pub struct DataError {
    path: PathBuf,
    kind: Kind,
}

#[derive(Debug, thiserror::Error)]
enum Kind {
    #[error("cannot be read: {0}")]
    Io(io::Error),
    #[error("is not a Bundle: {0}")]
    Json(healthcode_json::Error),
    #[error("is not a Bundle")]
    NotBundle,
    #[error("is not a file")]
    NotFile,
    #[error("is too large: expected at most {} MiB in all files of the directory", MAX_BYTES >> 20)]
    TooLarge,
    #[error("has no .json files")]
    Empty,
}

impl DataError {
    fn new(path: &Path, kind: Kind) -> Self {
        let path = path.to_owned();
        DataError { path, kind }
    }

    /// The file or directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}
