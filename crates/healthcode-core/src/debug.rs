//! `Debug` of model values: the fields that hold something, under their FHIR names.

use crate::{Element, Fields, PrimitiveItems, UnknownResource, ValueRef};
use std::fmt::{self, Debug, Formatter};

/// Formats an element as a struct of its present fields; what generated `Debug` impls call.
///
/// # Errors
/// Those of the formatter.
pub fn debug_element(element: &dyn Element, f: &mut Formatter<'_>) -> fmt::Result {
    if let Some(unknown) = element.downcast_ref::<UnknownResource>() {
        return Debug::fmt(unknown, f);
    }
    let schema = element.schema();
    let mut fields = Fields::new();
    element.fields(&mut fields);
    let mut shown = f.debug_struct(schema.name);
    for field in fields.since(0) {
        let definition = &schema.fields[field.index as usize];
        let name = definition.name();
        let metadata = matches!(field.value, ValueRef::Metadata(_));
        let suffix = if definition.choice {
            definition.types[field.choice as usize].suffix
        } else {
            ""
        };
        if metadata || definition.choice {
            let prefix = if metadata { "_" } else { "" };
            shown.field(&format!("{prefix}{name}{suffix}"), &Value(field.value));
        } else {
            shown.field(name, &Value(field.value));
        }
    }
    if !element.extras().is_empty() {
        shown.field("extras", element.extras());
    }
    shown.finish()
}

/// Formats what a choice holds, under its variant's name.
#[doc(hidden)]
pub fn debug_fields(name: &str, fields: &Fields<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    let mut shown = f.debug_tuple(name);
    for field in fields.since(0) {
        shown.field(&Value(field.value));
    }
    shown.finish()
}

struct Value<'a>(ValueRef<'a>);

impl Debug for Value<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            ValueRef::Text(text) => Debug::fmt(text, f),
            ValueRef::Decimal(text) => f.write_str(text),
            ValueRef::Boolean(value) => Debug::fmt(&value, f),
            ValueRef::Integer(value) => Debug::fmt(&value, f),
            ValueRef::Metadata(element) | ValueRef::Element(element) => Debug::fmt(element, f),
            ValueRef::Primitives(items) => {
                let mut list = f.debug_list();
                for index in 0..items.count() {
                    list.entry(&Item(items, index));
                }
                list.finish()
            }
            ValueRef::Elements(items) => {
                let mut list = f.debug_list();
                for index in 0..items.count() {
                    list.entry(&items.element_at(index));
                }
                list.finish()
            }
        }
    }
}

struct Item<'a>(&'a dyn PrimitiveItems, usize);

impl Debug for Item<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let value = self.0.value_at(self.1).map(Value);
        match (value, self.0.metadata_at(self.1)) {
            (Some(value), None) => Debug::fmt(&value, f),
            (None, Some(metadata)) => Debug::fmt(metadata, f),
            (None, None) => f.write_str("null"),
            (Some(value), Some(metadata)) => {
                f.debug_tuple("").field(&value).field(&metadata).finish()
            }
        }
    }
}
