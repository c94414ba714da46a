//! The entries of whole Bundles, for `resolve()`: found in one look-up, whatever the Bundle's size.

use super::index::{Key, key};
use crate::address::Address;
use healthcode_r4::{Bundle, BundleEntry, Resource};
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;

/// For each Bundle in which an entry was looked up, by its address: the indexes of the first entries by
/// full URL and by type and id.
#[derive(Default)]
pub(crate) struct Entries(RefCell<HashMap<usize, Indexes, BuildHasherDefault<Address>>>);

type Indexes = HashMap<u64, usize, BuildHasherDefault<Key>>;

impl Entries {
    /// The resource of the first entry that has this full URL, or this `Type/id`.
    ///
    /// A Bundle is used only while it is borrowed, so that no other has its address.
    pub(crate) fn find<'v>(&self, bundle: &'v Bundle, target: &str) -> Option<&'v Resource> {
        let mut all = self.0.borrow_mut();
        let address = std::ptr::from_ref(bundle) as usize;
        let indexes = all.entry(address).or_insert_with(|| index(bundle));
        let entry = bundle.entry.get(*indexes.get(&key(target))?)?;
        let resource = entry.resource.as_ref()?;
        let by_url = entry.full_url.as_str() == Some(target);
        (by_url || identity(entry).as_deref() == Some(target)).then_some(resource)
    }
}

fn index(bundle: &Bundle) -> Indexes {
    let mut indexes = Indexes::default();
    let entries = bundle.entry.iter().enumerate();
    for (at, entry) in entries.filter(|(_, entry)| entry.resource.is_some()) {
        if let Some(url) = entry.full_url.as_str() {
            indexes.entry(key(url)).or_insert(at);
        }
        if let Some(identity) = identity(entry) {
            indexes.entry(key(&identity)).or_insert(at);
        }
    }
    indexes
}

/// `Type/id` of an entry's resource.
fn identity(entry: &BundleEntry) -> Option<String> {
    let resource = entry.resource.as_ref()?;
    Some(format!("{}/{}", resource.resource_type()?, resource.id()?))
}
