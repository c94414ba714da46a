//! Parts of resources: `_summary` and `_elements`
//! (<https://hl7.org/fhir/R4/search.html#summary>).

use super::walk::{Found, values};
use healthcode_core::{AnyPrimitive, Element, Field, FieldRef, Fields, ResourceSlot, Root};
use healthcode_core::{SchemaKind, Slot, UnknownResource, ValueRef};
use healthcode_r4::{Coding, Meta, Resource, schema};
use healthcode_search::Value;

/// What is shown of each resource that matches.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Subset {
    #[default]
    Whole,
    /// What definitions mark as summary, also within elements that are defined in place.
    Summary,
    /// The narrative and what has to be there.
    Text,
    /// All but the narrative.
    Data,
    /// These elements and what has to be there.
    Elements(Vec<String>),
}

const SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";
const CODE: &str = "SUBSETTED";

impl Subset {
    /// The part that `_summary` selects; none for words that select no part.
    pub(super) fn summary(word: &str) -> Option<Self> {
        Some(match word {
            "true" => Subset::Summary,
            "text" => Subset::Text,
            "data" => Subset::Data,
            "false" => Subset::Whole,
            _ => return None,
        })
    }

    /// The part that `_elements` selects; none if the type of resource has no such element.
    pub(super) fn elements(words: &[Value], resource: &str) -> Option<Self> {
        let schema = schema::find(resource)?;
        let words = words.iter().map(|value| match value {
            Value::Word(word) if schema.field(word).is_some() => Some(word.to_string()),
            _ => None,
        });
        words.collect::<Option<_>>().map(Subset::Elements)
    }

    /// The same for what is included, to which `_elements` does not apply.
    pub(super) fn of_included(&self) -> Self {
        match self {
            Subset::Elements(_) => Subset::Whole,
            other => other.clone(),
        }
    }

    /// That part of a resource, marked as a part. A resource that R4 does not define stays whole.
    pub(super) fn of(&self, resource: &Resource) -> Resource {
        let element = resource.as_element();
        let schema = element.schema();
        if *self == Subset::Whole || schema.kind == SchemaKind::UnknownResource {
            return resource.clone();
        }
        let mut part: Option<Resource> = None;
        let copy = part.open(Some(schema.name));
        copy_of(
            element,
            copy,
            &|field| self.keeps(field),
            *self == Subset::Summary,
        );
        if *self == Subset::Data {
            *copy.extras_mut() = element.extras().clone();
        }
        mark(element, copy);
        part.unwrap_or_else(|| resource.clone())
    }

    /// Whether an element of a resource is a part of it.
    fn keeps(&self, field: &Field) -> bool {
        let name = field.name();
        // What all else cannot be understood without.
        if matches!(name, "id" | "implicitRules" | "modifierExtension") {
            return true;
        }
        match self {
            // It gets a tag beside.
            _ if name == "meta" => false,
            Subset::Whole => true,
            Subset::Summary => field.summary,
            Subset::Text => name == "text" || field.min > 0,
            Subset::Data => name != "text",
            Subset::Elements(names) => field.min > 0 || names.iter().any(|element| element == name),
        }
    }
}

/// Copies `meta`, with the tag that says that a resource is not whole.
fn mark(from: &dyn Element, to: &mut dyn Element) {
    let Slot::Element(place) = to.slot("meta") else {
        return;
    };
    if let Some(Found::Element(meta)) = values(from, "meta").first() {
        copy_all(*meta, place);
    }
    if let Some(meta) = place.downcast_mut::<Meta>() {
        meta.tag.push(Coding {
            system: SYSTEM.into(),
            code: CODE.into(),
            ..Coding::default()
        });
    }
}

/// Copies what is kept of an element into an empty one of the same type. `within` means that elements
/// defined in place are cut to their summary, too.
fn copy_of(from: &dyn Element, to: &mut dyn Element, keeps: &dyn Fn(&Field) -> bool, within: bool) {
    let schema = from.schema();
    let mut fields = Fields::new();
    from.fields(&mut fields);
    for present in fields.since(0) {
        let Some(field) = schema.fields.get(usize::from(present.index)) else {
            continue;
        };
        if keeps(field) {
            copy_field(*present, field, to, within);
        }
    }
}

fn copy_field(present: FieldRef<'_>, field: &Field, to: &mut dyn Element, within: bool) {
    let suffix = if field.choice {
        field
            .types
            .get(usize::from(present.choice))
            .map_or("", |ty| ty.suffix)
    } else {
        ""
    };
    let name = format!("{}{suffix}", field.name());
    match present.value {
        ValueRef::Metadata(metadata) => {
            if let Slot::Metadata(place) = to.slot(&format!("_{name}")) {
                copy_all(metadata, place.metadata());
            }
        }
        ValueRef::Element(element) => match to.slot(&name) {
            Slot::Element(place) => copy_element(element, place, within),
            Slot::Resource(slot) => copy_resource(element, slot),
            _ => {}
        },
        ValueRef::Elements(items) => match to.slot(&name) {
            Slot::Elements(list) => {
                for at in 0..items.count() {
                    copy_element(items.element_at(at), list.push_empty(), within);
                }
            }
            Slot::Resources(slot) => {
                for at in 0..items.count() {
                    copy_resource(items.element_at(at), slot);
                }
            }
            _ => {}
        },
        ValueRef::Primitives(items) => {
            if let Slot::Primitives(list) = to.slot(&name) {
                for at in 0..items.count() {
                    let place: &mut dyn AnyPrimitive = list.at(at);
                    if let Some(value) = items.value_at(at) {
                        put(value, place.value_slot());
                    }
                    if let Some(metadata) = items.metadata_at(at) {
                        copy_all(metadata, place.metadata());
                    }
                }
            }
        }
        value => put(value, to.slot(&name)),
    }
}

fn copy_resource(from: &dyn Element, slot: &mut dyn ResourceSlot) {
    let Some(unknown) = from.downcast_ref::<UnknownResource>() else {
        return copy_all(from, slot.open(Some(from.schema().name)));
    };
    let place = slot.open(unknown.resource_type().as_deref());
    if let Some(place) = place.downcast_mut::<UnknownResource>() {
        place.clone_from(unknown);
    }
}

/// An element, cut to its summary if it is defined in place.
fn copy_element(from: &dyn Element, to: &mut dyn Element, within: bool) {
    if within && from.schema().kind == SchemaKind::Backbone {
        let keeps = |field: &Field| {
            field.summary || field.min > 0 || matches!(field.name(), "id" | "modifierExtension")
        };
        copy_of(from, to, &keeps, true);
    } else {
        copy_all(from, to);
    }
}

fn copy_all(from: &dyn Element, to: &mut dyn Element) {
    copy_of(from, to, &|_| true, false);
    *to.extras_mut() = from.extras().clone();
}

fn put(value: ValueRef<'_>, slot: Slot<'_>) {
    match (value, slot) {
        (ValueRef::Text(text), Slot::Text(place)) => *place = text.into(),
        (ValueRef::Text(text), Slot::Code(place)) => place.set_code(text),
        (ValueRef::Text(text), Slot::Attribute(place)) => *place = Some(text.into()),
        (ValueRef::Boolean(value), Slot::Boolean(place)) => *place = value,
        (ValueRef::Integer(value), Slot::Integer(place)) => *place = value,
        (ValueRef::Decimal(text), Slot::Decimal(place)) => *place = text.into(),
        _ => {}
    }
}
