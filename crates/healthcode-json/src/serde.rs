//! The serde bridge: what the `Serialize` and `Deserialize` impls of model types call.
//!
//! Deserializing takes the value's JSON text and passes it to this crate's reader, so that through
//! `serde_json`'s text deserializers nothing is lost: decimals keep their digits, unknown members
//! and repeated names stay. Other formats, `serde_json::Value` and buffered contexts
//! (`#[serde(flatten)]`, untagged enums) have no text; their values are turned into it first, in
//! which numbers are the nearest that the format has.
//!
//! FHIR defects are no errors here: they stay in the value, and [`issues_of`](crate::issues_of)
//! finds them. Broken JSON, and a `resourceType` that contradicts the type that is read, are. In an
//! untagged enum a model type therefore takes whatever comes: put the other variants before it.

use crate::defects::step;
use crate::{Error, from_str, write_element};
use healthcode_core::serde::json_text::{self, FromJsonText};
use healthcode_core::{Element, Fields, PrimitiveItems, Root, SchemaKind, Step, ValueRef};
use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Deserializer, Serialize, Serializer};
use std::marker::PhantomData;

/// Deserializes a value.
///
/// # Errors
/// Those of the deserializer, for text that is not JSON, and if the text names another resource
/// type than `T`.
pub fn deserialize<'de, T: Root, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    json_text::deserialize::<OfElement<T>, D>(deserializer)
}

struct OfElement<T>(PhantomData<T>);

impl<T: Root> FromJsonText for OfElement<T> {
    type Value = T;
    type Error = Error;
    fn read(text: &str) -> Result<T, Error> {
        from_str(text).map(|read| read.value)
    }
}

/// Serializes a value.
///
/// Decimals and kept JSON text go through `serde_json`'s serializers as they are, and through
/// other formats as the nearest value.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(element: &dyn Element, serializer: S) -> Result<S::Ok, S::Error> {
    serialize_at(element, 0, serializer)
}

/// How many elements are nested before the writer lays out the rest, which takes less of the stack.
const DEEP: u32 = 64;

fn serialize_at<S: Serializer>(
    element: &dyn Element,
    depth: u32,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut fields = Fields::new();
    element.fields(&mut fields);
    let fields = fields.since(0);
    if depth >= DEEP
        || !element.extras().is_empty()
        || fields.iter().any(|field| is_odd(field.value))
    {
        // So is what is kept beside the schema.
        let mut text = Vec::new();
        write_element(element, &mut text, None);
        let text = String::from_utf8(text).map_err(S::Error::custom)?;
        return json_text::serialize(&text, serializer);
    }
    let schema = element.schema();
    let mut map = serializer.serialize_map(None)?;
    if schema.kind == SchemaKind::Resource {
        map.serialize_entry("resourceType", schema.name)?;
    }
    for field in fields {
        let definition = &schema.fields[field.index as usize];
        let metadata = matches!(field.value, ValueRef::Metadata(_));
        let Step::Field { name, suffix, .. } = step(definition, field.choice, metadata) else {
            continue;
        };
        let sibling;
        let name = if metadata || !suffix.is_empty() {
            let prefix = if metadata { "_" } else { "" };
            sibling = format!("{prefix}{name}{suffix}");
            sibling.as_str()
        } else {
            name
        };
        match field.value {
            ValueRef::Primitives(items) => {
                if (0..items.count()).any(|i| items.value_at(i).is_some()) {
                    map.serialize_entry(name, &Values(items))?;
                }
                if (0..items.count()).any(|i| items.metadata_at(i).is_some()) {
                    map.serialize_entry(&format!("_{name}"), &Siblings(items, depth))?;
                }
            }
            value => map.serialize_entry(name, &Value(value, depth))?,
        }
    }
    map.end()
}

/// Whether a field's JSON is not what its value alone shows.
fn is_odd(value: ValueRef<'_>) -> bool {
    match value {
        ValueRef::Metadata(metadata) => !metadata.extras().is_empty() || is_bare(metadata),
        ValueRef::Primitives(items) => (0..items.count()).any(|index| {
            let metadata = items.metadata_at(index);
            metadata.is_some_and(|m| !m.extras().is_empty() || is_bare(m))
        }),
        _ => false,
    }
}

/// Whether metadata holds nothing: JSON does not show it.
fn is_bare(metadata: &dyn Element) -> bool {
    let mut fields = Fields::new();
    metadata.fields(&mut fields);
    fields.is_empty()
}

struct Value<'a>(ValueRef<'a>, u32);

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            ValueRef::Text(text) => serializer.serialize_str(text),
            ValueRef::Boolean(value) => serializer.serialize_bool(value),
            ValueRef::Integer(value) => serializer.serialize_i32(value),
            ValueRef::Decimal(text) if healthcode_core::lexical::is_json_number(text) => {
                json_text::serialize(text, serializer)
            }
            ValueRef::Decimal(text) => serializer.serialize_str(text),
            ValueRef::Metadata(element) | ValueRef::Element(element) => {
                serialize_at(element, self.1 + 1, serializer)
            }
            ValueRef::Elements(items) => {
                let mut seq = serializer.serialize_seq(Some(items.count()))?;
                for index in 0..items.count() {
                    seq.serialize_element(&Value(
                        ValueRef::Element(items.element_at(index)),
                        self.1,
                    ))?;
                }
                seq.end()
            }
            _ => serializer.serialize_unit(),
        }
    }
}

struct Values<'a>(&'a dyn PrimitiveItems);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.0.count()))?;
        for index in 0..self.0.count() {
            seq.serialize_element(&self.0.value_at(index).map(|value| Value(value, 0)))?;
        }
        seq.end()
    }
}

struct Siblings<'a>(&'a dyn PrimitiveItems, u32);

impl Serialize for Siblings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.0.count()))?;
        for index in 0..self.0.count() {
            let metadata = self.0.metadata_at(index);
            seq.serialize_element(&metadata.map(|m| Value(ValueRef::Metadata(m), self.1)))?;
        }
        seq.end()
    }
}
