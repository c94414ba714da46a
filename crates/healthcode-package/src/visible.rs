//! Which version of a package each package depends on, if several versions are loaded.

use crate::package::Package;

/// The versions that packages mean, by their indexes.
#[derive(Debug, Default)]
pub(crate) struct VisibleVersions {
    /// For each package an index for each name; empty if there are no two versions of one package.
    of: Vec<Vec<Option<usize>>>,
    /// The name of each package, as an index of names.
    names: Vec<usize>,
}

impl VisibleVersions {
    /// The packages that each package can use, by the links to dependencies: itself first, then what they
    /// depend on, then what that depends on.
    pub(crate) fn of(packages: &[Package], links: &[(usize, usize)]) -> VisibleVersions {
        let mut known: Vec<String> = Vec::new();
        let mut names = Vec::new();
        for package in packages {
            let name = package.manifest().name.to_lowercase();
            names.push(
                if let Some(at) = known.iter().position(|one| *one == name) {
                    at
                } else {
                    known.push(name);
                    known.len() - 1
                },
            );
        }
        if known.len() == packages.len() {
            return VisibleVersions::default();
        }
        let of = (0..packages.len()).map(|from| {
            let mut seen = vec![None; known.len()];
            let mut open = vec![from];
            while !open.is_empty() {
                let mut next = Vec::new();
                for at in open {
                    let own = names.get(at).and_then(|name| seen.get_mut(*name));
                    if let Some(own) = own.filter(|own| own.is_none()) {
                        *own = Some(at);
                        let below = links.iter().filter(|(from, _)| *from == at);
                        next.extend(below.map(|(_, to)| *to));
                    }
                }
                open = next;
            }
            seen
        });
        VisibleVersions {
            of: of.collect(),
            names,
        }
    }

    /// Whether there are several versions of a package.
    pub(crate) fn is_needed(&self) -> bool {
        !self.of.is_empty()
    }

    /// The package that `from` means by the name of another one.
    pub(crate) fn version_of(&self, from: usize, other: usize) -> Option<usize> {
        let name = *self.names.get(other)?;
        *self.of.get(from)?.get(name)?
    }
}
