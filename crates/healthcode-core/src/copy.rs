//! Copying between elements of different types, member by member.

use crate::{AnyPrimitive, Element, ElementItems, Fields, PrimitiveItems, Slot, ValueRef};

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
        let name = definition.name();
        if !wanted(name) {
            continue;
        }
        let suffix = match definition.types.get(usize::from(field.choice)) {
            Some(one) if definition.choice => one.suffix,
            _ => "",
        };
        let key = format!("{name}{suffix}");
        match field.value {
            ValueRef::Element(child) => element(child, to.slot(&key), depth),
            ValueRef::Elements(items) => elements(items, to.slot(&key), depth),
            ValueRef::Metadata(metadata) => {
                if let Slot::Metadata(place) = to.slot(&format!("_{key}")) {
                    copy(metadata, place.metadata(), &|_| true, depth + 1);
                }
            }
            ValueRef::Primitives(items) => primitives(items, to, &key, depth),
            value => {
                if !scalar(value, to.slot(&key))
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
            copy(child, place.open(Some(child.schema().name)), all, depth + 1);
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
            copy(child, place.open(Some(child.schema().name)), all, depth + 1);
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
