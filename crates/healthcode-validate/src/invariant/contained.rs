//! Functions for the invariants of all resources: on narrative and contained resources.

use crate::element::id_of;
use crate::place::Place;
use healthcode_core::{Element, ElementItems, FieldRef, Fields, PrimitiveKind, Schema, ValueRef};
use healthcode_r4::{Meta, Narrative};
use std::collections::HashSet;

/// In all resources that can contain others: id, meta, implicitRules, language, text, contained.
const TEXT: u16 = 4;
const CONTAINED: u16 = 5;

pub(super) fn dom_2(place: &Place<'_, '_>) -> bool {
    let contains = |schema: &Schema, field: &FieldRef<'_>| {
        schema.fields[field.index as usize].name() == "contained"
    };
    each(place, |schema, fields| {
        !fields.iter().any(|field| contains(schema, field))
    })
}

pub(super) fn dom_4(place: &Place<'_, '_>) -> bool {
    each(place, |schema, fields| {
        meta(schema, fields)
            .is_none_or(|meta| meta.version_id.is_empty() && meta.last_updated.is_empty())
    })
}

pub(super) fn dom_5(place: &Place<'_, '_>) -> bool {
    each(place, |schema, fields| {
        meta(schema, fields).is_none_or(|meta| meta.security.is_empty())
    })
}

pub(super) fn dom_6(place: &Place<'_, '_>) -> bool {
    place.fields.iter().any(|field| match field.value {
        ValueRef::Element(text) if field.index == TEXT => text
            .downcast_ref::<Narrative>()
            .is_some_and(|text| !text.div.is_empty()),
        _ => false,
    })
}

/// The resources that a resource contains.
pub(crate) fn contained<'v>(place: &Place<'_, 'v>) -> Option<&'v dyn ElementItems> {
    for field in place.fields {
        match field.value {
            ValueRef::Elements(items) if field.index == CONTAINED => return Some(items),
            _ if field.index > CONTAINED => return None,
            _ => {}
        }
    }
    None
}

/// Whether all contained resources keep a rule, which is shown schema and fields of each.
fn each(place: &Place<'_, '_>, keeps: impl Fn(&Schema, &[FieldRef<'_>]) -> bool) -> bool {
    let Some(items) = contained(place) else {
        return true;
    };
    let mut fields = Fields::new();
    (0..items.count()).all(|index| {
        let item = items.element_at(index);
        fields.truncate(0);
        item.fields(&mut fields);
        keeps(item.schema(), fields.since(0))
    })
}

fn meta<'v>(schema: &Schema, fields: &[FieldRef<'v>]) -> Option<&'v Meta> {
    fields.iter().find_map(|field| match field.value {
        ValueRef::Element(meta) if schema.fields[field.index as usize].name() == "meta" => {
            meta.downcast_ref()
        }
        _ => None,
    })
}

/// In linear time: one walk looks for references to all contained resources.
pub(super) fn dom_3(place: &Place<'_, '_>) -> bool {
    let Some(items) = contained(place) else {
        return true;
    };
    let mut fields = Fields::new();
    let ids = (0..items.count()).map(|index| id_of(items.element_at(index), &mut fields));
    let ids: Vec<Option<&str>> = ids.collect();
    let mut wanted = LocalReferences {
        ids: ids.iter().copied().flatten().collect(),
        container: false,
    };
    // Most references are in what contains, not in what is contained.
    for field in place.fields {
        if field.index != CONTAINED {
            wanted.field(place.schema, *field, &mut fields);
        }
    }
    for index in 0..items.count() {
        wanted.pass(items.element_at(index), &mut fields);
    }
    // Those that are left may refer to what contains them.
    ids.iter().enumerate().all(|(index, id)| {
        id.is_none_or(|id| !wanted.ids.contains(id)) || {
            let mut wanted = LocalReferences {
                ids: HashSet::new(),
                container: true,
            };
            wanted.pass(items.element_at(index), &mut fields);
            !wanted.container
        }
    })
}

/// The local references that are looked for in a value and were not found yet.
struct LocalReferences<'v> {
    /// Those to these ids.
    ids: HashSet<&'v str>,
    /// That to the container, by # alone.
    container: bool,
}

impl<'v> LocalReferences<'v> {
    fn are_found(&self) -> bool {
        self.ids.is_empty() && !self.container
    }

    /// Takes out what an element refers to, until all is found.
    fn pass(&mut self, element: &'v dyn Element, fields: &mut Fields<'v>) {
        if self.are_found() {
            return;
        }
        let start = fields.len();
        element.fields(fields);
        for at in start..fields.len() {
            self.field(element.schema(), fields.get(at), fields);
        }
        fields.truncate(start);
    }

    fn field(&mut self, schema: &Schema, field: FieldRef<'v>, fields: &mut Fields<'v>) {
        if self.are_found() {
            return;
        }
        let definition = &schema.fields[field.index as usize];
        let kind = definition
            .types
            .get(field.choice as usize)
            .and_then(|one| one.primitive);
        match field.value {
            ValueRef::Text(text) => self.text(text, kind, definition.name()),
            ValueRef::Primitives(items) => {
                for index in 0..items.count() {
                    if let Some(ValueRef::Text(text)) = items.value_at(index) {
                        self.text(text, kind, definition.name());
                    }
                    if let Some(metadata) = items.metadata_at(index) {
                        self.pass(metadata, fields);
                    }
                }
            }
            ValueRef::Element(child) | ValueRef::Metadata(child) => self.pass(child, fields),
            ValueRef::Elements(items) => {
                for index in 0..items.count() {
                    self.pass(items.element_at(index), fields);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str, kind: Option<PrimitiveKind>, name: &str) {
        use PrimitiveKind::{Canonical, Uri, Url};
        if let Some(id) = text.strip_prefix('#')
            && (matches!(kind, Some(Canonical | Uri | Url)) || name == "reference")
        {
            if id.is_empty() {
                self.container = false;
            } else {
                self.ids.remove(id);
            }
        }
    }
}
