//! [`Json`]: a JSON text whose values have their places in it.

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// A value of a JSON text: its own text, and where that starts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Json<'t> {
    raw: &'t str,
    at: usize,
}

/// A member of an object; the place is that of its value.
#[derive(Clone, Debug)]
pub(crate) struct Member<'t> {
    pub(crate) name: Cow<'t, str>,
    pub(crate) value: Json<'t>,
}

impl<'t> Json<'t> {
    /// The value that a text is.
    ///
    /// # Errors
    /// What is wrong, and at which line and column, if the text is not JSON.
    pub(crate) fn parse(text: &'t str) -> Result<Self, (String, usize, usize)> {
        let raw: Result<&RawValue, _> = serde_json::from_str(text);
        match raw {
            Ok(raw) => Ok(Json::of(text, raw)),
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                let message = error.to_string();
                let place = format!(" at line {line} column {column}");
                let message = message.strip_suffix(&place).unwrap_or(&message);
                Err((format!("invalid JSON: {message}"), line, column))
            }
        }
    }

    fn of(text: &'t str, raw: &'t RawValue) -> Self {
        let raw = raw.get();
        let at = raw.as_ptr().addr().saturating_sub(text.as_ptr().addr());
        Json { raw, at }
    }

    /// Where in the text it starts, in bytes.
    pub(crate) fn at(self) -> usize {
        self.at
    }

    /// Its own text.
    pub(crate) fn raw(self) -> &'t str {
        self.raw
    }

    /// The members of an object, in their order.
    pub(crate) fn members(self) -> Option<Vec<Member<'t>>> {
        let members: Members<'t> = self.read(b'{')?;
        let place = |raw: &'t RawValue| self.inner(raw);
        let members = members.0.into_iter();
        Some(
            members
                .map(|(Key(name), raw)| Member {
                    name,
                    value: place(raw),
                })
                .collect(),
        )
    }

    /// The items of an array.
    pub(crate) fn items(self) -> Option<Vec<Json<'t>>> {
        let items: Items<'t> = self.read(b'[')?;
        Some(items.0.into_iter().map(|raw| self.inner(raw)).collect())
    }

    /// The text of a string.
    pub(crate) fn string(self) -> Option<Cow<'t, str>> {
        let text: Key<'t> = self.read(b'"')?;
        Some(text.0)
    }

    /// The value of a boolean.
    pub(crate) fn boolean(self) -> Option<bool> {
        match self.raw {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// The text of a number.
    pub(crate) fn number(self) -> Option<&'t str> {
        let first = self.raw.bytes().next()?;
        (first == b'-' || first.is_ascii_digit()).then_some(self.raw)
    }

    fn read<T: Deserialize<'t>>(self, first: u8) -> Option<T> {
        if self.raw.bytes().next() != Some(first) {
            return None;
        }
        serde_json::from_str(self.raw).ok()
    }

    fn inner(self, raw: &'t RawValue) -> Self {
        let mut inner = Json::of(self.raw, raw);
        inner.at += self.at;
        inner
    }
}

/// A string, borrowed if it has no escapes.
struct Key<'t>(Cow<'t, str>);

impl<'t> Deserialize<'t> for Key<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'t> Visitor<'t> for Text {
            type Value = Key<'t>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'t str) -> Result<Key<'t>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Key<'t>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

struct Members<'t>(Vec<(Key<'t>, &'t RawValue)>);

impl<'t> Deserialize<'t> for Members<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'t> Visitor<'t> for Object {
            type Value = Members<'t>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Members<'t>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

struct Items<'t>(Vec<&'t RawValue>);

impl<'t> Deserialize<'t> for Items<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct Array;
        impl<'t> Visitor<'t> for Array {
            type Value = Items<'t>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }
            fn visit_seq<A: SeqAccess<'t>>(self, mut array: A) -> Result<Items<'t>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = array.next_element()? {
                    items.push(item);
                }
                Ok(Items(items))
            }
        }
        deserializer.deserialize_seq(Array)
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn values_know_their_places() {
        let text = "{ \"a\\u0062\": [1.50, \"x\\n\"],\n \"b\": {\"c\": true} }";
        let json = Json::parse(text).expect("JSON");
        let members = json.members().expect("an object");
        assert_eq!(members[0].name, "ab");
        let items = members[0].value.items().expect("an array");
        assert_eq!(items[0].number(), Some("1.50"));
        assert_eq!(items[1].string().as_deref(), Some("x\n"));
        assert_eq!(items[1].at(), text.find("\"x").expect("there"));
        let inner = members[1].value.members().expect("an object");
        assert_eq!(inner[0].value.boolean(), Some(true));
        assert_eq!(inner[0].value.at(), text.find("true").expect("there"));
        assert!(json.items().is_none() && inner[0].value.string().is_none());
    }

    #[test]
    fn faults_have_places() {
        for (text, line, column) in [("{\n \"a\" 1}", 2, 6), ("{", 1, 1), ("[1] 2", 1, 5)] {
            let error = Json::parse(text).expect_err("no JSON");
            assert_eq!((error.1, error.2), (line, column), "{text}: {}", error.0);
        }
    }
}
