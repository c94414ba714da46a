//! What the entries of a Bundle can be found by: hashes of their full URLs, types with ids, versions.

use crate::secret::TextHash;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

/// The index of a type that is absent or unknown.
pub(super) const NO_TYPE: u16 = u16::MAX;

/// The entries of a Bundle by what references name them by.
#[derive(Default)]
pub(super) struct Index {
    /// By full URL, the index of the type of the first entry, and whether one has no version.
    urls: HashMap<u64, (u16, bool), BuildHasherDefault<Key>>,
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

/// What is beside the target of a request.
const REQUEST: u64 = 1;

/// The hash of a text, in this process.
pub(super) fn key(text: &str) -> u64 {
    let mut hash = TextHash::new();
    hash.text(Some(text));
    // Small numbers stand for what is no text.
    hash.finish() | (1 << 63)
}

/// A number that nobody outside of this process can know.
pub(super) fn seed() -> u64 {
    static SEED: LazyLock<u64> = LazyLock::new(|| key("seed"));
    *SEED
}

/// Adds a number to a hash that began with [`seed`]: faster than [`key`], for what is no text.
pub(super) fn mix(hash: u64, number: u64) -> u64 {
    let mixed = (hash ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}

fn pair(key: u64, other: u64) -> u64 {
    (key ^ other.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Index {
    /// Adds an entry by its full URL; false if there was one of the same version. A `version` of 0 is
    /// none.
    pub(super) fn add(&mut self, url: u64, type_index: u16, version: u64) -> bool {
        let known = self.urls.entry(url).or_insert((type_index, false));
        if version == 0 {
            return !std::mem::replace(&mut known.1, true);
        }
        self.pairs.insert(pair(url, version))
    }

    /// Adds an entry by its type and id. A `version` of 0 means that it has no version.
    pub(super) fn add_id(&mut self, id: u64, version: u64) {
        self.ids.insert(id);
        if version != 0 {
            self.pairs.insert(pair(id, version));
        }
    }

    /// Adds the target of a request; false if another has it.
    pub(super) fn add_request(&mut self, target: u64) -> bool {
        self.pairs.insert(pair(target, REQUEST))
    }

    /// Looks up a full URL; a `version` of 0 matches any.
    pub(super) fn find(&self, url: u64, version: u64) -> Found {
        match self.urls.get(&url) {
            None => Found::No,
            // An entry without a version could be any version.
            Some((type_index, unversioned))
                if version == 0 || *unversioned || self.pairs.contains(&pair(url, version)) =>
            {
                Found::Yes(*type_index)
            }
            Some(_) => Found::OtherVersion,
        }
    }

    /// Looks up a type and id, of whatever version.
    pub(super) fn find_id(&self, id: u64, version: u64) -> Found {
        if !self.ids.contains(&id) {
            Found::No
        } else if version == 0 || self.pairs.contains(&pair(id, version)) {
            Found::Yes(NO_TYPE)
        } else {
            Found::OtherVersion
        }
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
