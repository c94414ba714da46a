//! What can be judged only when all entries of a Bundle are known.

use healthcode_core::Position;
use healthcode_r4::codes::BundleType;
use std::collections::HashMap;

/// Something to be judged at the end.
pub(super) struct Deferred {
    pub(super) kind: Kind,
    pub(super) entry: u32,
    /// Where in the entry.
    pub(super) site: u32,
    pub(super) key: u64,
    /// The hash of a version; 0 for none.
    pub(super) version: u64,
    pub(super) spot: Spot,
}

/// What is to be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A `urn:uuid:` or `urn:oid:`, which only this Bundle can resolve.
    Urn,
    /// A URL, which a server may resolve.
    Absolute,
    /// `Type/id` in an entry whose full URL tells a server.
    Based,
    /// `Type/id` in an entry that tells none.
    Loose,
    /// `Type?parameters`.
    Conditional,
    /// A full URL that another entry has in the same version.
    Repeated,
    /// The target of a request, which another has.
    RepeatedRequest,
    /// The URL of a request, which does not fit its method.
    RequestUrl,
}

impl Kind {
    /// Whether a reference of this kind can be at fault in a Bundle of this type.
    pub(super) fn can_matter(self, known: Option<&BundleType>, versioned: bool) -> bool {
        match (self, known) {
            (_, None) => true,
            (Kind::Based, Some(known)) => versioned || *known == BundleType::Document,
            (Kind::Loose, Some(known)) => versioned || !is_sent_to_server(known),
            _ => true,
        }
    }
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
pub(super) struct Spot {
    offset: u64,
    /// 0 if the position is not known.
    line: u32,
    column: u32,
}

impl Spot {
    pub(super) fn of(position: Position) -> Self {
        Spot {
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

/// A place in an entry, and what a reference there may point at.
#[derive(Default)]
pub(super) struct Site {
    pub(super) path: String,
    pub(super) pointer: String,
    pub(super) targets: &'static [&'static str],
}

/// The places in entries at which something was deferred, each once.
#[derive(Default)]
pub(super) struct Sites {
    list: Vec<Site>,
    by_pointer: HashMap<String, Vec<u32>>,
    none: Site,
}

impl Sites {
    pub(super) fn index_of(
        &mut self,
        path: &str,
        pointer: &str,
        targets: &'static [&'static str],
    ) -> u32 {
        let known = self.by_pointer.get(pointer);
        let same = |index: &&u32| std::ptr::eq(self.get(**index).targets, targets);
        if let Some(index) = known.and_then(|known| known.iter().find(same)) {
            return *index;
        }
        let index = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(Site {
            path: path.to_owned(),
            pointer: pointer.to_owned(),
            targets,
        });
        let known = self.by_pointer.entry(pointer.to_owned()).or_default();
        known.push(index);
        index
    }

    pub(super) fn get(&self, index: u32) -> &Site {
        self.list.get(index as usize).unwrap_or(&self.none)
    }
}
