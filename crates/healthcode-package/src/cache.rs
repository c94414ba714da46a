//! The folder in which clients keep packages: `NAME#VERSION/package/package.json`.

use crate::version::select_version;
use healthcode_core::{nearest, printable};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// A cache of packages.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    /// Name, version and folder of each package.
    packages: Vec<(String, String, PathBuf)>,
}

impl Cache {
    /// The cache in a folder; empty if there is no such folder.
    #[must_use]
    pub fn open(folder: &Path) -> Cache {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut packages: Vec<_> = entries
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                let (name, version) = name.split_once('#')?;
                let (name, version) = (name.to_owned(), version.to_owned());
                Some((name, version, entry.path()))
            })
            .collect();
        packages.sort();
        Cache {
            folder: folder.to_owned(),
            packages,
        }
    }

    /// The user's cache, which the HL7 validator, SUSHI and Firely's tools share: `~/.fhir/packages`.
    #[must_use]
    pub fn default_folder() -> Option<PathBuf> {
        let home = env::home_dir().filter(|home| !home.as_os_str().is_empty())?;
        Some(home.join(".fhir").join("packages"))
    }

    /// Where it is, as it can be shown.
    #[must_use]
    pub fn place(&self) -> String {
        printable(&self.folder.display().to_string())
    }

    /// The names and versions of all packages.
    pub fn packages(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.packages.iter();
        all.map(|(name, version, _)| (&**name, &**version))
    }

    /// The name, version and folder of a package; names are compared without case.
    #[must_use]
    pub fn find(&self, name: &str, requested: &str) -> Option<(&str, &str, &Path)> {
        let own = |one: &&(String, String, PathBuf)| one.0.eq_ignore_ascii_case(name);
        let there = self.packages.iter().filter(own);
        let version = select_version(requested, there.clone().map(|(_, version, _)| &**version))?;
        let mut there = there.filter(|(_, own, _)| own == version);
        there
            .next()
            .map(|(name, version, path)| (&**name, &**version, &**path))
    }

    /// The versions of a package that are there.
    #[must_use]
    pub fn versions(&self, name: &str) -> Vec<&str> {
        let own = |one: &&(String, String, PathBuf)| one.0.eq_ignore_ascii_case(name);
        let there = self.packages.iter().filter(own);
        there.map(|(_, version, _)| &**version).collect()
    }

    /// The name of a package that is nearest to one that is not there.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.packages.iter().map(|(name, ..)| &**name))
    }
}
