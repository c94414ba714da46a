//! `Serialize` and `Deserialize` of what values are made of. Elements have them from `healthcode-json`.

pub mod json_text;

use crate::extras::ExtraKind;
use crate::lexical::is_json_number;
use crate::{
    AnyPrimitive, Base64Binary, Boxed, Canonical, Code, Date, DateTime, Decimal, Extensible, Id,
    Instant, List, Markdown, Oid, Primitive, Scalar, Slot, Str, Time, Uri, Url, Uuid, ValueRef,
    Xhtml,
};
use json_text::FromJsonText;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;

/// Deserializes what is made from text.
///
/// # Errors
/// Those of the deserializer, and if the value is not text.
pub fn deserialize_str<'de, T: for<'a> From<&'a str>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_str(TextVisitor(PhantomData))
}

struct TextVisitor<T>(PhantomData<T>);

impl<T: for<'a> From<&'a str>> Visitor<'_> for TextVisitor<T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }
    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::from(text))
    }
}

macro_rules! as_text {
    ($($name:ident)+) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserialize_str(deserializer)
            }
        }
    )+};
}

as_text! {
    Base64Binary Canonical Code Date DateTime Id Instant Markdown Oid Str Time Uri Url Uuid Xhtml
}

/// Writes a decimal as the number that it is, and as a string if it is no number.
fn serialize_decimal<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    if is_json_number(text) {
        json_text::serialize(text, serializer)
    } else {
        serializer.serialize_str(text)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_decimal(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json_text::deserialize::<OfDecimal, D>(deserializer)
    }
}

struct OfDecimal;

impl FromJsonText for OfDecimal {
    type Value = Decimal;
    type Error = &'static str;
    fn read(text: &str) -> Result<Decimal, &'static str> {
        if is_json_number(text) {
            return Ok(Decimal::from(text));
        }
        let string: Result<String, _> = serde_json::from_str(text);
        string
            .map(Decimal::from)
            .map_err(|_| "invalid decimal: expected a number or a string")
    }
}

/// As its value; see the documentation of this crate.
impl<T: Scalar, X: Extensible> Serialize for Primitive<T, X> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value().map(T::value_ref) {
            Some(ValueRef::Text(text)) => serializer.serialize_str(text),
            Some(ValueRef::Boolean(value)) => serializer.serialize_bool(value),
            Some(ValueRef::Integer(value)) => serializer.serialize_i32(value),
            Some(ValueRef::Decimal(text)) => serialize_decimal(text, serializer),
            _ => match self.malformed() {
                Some(json) => json_text::serialize(json, serializer),
                None => serializer.serialize_unit(),
            },
        }
    }
}

/// From its value, or null; a value of another JSON type is kept as malformed.
impl<'de, T: Scalar, X: Extensible> Deserialize<'de> for Primitive<T, X> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json_text::deserialize::<OfPrimitive<T, X>, D>(deserializer)
    }
}

struct OfPrimitive<T, X>(PhantomData<(T, X)>);

impl<T: Scalar, X: Extensible> FromJsonText for OfPrimitive<T, X> {
    type Value = Primitive<T, X>;
    type Error = std::convert::Infallible;
    fn read(text: &str) -> Result<Self::Value, Self::Error> {
        let mut primitive = Self::Value::default();
        if text == "null" {
            return Ok(primitive);
        }
        if fill(primitive.value_slot(), text).is_none() {
            primitive.clear_value();
            let extras = &mut primitive.metadata_mut().extras;
            extras.push(ExtraKind::Value, "", text);
        }
        Ok(primitive)
    }
}

/// Puts a value of the right JSON type into its place.
fn fill(slot: Slot<'_>, text: &str) -> Option<()> {
    let string = || serde_json::from_str::<String>(text).ok();
    match slot {
        Slot::Text(place) => *place = string()?.into(),
        Slot::Code(place) => place.set_code(&string()?),
        Slot::Boolean(place) => *place = text.parse().ok()?,
        Slot::Integer(place) if is_json_number(text) && text != "-0" => {
            *place = text.parse().ok()?;
        }
        Slot::Decimal(place) if is_json_number(text) => *place = text.into(),
        _ => return None,
    }
    Some(())
}

impl<T: Serialize> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<List<T>, A::Error> {
        let mut list = List::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(list)
    }
}

impl<T: Serialize> Serialize for Boxed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::serialize(self, serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Boxed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Boxed::new)
    }
}
