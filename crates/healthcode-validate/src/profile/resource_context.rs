//! [`ResourceContext`]: what surrounds a resource.

use super::followed::Followed;
use super::item::text;
use super::passed::Passed;
use crate::budget::Budget;
use crate::bundle::Entries;
use healthcode_core::{Element, Root};
use healthcode_r4::Bundle;

/// What surrounds a resource.
#[derive(Clone, Copy)]
pub(crate) struct ResourceContext<'c, 'v> {
    /// The resource that contains it, or itself.
    pub(crate) root: &'v dyn Element,
    /// The Bundle that it is in, and what finds its entries.
    pub(crate) bundle: Option<&'v dyn Element>,
    pub(crate) entries: &'c Entries,
    /// What is known of whether they follow profiles.
    pub(crate) followed: &'c Followed,
    /// What expressions may still cost for it.
    pub(crate) budget: &'c Budget,
    /// For a Bundle whose entries passed by one by one, and are not in it: what is known of them.
    pub(crate) passed: Option<&'c Passed>,
}

impl<'v> ResourceContext<'_, 'v> {
    /// Whether a resource that a reference led to is contained in the one that is looked at.
    pub(super) fn contains(&self, resource: &dyn Element) -> bool {
        let found = text(resource, "id").and_then(|id| self.followed.contained(self.root, id));
        found.is_some_and(|found| std::ptr::addr_eq(found, resource))
    }

    /// What a reference points at, if it is in the resource or the Bundle.
    pub(super) fn find(&self, target: &str) -> Option<&'v dyn Element> {
        if let Some(id) = target.strip_prefix('#') {
            if id.is_empty() {
                return Some(self.root);
            }
            return self.followed.contained(self.root, id);
        }
        let bundle: &'v Bundle = self.bundle?.downcast_ref()?;
        let target = target.split("/_history/").next().unwrap_or(target);
        self.entries.find(bundle, target).map(Root::as_element)
    }
}
