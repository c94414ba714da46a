//! [`Place`]: an element of a value that is being validated, and what surrounds it.

use crate::budget::Budget;
use crate::element::id_of;
use crate::field::FieldFacts;
use crate::rule_set::RuleSet;
use healthcode_core::{
    Element, FieldRef, Fields, Path, Release, Root, Schema, ValueRef, copy_element,
};
use healthcode_r4::Resource;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

/// The bit of [`Place::present`] for elements that may be an id alone, or have a primitive that may be. No type has as
/// many fields.
pub(crate) const MAY_BE_ID_ALONE: u64 = 1 << 63;

/// An element and what surrounds it: the input of a rule.
pub(crate) struct Place<'p, 'v> {
    pub(crate) rules: &'p RuleSet,
    pub(crate) element: &'v dyn Element,
    pub(crate) schema: &'static Schema,
    /// The fields that are present, in the schema's order.
    pub(crate) fields: &'p [FieldRef<'v>],
    /// Which fields are present: bit *i* stands for `fields[i]` of the schema; all where that does not matter.
    pub(crate) present: u64,
    pub(crate) path: &'p Path<'p>,
    /// The field of another element that holds this one.
    pub(crate) holder: Option<&'static FieldFacts>,
    /// The resource that the element is or belongs to: `%resource`.
    pub(crate) resource: &'v dyn Element,
    /// The resource that contains `resource`, or `resource` itself: `%rootResource`.
    pub(crate) root: &'v dyn Element,
    /// What `root` contains, once it was needed.
    pub(crate) contained: &'p RefCell<Contained<'v>>,
    /// The FHIRPath steps that are left for `root`.
    pub(crate) budget: &'p Budget,
    /// The release of the element, if it is not one of R4's structs.
    pub(crate) release: Option<&'static Release>,
}

/// An element as the R4 struct of the same name: the element itself, or a copy of the members that R4 has.
pub(crate) enum View<'v, T> {
    Own(&'v T),
    Copy(Box<T>),
}

impl<T> std::ops::Deref for View<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        match self {
            View::Own(value) => value,
            View::Copy(value) => value,
        }
    }
}

/// A copy of an element of another release as the R4 struct `T`, if that has the same name.
#[cold]
#[inline(never)]
pub(crate) fn copied<T: Root + Default>(element: &dyn Element) -> Option<Box<T>> {
    copied_without(element, "")
}

/// As [`copied`], without the field of a name.
#[cold]
#[inline(never)]
pub(crate) fn copied_without<T: Root + Default>(
    element: &dyn Element,
    field: &str,
) -> Option<Box<T>> {
    let mut copy = Box::<T>::default();
    if copy.as_element().schema().name != element.schema().name {
        return None;
    }
    copy_element(element, copy.as_element_mut(), &|name| name != field);
    Some(copy)
}

/// The resources that a resource contains, by their ids.
#[derive(Default)]
pub(crate) struct Contained<'v> {
    of: Option<&'v dyn Element>,
    by_id: BTreeMap<&'v str, &'v dyn Element>,
    /// All ids in the resource, of elements too, once they were needed.
    ids: Option<HashSet<&'v str>>,
}

impl<'v> Contained<'v> {
    fn of(&mut self, root: &'v dyn Element) -> &BTreeMap<&'v str, &'v dyn Element> {
        if !self.of.is_some_and(|of| std::ptr::addr_eq(of, root)) {
            self.of = Some(root);
            self.by_id.clear();
            self.ids = None;
            let schema = root.schema();
            let mut fields = Fields::new();
            root.fields(&mut fields);
            for field in fields.since(0) {
                if let ValueRef::Elements(items) = field.value
                    && schema.fields[field.index as usize].name() == "contained"
                {
                    let mut fields = Fields::new();
                    self.by_id.extend((0..items.count()).filter_map(|index| {
                        let item = items.element_at(index);
                        Some((id_of(item, &mut fields)?, item))
                    }));
                }
            }
        }
        &self.by_id
    }
}

impl<'v> Place<'_, 'v> {
    /// The element as its own type, if it is a `T`.
    pub(crate) fn get<T: Element>(&self) -> Option<&T> {
        self.element.downcast_ref()
    }

    /// The element as the R4 struct `T`, if it is one, or one of the same name in another release.
    #[inline]
    pub(crate) fn view<T: Element + Root + Default>(&self) -> Option<View<'v, T>> {
        match (self.element.downcast_ref(), self.release) {
            (Some(own), _) => Some(View::Own(own)),
            (None, None) => None,
            (None, Some(_)) => copied(self.element).map(View::Copy),
        }
    }

    /// The names of the types of resources that its release has.
    pub(crate) fn names(&self) -> &'static [&'static str] {
        self.release
            .map_or(Resource::TYPE_NAMES, |release| release.resources)
    }

    /// The contained resource of this id in `root`.
    pub(crate) fn contained(&self, id: &str) -> Option<&'v dyn Element> {
        self.contained.borrow_mut().of(self.root).get(id).copied()
    }

    /// Whether a resource or an element in `root` has this id.
    pub(crate) fn has_id(&self, id: &str) -> bool {
        let mut contained = self.contained.borrow_mut();
        contained.of(self.root);
        let ids = contained.ids.get_or_insert_with(|| {
            let mut ids = HashSet::new();
            collect_ids(self.root, &mut Fields::new(), &mut ids);
            ids
        });
        ids.contains(id)
    }
}

/// The ids in a value. It recurses as deep as the value does, which readers limit.
fn collect_ids<'v>(element: &'v dyn Element, fields: &mut Fields<'v>, ids: &mut HashSet<&'v str>) {
    let start = fields.len();
    element.fields(fields);
    let schema = element.schema();
    for at in start..fields.len() {
        let field = fields.get(at);
        match field.value {
            ValueRef::Text(id) if schema.fields[field.index as usize].name() == "id" => {
                ids.insert(id);
            }
            ValueRef::Element(child) | ValueRef::Metadata(child) => {
                collect_ids(child, fields, ids);
            }
            ValueRef::Elements(items) => {
                for index in 0..items.count() {
                    collect_ids(items.element_at(index), fields, ids);
                }
            }
            ValueRef::Primitives(items) => {
                for metadata in (0..items.count()).filter_map(|index| items.metadata_at(index)) {
                    collect_ids(metadata, fields, ids);
                }
            }
            _ => {}
        }
    }
    fields.truncate(start);
}
