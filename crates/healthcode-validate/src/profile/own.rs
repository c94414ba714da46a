//! R4's own profiles, which every set of profiles has.

use super::ProfileSet;
use crate::generated::profiles::PROFILES;
use std::sync::LazyLock;

/// The number of the profile of R4 with this URL, in this version if one is requested.
pub(super) fn index_of(url: &str, version: Option<&str>) -> Option<usize> {
    let at = PROFILES
        .binary_search_by(|(own, ..)| (*own).cmp(url))
        .ok()?;
    let (_, own, _) = PROFILES.get(at)?;
    version.is_none_or(|version| version == *own).then_some(at)
}

impl ProfileSet {
    /// R4's own profiles, by the numbers that [`index_of`] returns. They are read when they are first
    /// needed.
    pub(super) fn own() -> &'static ProfileSet {
        static SET: LazyLock<ProfileSet> = LazyLock::new(|| {
            let mut set = ProfileSet {
                is_own: true,
                ..ProfileSet::default()
            };
            for (.., definition) in PROFILES {
                // Tests see to it that they can be read.
                let _ = set.read(definition.as_bytes());
            }
            set
        });
        &SET
    }

    /// A set that has R4's own profiles alone.
    pub(super) fn bare() -> &'static ProfileSet {
        static SET: LazyLock<ProfileSet> = LazyLock::new(ProfileSet::default);
        &SET
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_can_be_used() {
        let set = ProfileSet::bare();
        for (at, (url, version, _)) in PROFILES.iter().enumerate() {
            assert_eq!(index_of(url, None), Some(at), "{url}");
            assert_eq!(index_of(url, Some(version)), Some(at), "{url}");
            assert_eq!(index_of(url, Some("0.1")), None, "{url}");
            let index = set.find(url).unwrap();
            assert_eq!(&*set.entry(index).unwrap().url, *url);
            assert!(set.plan(index).is_some(), "{url}");
            assert!(set.generate(url).is_some(), "{url}");
        }
        assert_eq!(PROFILES.len(), 46);
        assert!(set.is_empty() && set.urls().next().is_none());
    }
}
