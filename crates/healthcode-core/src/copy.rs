//! Copying elements member by member: to another type as far as possible, or to the same type exactly.

use crate::{
    AnyPrimitive, Element, ElementItems, Field, Fields, PrimitiveItems, ResourceSlot, SchemaKind,
    Slot, ValueRef,
};

/// How many levels of nested elements are copied.
const MAX_DEPTH: u32 = 32;

/// Copies the members of an element into an empty element of another type, as far as that has members of the
/// same names; `wanted` selects by name. A single value becomes a list of one where the other type has a list; of
/// a list, the first value is copied where the other type has a single value.
pub fn copy_element(from: &dyn Element, to: &mut dyn Element, wanted: &dyn Fn(&str) -> bool) {
    copy(from, to, wanted, 0);
}

fn copy(from: &dyn Element, to: &mut dyn Element, wanted: &dyn Fn(&str) -> bool, depth: u32) {
    if depth > MAX_DEPTH {
        return;
    }
    let mut fields = Fields::new();
    from.fields(&mut fields);
    for field in fields.since(0) {
        let Some(definition) = from.schema().fields.get(usize::from(field.index)) else {
            continue;
        };
        if !wanted(definition.name()) {
            continue;
        }
        let mut name = String::new();
        let key = member(definition, field.choice, false, &mut name);
        match field.value {
            ValueRef::Element(child) => element(child, to.slot(key), depth),
            ValueRef::Elements(items) => elements(items, to.slot(key), depth),
            ValueRef::Metadata(metadata) => {
                if let Slot::Metadata(place) = to.slot(&format!("_{key}")) {
                    copy(metadata, place.metadata(), &|_| true, depth + 1);
                }
            }
            ValueRef::Primitives(items) => primitives(items, to, key, depth),
            value => {
                if !scalar(value, to.slot(key))
                    && let Slot::Metadata(place) = to.slot(&format!("_{key}"))
                {
                    place.clear_value();
                }
            }
        }
    }
}

/// Copies a value; false if the slot takes values of another kind.
fn scalar(value: ValueRef<'_>, slot: Slot<'_>) -> bool {
    match (value, slot) {
        (ValueRef::Text(text), Slot::Text(place))
        | (ValueRef::Decimal(text), Slot::Decimal(place)) => *place = text.into(),
        (ValueRef::Text(text), Slot::Code(place)) => place.set_code(text),
        (ValueRef::Text(text), Slot::Attribute(place)) => *place = Some(text.into()),
        (ValueRef::Boolean(value), Slot::Boolean(place)) => *place = value,
        (ValueRef::Integer(value), Slot::Integer(place)) => *place = value,
        _ => return false,
    }
    true
}

fn element(child: &dyn Element, slot: Slot<'_>, depth: u32) {
    let all = &|_: &str| true;
    match slot {
        Slot::Element(place) => copy(child, place, all, depth + 1),
        Slot::Elements(list) => copy(child, list.push_empty(), all, depth + 1),
        Slot::Resource(place) | Slot::Resources(place) => {
            copy(child, open(place, child), all, depth + 1);
        }
        _ => {}
    }
}

fn elements(items: &dyn ElementItems, slot: Slot<'_>, depth: u32) {
    let all = &|_: &str| true;
    let mut children = (0..items.count()).map(|index| items.element_at(index));
    match slot {
        Slot::Elements(list) => {
            children.for_each(|child| copy(child, list.push_empty(), all, depth + 1));
        }
        Slot::Resources(place) => children.for_each(|child| {
            copy(child, open(place, child), all, depth + 1);
        }),
        slot => {
            if let Some(child) = children.next() {
                element(child, slot, depth);
            }
        }
    }
}

fn primitives(items: &dyn PrimitiveItems, to: &mut dyn Element, key: &str, depth: u32) {
    let Slot::Primitives(list) = to.slot(key) else {
        if let Some(value) = (items.count() > 0).then(|| items.value_at(0)).flatten() {
            scalar(value, to.slot(key));
        }
        return;
    };
    for index in 0..items.count() {
        let place: &mut dyn AnyPrimitive = list.at(index);
        if let Some(value) = items.value_at(index)
            && !scalar(value, place.value_slot())
        {
            place.clear_value();
        }
        if let Some(metadata) = items.metadata_at(index) {
            copy(metadata, place.metadata(), &|_| true, depth + 1);
        }
    }
}

/// Copies all of an element into an empty one of the same type.
///
/// Models clone resources by it: as clones of structs, those of all types would be compiled in each crate that clones
/// anything which may contain a resource.
pub fn clone_element(from: &dyn Element, to: &mut dyn Element) {
    clone_into(from, to, &mut Fields::new(), &mut String::new());
}

/// `key` is memory for names.
fn clone_into<'v>(
    from: &'v dyn Element,
    to: &mut dyn Element,
    fields: &mut Fields<'v>,
    key: &mut String,
) {
    if !from.extras().is_empty() {
        *to.extras_mut() = from.extras().clone();
    }
    let start = fields.len();
    from.fields(fields);
    let schema = from.schema();
    for at in start..fields.len() {
        let field = fields.get(at);
        let Some(definition) = schema.fields.get(usize::from(field.index)) else {
            continue;
        };
        let is_metadata = matches!(field.value, ValueRef::Metadata(_));
        let slot = to.slot(member(definition, field.choice, is_metadata, key));
        match (field.value, slot) {
            (ValueRef::Element(child), Slot::Element(place)) => {
                clone_into(child, place, fields, key);
            }
            (ValueRef::Element(child), Slot::Resource(place)) => {
                clone_into(child, open(place, child), fields, key);
            }
            (ValueRef::Elements(items), Slot::Elements(list)) => {
                for index in 0..items.count() {
                    clone_into(items.element_at(index), list.push_empty(), fields, key);
                }
            }
            (ValueRef::Elements(items), Slot::Resources(place)) => {
                for index in 0..items.count() {
                    let child = items.element_at(index);
                    clone_into(child, open(place, child), fields, key);
                }
            }
            (ValueRef::Metadata(metadata), Slot::Metadata(place)) => {
                clone_into(metadata, place.metadata(), fields, key);
            }
            (ValueRef::Primitives(items), Slot::Primitives(list)) => {
                for index in 0..items.count() {
                    let place = list.at(index);
                    if let Some(value) = items.value_at(index) {
                        scalar(value, place.value_slot());
                    }
                    if let Some(metadata) = items.metadata_at(index) {
                        clone_into(metadata, place.metadata(), fields, key);
                    }
                }
            }
            (value, slot) => {
                let taken = scalar(value, slot);
                debug_assert!(taken, "{}.{}", schema.name, definition.name());
            }
        }
    }
    fields.truncate(start);
}

/// The name of a field as a member of JSON, in `key` if it is put together.
fn member<'k>(
    definition: &'static Field,
    choice: u16,
    metadata: bool,
    key: &'k mut String,
) -> &'k str {
    let suffix = match definition.types.get(usize::from(choice)) {
        Some(one) if definition.choice => one.suffix,
        _ => "",
    };
    if !metadata && suffix.is_empty() {
        return definition.name();
    }
    key.clear();
    key.push_str(if metadata { "_" } else { "" });
    key.push_str(definition.name());
    key.push_str(suffix);
    key
}

/// An empty resource of the type of another.
fn open<'p>(place: &'p mut dyn ResourceSlot, like: &dyn Element) -> &'p mut dyn Element {
    let schema = like.schema();
    let is_known = schema.kind != SchemaKind::UnknownResource;
    place.open(is_known.then_some(schema.name))
}
