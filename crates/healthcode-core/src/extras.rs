//! [`Extras`]: members of a payload that their element has no place for.

use crate::Boxed;
use std::fmt;

/// What a payload held that its element has no place for, kept so that it can be reported and
/// written back.
///
/// Every element has one; it is a word wide and empty for a payload that follows its schema.
/// Two values whose payloads had the same members in another order compare equal.
#[derive(Clone, Default)]
pub struct Extras(Option<Boxed<Vec<Extra>>>);

impl Extras {
    /// Whether nothing is kept here.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// What is kept, in the payload's order.
    pub fn iter(&self) -> std::slice::Iter<'_, Extra> {
        self.as_slice().iter()
    }

    /// What is kept, in the payload's order.
    #[must_use]
    pub fn as_slice(&self) -> &[Extra] {
        match &self.0 {
            Some(extras) => extras,
            None => &[],
        }
    }

    /// The raw JSON text of the first member kept under `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let found = |extra: &&Extra| extra.kind.is_member() && &*extra.key == key;
        self.iter().find(found).map(|extra| &*extra.json)
    }

    /// Drops everything that is kept: the value will be written as its schema says.
    pub fn clear(&mut self) {
        self.0 = None;
    }

    /// Keeps something; for readers, whose `json` is valid JSON text.
    #[doc(hidden)]
    pub fn push(&mut self, kind: ExtraKind, key: &str, json: &str) {
        let extras = self.0.get_or_insert_default();
        let extra = Extra {
            kind,
            key: key.into(),
            json: json.into(),
        };
        // A primitive's value is written before its `_` sibling, in whichever order they came.
        if kind.is_value() {
            extras.insert(0, extra);
        } else {
            extras.push(extra);
        }
    }

    /// The malformed value of a primitive.
    #[doc(hidden)]
    #[must_use]
    pub fn malformed(&self) -> Option<&Extra> {
        self.iter().find(|extra| extra.kind.is_value())
    }

    /// The first extra of this kind.
    #[doc(hidden)]
    #[must_use]
    pub fn find(&self, kind: ExtraKind) -> Option<&Extra> {
        self.iter().find(|extra| extra.kind == kind)
    }

    /// The number of items with which the array `key` was in the payload, where its values do
    /// not show it.
    #[doc(hidden)]
    #[must_use]
    pub fn length_of(&self, key: &str) -> Option<usize> {
        self.iter().find_map(|extra| match extra.kind {
            ExtraKind::Length(n) if &*extra.key == key => Some(n as usize),
            _ => None,
        })
    }

    /// Drops the extras for which `keep` is false.
    #[doc(hidden)]
    pub fn retain(&mut self, keep: impl FnMut(&Extra) -> bool) {
        if let Some(extras) = &mut self.0 {
            extras.retain(keep);
            if extras.is_empty() {
                self.0 = None;
            }
        }
    }
}

impl PartialEq for Extras {
    /// Members under one name compare in their order; names, as in any JSON object, do not.
    fn eq(&self, other: &Self) -> bool {
        if self.0 == other.0 {
            return true;
        }
        let sorted = |extras: &Extras| {
            let of_value = |extra: &&Extra| extra.kind != ExtraKind::LateResourceType;
            let mut sorted: Vec<Extra> = extras.iter().filter(of_value).cloned().collect();
            sorted.sort_by(|a, b| (a.kind.is_member(), &a.key).cmp(&(b.kind.is_member(), &b.key)));
            sorted
        };
        sorted(self) == sorted(other)
    }
}

impl fmt::Debug for Extras {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a> IntoIterator for &'a Extras {
    type Item = &'a Extra;
    type IntoIter = std::slice::Iter<'a, Extra>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One thing kept in [`Extras`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extra {
    kind: ExtraKind,
    key: Box<str>,
    json: Box<str>,
}

impl Extra {
    /// Why it is kept.
    #[must_use]
    pub fn kind(&self) -> ExtraKind {
        self.kind
    }

    /// The member's name as the payload has it; empty where the whole element is meant.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The value as JSON text, byte for byte; as XML text where it was kept from XML; empty for mere notes.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }
}

/// Why something is kept in [`Extras`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExtraKind {
    /// A member that the schema does not define.
    Unknown,
    /// A known member whose value is no array where the element repeats, or the reverse.
    WrongShape,
    /// A member whose name occurred before in the same object.
    Repeated,
    /// A second value of a choice element.
    SecondChoice,
    /// The element itself was no JSON object.
    NotObject,
    /// The element lay deeper than the reader's limit and was kept unread.
    TooDeep,
    /// On a primitive: its value was not of the primitive's JSON type.
    Value,
    /// A note: the array of this name had this many items, which its values do not show.
    Length(u32),
    /// A note on a primitive: its `_` sibling was an empty object.
    EmptyObject,
    /// A note on a resource: `resourceType` was not its first member.
    LateResourceType,
    /// A note on a resource: it had no `resourceType`.
    MissingResourceType,
    /// Kept from XML, which JSON has no form for.
    Xml(XmlExtra),
}

/// What is kept from XML in [`Extras`]. Its text is XML, which is written back to XML and left out of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum XmlExtra {
    /// An element that the schema does not define here.
    Element,
    /// An element of another namespace than FHIR's.
    Foreign,
    /// An element that does not repeat, and occurred before.
    Repeated,
    /// A second value of a choice element.
    SecondChoice,
    /// An element that holds a resource, and has none or several.
    NotOneResource,
    /// An attribute: `name="value"`.
    Attribute,
    /// Text between elements.
    Text,
    /// A note: the element of this name, and of this index where it repeats, is after one that it
    /// should precede.
    Order(u32),
    /// On a primitive: its value is not of the primitive's form. Its text is a JSON string, which is written
    /// to JSON.
    Value,
    /// The content of an element that lay deeper than the reader's limit.
    TooDeep,
    /// The content of a resource of unknown type.
    Content,
}

impl ExtraKind {
    /// Whether it is a member of the element's JSON object, rather than a note or a whole value.
    #[must_use]
    pub fn is_member(self) -> bool {
        matches!(
            self,
            Self::Unknown | Self::WrongShape | Self::Repeated | Self::SecondChoice
        )
    }

    /// Whether it is a primitive's value that is not of the primitive's form, as JSON text.
    #[must_use]
    pub fn is_value(self) -> bool {
        matches!(self, Self::Value | Self::Xml(XmlExtra::Value))
    }

    /// Whether it is kept from XML.
    #[must_use]
    pub fn is_xml(self) -> bool {
        matches!(self, Self::Xml(_))
    }

    /// Whether it stands for the whole element.
    #[must_use]
    pub fn is_whole(self) -> bool {
        matches!(self, Self::NotObject | Self::TooDeep)
    }
}
