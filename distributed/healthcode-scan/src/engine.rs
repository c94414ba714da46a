//! [`Engine`]: what tables share on one machine.

use crate::digest;
use healthcode_package::{Cache, Packages};
use healthcode_releases::{R4b, R5, Stu3};
use healthcode_validate::{FhirVersion, Policy, ProfileSet, Supported, Validator};
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// The releases that are supported beside R4.
static SUPPORTED: [Supported; 3] = [
    Supported::of::<Stu3>(),
    Supported::of::<R4b>(),
    Supported::of::<R5>(),
];

/// What tables share: the cache of packages, and the packages that were loaded.
#[derive(Debug, Default)]
pub struct Engine {
    cache: Option<PathBuf>,
    loaded: Mutex<HashMap<Vec<String>, Profiles>>,
}

/// Packages that were loaded, and the digest of them and of the sources.
#[derive(Clone, Debug)]
pub(crate) struct Profiles {
    pub(crate) set: Option<Arc<ProfileSet>>,
    pub(crate) digest: Arc<str>,
}

impl Engine {
    /// With packages from a folder, or from the user's cache (`~/.fhir/packages`).
    #[must_use]
    pub fn new(cache: Option<PathBuf>) -> Self {
        Engine {
            cache,
            loaded: Mutex::default(),
        }
    }

    /// The profiles of packages, each named by `NAME#VERSION`, `NAME` or a path.
    ///
    /// # Errors
    /// If a package is not there, or cannot be read.
    pub(crate) fn profiles(&self, names: &[String]) -> io::Result<Profiles> {
        let lock = || self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(names) {
            return Ok(known.clone());
        }
        let profiles = if names.is_empty() {
            let digest = digest::of(None)?.into();
            Profiles { set: None, digest }
        } else {
            let folder = self.cache.clone().or_else(Cache::default_folder);
            let cache = Cache::open(&folder.unwrap_or_default());
            let packages = Packages::load(names.iter().map(String::as_str), &cache)?;
            let digest = digest::of(Some(&packages))?.into();
            let mut set = ProfileSet::new();
            set.provide(Arc::new(packages));
            let set = Some(Arc::new(set));
            Profiles { set, digest }
        };
        lock().insert(names.to_vec(), profiles.clone());
        Ok(profiles)
    }
}

/// A validator of payloads of all releases.
pub(crate) fn validator(policy: Policy, profiles: Option<Arc<ProfileSet>>) -> Validator {
    let validator = Validator::new(policy).fhir_version(FhirVersion::Auto, &SUPPORTED);
    match profiles {
        Some(profiles) => validator.profiles(profiles),
        None => validator,
    }
}
