//! What the entries of a Bundle can be found by: hashes of their full URLs, types with ids, versions.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::sync::LazyLock;

/// The entries of a Bundle by what references name them by.
#[derive(Default)]
pub(super) struct Index {
    /// The index of the type of the first entry, by full URL.
    urls: HashMap<u64, u16, BuildHasherDefault<Key>>,
    /// `Type/id`.
    ids: HashSet<u64, BuildHasherDefault<Key>>,
    /// Full URLs and ids, each with a version; the targets of a transaction's requests.
    pairs: HashSet<u64, BuildHasherDefault<Key>>,
}

/// What came of a look-up.
pub(super) enum Found {
    /// There is such an entry, with a resource of this type.
    Yes(u16),
    /// There is one, of another version.
    OtherVersion,
    No,
}

/// What stands for the version of a resource that has none.
const NO_VERSION: u64 = 1;

/// What stands beside the target of a request.
const REQUEST: u64 = 2;

/// The hash of a text, in this process. Nobody who writes payloads can know it.
pub(super) fn key(text: &str) -> u64 {
    static STATE: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    let mut hasher = STATE.build_hasher();
    hasher.write(text.as_bytes());
    // Small numbers stand for what is no text.
    hasher.finish() | (1 << 63)
}

fn pair(key: u64, other: u64) -> u64 {
    (key ^ other.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Index {
    /// Adds an entry by its full URL; false if there was one of the same version.
    pub(super) fn add(&mut self, url: u64, type_index: u16, version: Option<&str>) -> bool {
        if let Entry::Vacant(place) = self.urls.entry(url) {
            place.insert(type_index);
        }
        let version = version.map_or(NO_VERSION, key);
        self.pairs.insert(pair(url, version))
    }

    /// Adds an entry by its type and id.
    pub(super) fn add_id(&mut self, id: u64, version: Option<&str>) {
        self.ids.insert(id);
        if let Some(version) = version {
            self.pairs.insert(pair(id, key(version)));
        }
    }

    /// Adds the target of a request; false if another has it.
    pub(super) fn add_request(&mut self, target: u64) -> bool {
        self.pairs.insert(pair(target, REQUEST))
    }

    /// Looks up a full URL; a `version` of 0 is any.
    pub(super) fn find(&self, url: u64, version: u64) -> Found {
        match self.urls.get(&url) {
            None => Found::No,
            Some(type_index) if self.is_of_version(url, version) => Found::Yes(*type_index),
            Some(_) => Found::OtherVersion,
        }
    }

    /// Looks up a type and id, of whatever version.
    pub(super) fn find_id(&self, id: u64, version: u64) -> Found {
        if !self.ids.contains(&id) {
            Found::No
        } else if version == 0 || self.pairs.contains(&pair(id, version)) {
            Found::Yes(super::NO_TYPE)
        } else {
            Found::OtherVersion
        }
    }

    /// Whether an entry has this version, or one has none, so that it cannot be told.
    fn is_of_version(&self, key: u64, version: u64) -> bool {
        let has = |version| self.pairs.contains(&pair(key, version));
        version == 0 || has(version) || has(NO_VERSION)
    }
}

/// Takes a hash as it is.
#[derive(Default)]
pub(super) struct Key(u64);

impl Hasher for Key {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = pair(self.0, u64::from(byte));
        }
    }
    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}
