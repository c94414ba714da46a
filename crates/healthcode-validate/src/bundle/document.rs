//! What of a document its Composition leads to.
//!
//! FHIR R4 documents.html#content: a document has its Composition, what that refers to, directly or
//! not, Provenance of these, and maybe a Binary with a stylesheet.

use super::facts::EntryFacts;
use std::collections::HashMap;

/// The entries of what is or may be a document, and the references between them.
#[derive(Default)]
pub(super) struct Links {
    /// What entries can be found by.
    keys: Vec<(u64, u32)>,
    /// Entries, and what they refer to.
    links: Vec<(u32, u64)>,
}

impl Links {
    /// Takes what the entry of this number can be found by, and what it refers to.
    pub(super) fn add(&mut self, index: usize, facts: &EntryFacts) {
        let entry = u32::try_from(index).unwrap_or(u32::MAX);
        let keys = [facts.url, facts.id].into_iter().filter(|key| *key != 0);
        self.keys.extend(keys.map(|key| (key, entry)));
        self.links
            .extend(facts.links.iter().map(|key| (entry, *key)));
    }

    /// Forgets all, for what is no document.
    pub(super) fn clear(&mut self) {
        *self = Links::default();
    }

    /// Which of so many entries can be reached from the first; those for which `follows` is true also from
    /// what they refer to.
    pub(super) fn reached(&self, count: usize, follows: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut by_key: HashMap<u64, u32> = HashMap::new();
        for (key, entry) in &self.keys {
            by_key.entry(*key).or_insert(*entry);
        }
        let mut next: Vec<Vec<u32>> = vec![Vec::new(); count];
        let mut add = |from: u32, to: u32| {
            if let Some(list) = next.get_mut(from as usize) {
                list.push(to);
            }
        };
        for (from, key) in &self.links {
            if let Some(to) = by_key.get(key) {
                add(*from, *to);
                if follows(*from as usize) {
                    add(*to, *from);
                }
            }
        }
        let mut reached = vec![false; count];
        let mut open = vec![0u32];
        while let Some(entry) = open.pop() {
            if let Some(seen) = reached.get_mut(entry as usize)
                && !*seen
            {
                *seen = true;
                open.extend(next.get(entry as usize).into_iter().flatten());
            }
        }
        reached
    }
}
