//! Checks that are deferred until all entries of a Bundle are known.

use super::index::{self, Key};
use healthcode_core::{Path, Position, Step};
use healthcode_r4::codes::BundleType;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::{Arc, PoisonError, RwLock};

/// A check that is made at the end.
pub(super) struct Deferred {
    pub(super) kind: Kind,
    /// Whether its target must be in the same document or message.
    pub(super) included: bool,
    /// The number of its XPath in [`XPaths`](super::xpaths::XPaths); 0 for none.
    pub(super) xpath: u16,
    pub(super) entry: u32,
    /// Where in the entry.
    pub(super) site: u32,
    pub(super) key: u64,
    /// The hash of a version; 0 for none.
    pub(super) version: u64,
    pub(super) spot: CompactPosition,
}

/// Texts, one after the other.
#[derive(Clone, Default)]
pub(super) struct Texts(String);

/// Which part of [`Texts`] is a text.
#[derive(Clone, Copy, Default)]
pub(super) struct TextRange {
    start: usize,
    end: usize,
}

impl Texts {
    pub(super) fn add(&mut self, text: &str) -> TextRange {
        let start = self.0.len();
        self.0.push_str(text);
        let end = self.0.len();
        TextRange { start, end }
    }

    pub(super) fn get(&self, range: TextRange) -> &str {
        self.0.get(range.start..range.end).unwrap_or_default()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A `urn:uuid:` or `urn:oid:`, which only this Bundle can resolve.
    Urn,
    /// A URL, which a server may resolve.
    Absolute,
    /// `Type/id` in an entry whose full URL is a RESTful one.
    Based,
    /// `Type/id` in an entry whose full URL is not a RESTful one, so that it cannot be resolved.
    Rootless,
    /// `Type/id` in an entry without full URL.
    Loose,
    /// `Type?parameters`.
    Conditional,
    /// A full URL that another entry has in the same version.
    Repeated,
    /// The target of a request, which another request has too.
    RepeatedRequest,
    /// The URL of a request, which does not fit its method.
    RequestUrl,
}

impl Kind {
    /// Whether it can be checked as soon as the Bundle's type is known.
    pub(super) fn is_of_type(self) -> bool {
        let depends = [
            Kind::Urn,
            Kind::Absolute,
            Kind::Based,
            Kind::Rootless,
            Kind::Loose,
        ];
        !depends.contains(&self)
    }

    /// Whether a reference of this kind can break a rule in a Bundle of this type.
    pub(super) fn can_matter(
        self,
        known: Option<&BundleType>,
        versioned: bool,
        included: bool,
    ) -> bool {
        let Some(known) = known else {
            return true;
        };
        match self {
            Kind::Based => {
                versioned || *known == BundleType::Document || (included && is_closed(known))
            }
            Kind::Rootless | Kind::Loose => !is_sent_to_server(known),
            _ => true,
        }
    }
}

/// Whether a Bundle of this type must hold the resources that its first resource refers to.
pub(super) fn is_closed(kind: &BundleType) -> bool {
    matches!(kind, BundleType::Document | BundleType::Message)
}

/// Whether a Bundle of this type goes to or from a server, to which relative references relate.
pub(super) fn is_sent_to_server(kind: &BundleType) -> bool {
    use BundleType::{Batch, BatchResponse, Transaction, TransactionResponse};
    matches!(
        kind,
        Batch | BatchResponse | Transaction | TransactionResponse
    )
}

/// A position in few bytes.
#[derive(Clone, Copy, Default)]
pub(super) struct CompactPosition {
    offset: u64,
    /// 0 if the position is not known.
    line: u32,
    column: u32,
}

impl CompactPosition {
    pub(super) fn of(position: Position) -> Self {
        CompactPosition {
            offset: position.offset,
            line: u32::try_from(position.line).unwrap_or(u32::MAX),
            column: u32::try_from(position.column).unwrap_or(u32::MAX),
        }
    }

    pub(super) fn position(self) -> Option<Position> {
        let (line, column) = (u64::from(self.line), u64::from(self.column));
        (line > 0).then(|| Position::new(self.offset, line, column))
    }
}

/// A place in an entry, and the types that a reference there may point at.
#[derive(Default)]
pub(super) struct Site {
    pub(super) path: String,
    pub(super) pointer: String,
    pub(super) targets: &'static [&'static str],
}

/// The places in entries at which a check may be deferred, each once. Clones share them, for threads that check
/// entries of one Bundle at the same time.
#[derive(Clone, Default)]
pub(super) struct Sites {
    /// The places that this clone has met.
    met: ByHash,
    all: Arc<RwLock<All>>,
}

type ByHash = HashMap<u64, u32, BuildHasherDefault<Key>>;

#[derive(Default)]
struct All {
    list: Vec<Arc<Site>>,
    by_hash: ByHash,
}

impl Sites {
    /// The number of the place with this hash; `site` is called to make it if it is new.
    pub(super) fn index_of(&mut self, hash: u64, site: impl FnOnce() -> Site) -> u32 {
        if let Some(index) = self.met.get(&hash) {
            return *index;
        }
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        let next = u32::try_from(all.list.len()).unwrap_or(u32::MAX);
        let index = *all.by_hash.entry(hash).or_insert(next);
        if index == next {
            all.list.push(Arc::new(site()));
        }
        self.met.insert(hash, index);
        index
    }

    pub(super) fn get(&self, index: u32) -> Arc<Site> {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        all.list.get(index as usize).cloned().unwrap_or_default()
    }
}

/// A hash of the steps from an entry to a place in it, and of the types that a reference there may point at. Names
/// are hashed by their addresses in the schemas.
pub(super) fn site_hash(entry: usize, path: &Path<'_>, targets: &'static [&'static str]) -> u64 {
    let mut hash = index::mix(index::seed(), targets.as_ptr().addr() as u64);
    let mut place = Some(path);
    while let Some(at) = place
        && std::ptr::from_ref(at).addr() != entry
    {
        match at.step() {
            Step::Field {
                name,
                suffix,
                metadata,
            } => {
                hash = index::mix(hash, name.as_ptr().addr() as u64);
                let suffix = suffix.as_ptr().addr() ^ usize::from(metadata);
                hash = index::mix(hash, suffix as u64);
            }
            Step::Index(index) => hash = index::mix(hash, index as u64),
            Step::Member(name) => hash = index::mix(hash, index::key(name)),
            _ => {}
        }
        place = at.parent();
    }
    hash | (1 << 63)
}
