//! JSON text through serde: from a deserializer, and into a serializer.

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, SerializeStruct};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::{self, Display};
use std::marker::PhantomData;

/// The name by which `serde_json` hands out and takes raw JSON text. It is private to
/// `serde_json`; a test proves that the version in use still has it.
const RAW: &str = "$serde_json::private::RawValue";

/// Reads a value from its JSON text.
pub trait FromJsonText {
    /// What is read.
    type Value;
    /// Why it could not be read.
    type Error: Display;

    /// Reads the value.
    ///
    /// # Errors
    /// If the text is not that of such a value.
    fn read(text: &str) -> Result<Self::Value, Self::Error>;
}

/// Reads the JSON text of a deserializer: as it was written where the deserializer is one of
/// `serde_json` that has text.
///
/// # Errors
/// Those of the deserializer and of the reader.
pub fn deserialize<'de, R: FromJsonText, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<R::Value, D::Error> {
    deserializer.deserialize_newtype_struct(RAW, ValueVisitor::<R>(PhantomData))
}

fn read<R: FromJsonText, E: serde::de::Error>(text: &[u8]) -> Result<R::Value, E> {
    let text = std::str::from_utf8(text).map_err(E::custom)?;
    R::read(text).map_err(E::custom)
}

struct ValueVisitor<R>(PhantomData<R>);

impl<'de, R: FromJsonText> Visitor<'de> for ValueVisitor<R> {
    type Value = R::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FHIR JSON")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<R::Value, D::Error> {
        let mut text = Vec::new();
        Transcode(&mut text).deserialize(value)?;
        read::<R, _>(&text)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<R::Value, A::Error> {
        let mut text = Vec::new();
        let mut first = Vec::new();
        if map.next_key_seed(Key(&mut first))?.is_none() {
            return read::<R, _>(b"{}");
        }
        if first.get(1..first.len() - 1) == Some(RAW.as_bytes()) {
            return map.next_value_seed(RawText::<R>(PhantomData));
        }
        text.push(b'{');
        text.append(&mut first);
        text.push(b':');
        map.next_value_seed(Transcode(&mut text))?;
        members(&mut text, map)?;
        read::<R, _>(&text)
    }
}

/// Reads the text that `serde_json` passes under its private name.
struct RawText<R>(PhantomData<R>);

impl<'de, R: FromJsonText> DeserializeSeed<'de> for RawText<R> {
    type Value = R::Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<R::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<R: FromJsonText> Visitor<'_> for RawText<R> {
    type Value = R::Value;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON text")
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<R::Value, E> {
        R::read(text).map_err(E::custom)
    }
}

/// Writes any value of a deserializer as JSON text.
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
        crate::json::write_string(self.0, value);
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
        crate::json::write_string(self.0, name);
        Ok(())
    }
}

/// Serializes JSON text: as it is where the serializer is `serde_json`'s, else as what it means.
///
/// # Errors
/// Those of the serializer; and a number that is out of range for it.
pub fn serialize<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
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
        serialize(self.0.get(), serializer)
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
