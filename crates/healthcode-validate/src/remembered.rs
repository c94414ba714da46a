//! [`Remembered`]: coded elements without an issue, so that those like them are not checked again.
//!
//! Payloads repeat few codings in many places. What the checks of a coded element depend on is the field that holds
//! it, its texts, and whether the resource is in a language of its own; elements with an id, an extension or anything
//! else beside their texts are always checked. Only hashes with a secret of this process are kept.

use crate::plan::FieldPlan;
use crate::secret::TextHash;
use healthcode_core::Element;
use healthcode_r4::{CodeableConcept, Coding};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

/// How many hashes are kept.
const SLOTS: usize = 1024;

/// The hashes of coded elements that had no issue, each at the place that its last bits say. By default none are kept.
/// Clones share them, for threads that check entries or lines at the same time.
#[derive(Clone, Default)]
pub(crate) struct Remembered(Option<Arc<[AtomicU64; SLOTS]>>);

impl Remembered {
    /// Hashes are kept.
    pub(crate) fn new() -> Self {
        Remembered(Some(Arc::new([const { AtomicU64::new(0) }; SLOTS])))
    }

    /// Whether hashes are kept.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    #[inline]
    pub(crate) fn has(&self, hash: u64) -> bool {
        let slots = self.0.as_ref();
        slots.is_some_and(|slots| slots[hash as usize % SLOTS].load(Relaxed) == hash)
    }

    #[inline]
    pub(crate) fn add(&self, hash: u64) {
        if let Some(slots) = &self.0 {
            // A hash stands for itself alone: it does not matter which thread's stays.
            slots[hash as usize % SLOTS].store(hash, Relaxed);
        }
    }
}

/// The hash of a coded element in a field; `None` if it is always checked.
pub(crate) fn hash_of(field: &'static FieldPlan, element: &dyn Element) -> Option<u64> {
    let mut hash = TextHash::new();
    hash.number(std::ptr::from_ref(field).addr() as u64);
    if let Some(concept) = element.downcast_ref::<CodeableConcept>() {
        let has_more = concept.id.is_some() || !concept.extension.is_empty();
        if has_more || !concept.extras.is_empty() || concept.text.metadata_ref().is_some() {
            return None;
        }
        for coding in &concept.coding {
            add(coding, &mut hash)?;
        }
        hash.text(concept.text.as_str());
    } else {
        add(element.downcast_ref()?, &mut hash)?;
    }
    Some(hash.finish())
}

fn add(coding: &Coding, hash: &mut TextHash) -> Option<()> {
    let has_more = coding.id.is_some() || !coding.extension.is_empty();
    if has_more
        || !coding.extras.is_empty()
        || coding.system.metadata_ref().is_some()
        || coding.version.metadata_ref().is_some()
        || coding.code.metadata_ref().is_some()
        || coding.display.metadata_ref().is_some()
        || coding.user_selected.metadata_ref().is_some()
    {
        return None;
    }
    hash.text(coding.system.as_str());
    hash.text(coding.version.as_str());
    hash.text(coding.code.as_str());
    hash.text(coding.display.as_str());
    hash.number(coding.user_selected.value().map_or(2, |is| u64::from(*is)));
    Some(())
}

#[cfg(test)]
mod tests;
