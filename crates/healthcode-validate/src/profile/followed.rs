//! [`Followed`]: what is known of the resources that profiles lead to.

use super::item::{fields_of, text};
use crate::address::Address;
use healthcode_core::{Element, ValueRef};
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;

/// Which resources follow which profiles, by the addresses of both, as far as that is known, and how
/// contained ones are found. Resources refer to each other in circles: one that is being looked at
/// follows its profile until something shows that it does not. Each is looked at once for each profile.
///
/// It is for values that stay where they are for as long as it is used.
#[derive(Default)]
pub(crate) struct Followed {
    pub(super) known: RefCell<ByAddress<(usize, usize), Option<bool>>>,
    /// By the address of what contains them: the indexes of contained resources by their ids.
    contained: RefCell<ByAddress<usize, HashMap<Box<str>, usize>>>,
}

type ByAddress<K, V> = HashMap<K, V, BuildHasherDefault<Address>>;

impl Followed {
    /// The resource with this id that another contains.
    pub(super) fn contained<'v>(&self, root: &'v dyn Element, id: &str) -> Option<&'v dyn Element> {
        let fields = fields_of(Some(root));
        let held = fields.since(0).iter().find_map(|field| match field.value {
            ValueRef::Elements(items) => {
                let definition = root.schema().fields.get(usize::from(field.index))?;
                (definition.name() == "contained").then_some(items)
            }
            _ => None,
        })?;
        let mut all = self.contained.borrow_mut();
        let by_id = all
            .entry(std::ptr::from_ref(root).addr())
            .or_insert_with(|| {
                let ids = (0..held.count()).rev();
                let ids = ids.filter_map(|at| Some((text(held.element_at(at), "id")?.into(), at)));
                ids.collect()
            });
        by_id.get(id).map(|at| held.element_at(*at))
    }
}
