//! The serde bridge: what the `Serialize` and `Deserialize` impls of model types call.
//!
//! Deserializing takes the value's JSON text and gives it to this crate's reader, so that through
//! `serde_json`'s text deserializers nothing is lost: decimals keep their digits, unknown members
//! and repeated names stay. Other formats, `serde_json::Value` and buffered contexts
//! (`#[serde(flatten)]`, untagged enums) have no text; their values are turned into it first, in
//! which numbers are the nearest that the format has.
//!
//! FHIR defects are no errors here: they stay in the value, and [`issues_of`](crate::issues_of)
//! finds them. Broken JSON, and a `resourceType` that contradicts the type asked for, are. In an
//! untagged enum a model type therefore takes whatever comes: put the other variants before it.

use crate::defects::step;
use crate::{Checked, Error, from_slice, from_str, write_element};
use healthcode_core::{Element, Fields, PrimitiveItems, Root, SchemaKind, Step, ValueRef};
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, SerializeMap, SerializeSeq, SerializeStruct};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;

/// The name by which `serde_json` hands out and takes raw JSON text. It is private to
/// `serde_json`; a test proves that the version in use still has it.
const RAW: &str = "$serde_json::private::RawValue";

/// Deserializes a value.
///
/// # Errors
/// Those of the deserializer, for text that is not JSON, and if the text names another resource
/// type than `T`.
pub fn deserialize<'de, T: Root, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_newtype_struct(RAW, RootVisitor(PhantomData))
}

struct RootVisitor<T>(PhantomData<T>);

impl<'de, T: Root> Visitor<'de> for RootVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FHIR JSON")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<T, D::Error> {
        let mut text = Vec::new();
        Transcode(&mut text).deserialize(value)?;
        read(&text)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut text = Vec::new();
        let mut first = Vec::new();
        if map.next_key_seed(Key(&mut first))?.is_none() {
            return read(b"{}");
        }
        if first.get(1..first.len() - 1) == Some(RAW.as_bytes()) {
            return map.next_value_seed(RawText(self.0));
        }
        text.push(b'{');
        text.append(&mut first);
        text.push(b':');
        map.next_value_seed(Transcode(&mut text))?;
        members(&mut text, map)?;
        read(&text)
    }
}

fn read<T: Root, E: serde::de::Error>(text: &[u8]) -> Result<T, E> {
    value(from_slice(text))
}

fn value<T, E: serde::de::Error>(read: Result<Checked<T>, Error>) -> Result<T, E> {
    read.map(|read| read.value).map_err(E::custom)
}

/// Reads the text that `serde_json` gives under its private name.
struct RawText<T>(PhantomData<T>);

impl<'de, T: Root> DeserializeSeed<'de> for RawText<T> {
    type Value = T;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<T: Root> Visitor<'_> for RawText<T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON text")
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        value(from_str(text))
    }
}

/// Writes whatever a deserializer gives as JSON text.
struct Transcode<'o>(&'o mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for Transcode<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Transcode<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON has")
    }
    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        let text = if value { "true" } else { "false" };
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.0.extend_from_slice(value.to_string().as_bytes());
        Ok(())
    }
    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.0.extend_from_slice(value.to_string().as_bytes());
        Ok(())
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        if !value.is_finite() {
            return Err(E::custom("JSON has no such number"));
        }
        self.0.extend_from_slice(format!("{value:?}").as_bytes());
        Ok(())
    }
    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        healthcode_core::json::write_string(self.0, value);
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.extend_from_slice(b"null");
        Ok(())
    }
    fn visit_none<E>(self) -> Result<(), E> {
        self.0.extend_from_slice(b"null");
        Ok(())
    }
    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_any(self)
    }
    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_any(self)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.0.push(b'[');
        loop {
            let before = self.0.len();
            if before > 0 && self.0[before - 1] != b'[' {
                self.0.push(b',');
            }
            if items.next_element_seed(Transcode(self.0))?.is_none() {
                self.0.truncate(before);
                break;
            }
        }
        self.0.push(b']');
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.0.push(b'{');
        members(self.0, map)
    }
}

/// Writes the remaining members of an object and its closing brace.
fn members<'de, A: MapAccess<'de>>(out: &mut Vec<u8>, mut map: A) -> Result<(), A::Error> {
    loop {
        let before = out.len();
        if out.last() != Some(&b'{') {
            out.push(b',');
        }
        if map.next_key_seed(Key(out))?.is_none() {
            out.truncate(before);
            break;
        }
        out.push(b':');
        map.next_value_seed(Transcode(out))?;
    }
    out.push(b'}');
    Ok(())
}

/// Writes a map's key as a JSON string.
struct Key<'o>(&'o mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }
    fn visit_str<E>(self, name: &str) -> Result<(), E> {
        healthcode_core::json::write_string(self.0, name);
        Ok(())
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
        return raw(&text, serializer);
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
                raw(text, serializer)
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

/// Serializes JSON text: as it is where the serializer is `serde_json`'s, else as what it means.
fn raw<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    // Not "contains": an adapter around `serde_json`'s serializer, as that of `flatten`, does not
    // know the private name.
    let name = std::any::type_name::<S>().trim_start_matches("&mut ");
    if name.starts_with("serde_json::") {
        let mut raw = serializer.serialize_struct(RAW, 1)?;
        raw.serialize_field(RAW, text)?;
        return raw.end();
    }
    match text.as_bytes().first() {
        Some(b'{') => {
            let members: RawMembers<'_> = serde_json::from_str(text).map_err(S::Error::custom)?;
            serializer.collect_map(members.0)
        }
        Some(b'[') => {
            let items: Vec<Raw<'_>> = serde_json::from_str(text).map_err(S::Error::custom)?;
            serializer.collect_seq(items)
        }
        _ => {
            let value: serde_json::Value = serde_json::from_str(text).map_err(S::Error::custom)?;
            value.serialize(serializer)
        }
    }
}

/// JSON text on its way into a serializer.
#[derive(Clone, Copy)]
struct Raw<'a>(&'a serde_json::value::RawValue);

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        raw(self.0.get(), serializer)
    }
}

impl<'de> Deserialize<'de> for Raw<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Deserialize::deserialize(deserializer).map(Raw)
    }
}

/// The members of an object's text, in their order and with repeated names.
struct RawMembers<'a>(Vec<(String, Raw<'a>)>);

impl<'de> Deserialize<'de> for RawMembers<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = RawMembers<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(RawMembers(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}
