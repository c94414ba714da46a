//! [`Entries`]: what rules of a Bundle ask of its entries, for a Bundle that is never whole in memory.

use crate::invariant::identity;
use healthcode_r4::{BundleEntry, Resource};
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// What a Bundle's rules ask of its entries, taken in as they pass by.
///
/// For a Bundle that is read entry by entry: its rules are judged by
/// [`Validator::validate_bundle`](crate::Validator::validate_bundle) when all have passed. It keeps
/// 16 bytes for each entry that has a `fullUrl`.
///
/// ```
/// use healthcode_r4::{Bundle, BundleEntry, Patient, codes::BundleType};
/// use healthcode_validate::{Entries, Policy, Validator};
/// use healthcode_core::Path;
/// let mut entries = Entries::new();
/// entries.add(&BundleEntry::from(Patient::default()));
/// let around = Bundle { type_: BundleType::Transaction.into(), ..Bundle::default() };
/// let validator = Validator::new(Policy::R4);
/// let issues = validator.validate_bundle(&around, &entries, &Path::root("Bundle"));
/// assert_eq!(issues[0].rule.id, "bdl-3");
/// ```
#[derive(Debug, Default)]
pub struct Entries {
    pub(crate) counts: Counts,
    /// Whether two entries are the same version of the same resource.
    pub(crate) repeated: bool,
    seen: HashSet<[u64; 2]>,
    hashers: [RandomState; 2],
}

impl Entries {
    /// No entries yet.
    #[must_use]
    pub fn new() -> Self {
        Entries::default()
    }

    /// Takes in the next entry.
    pub fn add(&mut self, entry: &BundleEntry) {
        self.counts.add(entry);
        if let Some(identity) = identity(entry) {
            let hash = [0, 1].map(|index: usize| self.hashers[index].hash_one(identity));
            self.repeated |= !self.seen.insert(hash);
        }
    }

    /// How many entries there were.
    #[must_use]
    pub fn count(&self) -> usize {
        self.counts.all
    }
}

/// How many entries have what.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) all: usize,
    pub(crate) searches: usize,
    pub(crate) requests: usize,
    pub(crate) responses: usize,
    pub(crate) first: First,
}

/// What the first entry holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum First {
    Composition,
    MessageHeader,
    #[default]
    Other,
}

impl Counts {
    pub(crate) fn of(entries: &[BundleEntry]) -> Self {
        let mut counts = Counts::default();
        for entry in entries {
            counts.add(entry);
        }
        counts
    }

    fn add(&mut self, entry: &BundleEntry) {
        if self.all == 0 {
            self.first = match &entry.resource {
                Some(Resource::Composition(_)) => First::Composition,
                Some(Resource::MessageHeader(_)) => First::MessageHeader,
                _ => First::Other,
            };
        }
        self.all += 1;
        self.searches += usize::from(entry.search.is_some());
        self.requests += usize::from(entry.request.is_some());
        self.responses += usize::from(entry.response.is_some());
    }
}
