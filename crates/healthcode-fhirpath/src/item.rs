//! [`Item`] and [`Collection`]: what expressions give.

use crate::ast::{Namespace, TypeName};
use crate::node::{Content, Node, element_is_a};
use crate::quantity::{Quantity, decimal, quantity_of};
use crate::temporal::{Temporal, TemporalKind};
use crate::text::Text;
use healthcode_core::{PrimitiveKind, Schema, ValueRef};
use rust_decimal::Decimal;
use smallvec::SmallVec;
use std::fmt;
use std::ops::Deref;

/// One item of a result.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Item<'a> {
    /// An element of the value.
    Node(Node<'a>),
    /// `System.Boolean`
    Boolean(bool),
    /// `System.Integer`
    Integer(i32),
    /// `System.Decimal`, of up to 28 digits.
    Decimal(Decimal),
    /// `System.String`
    String(Text<'a>),
    /// `System.Date`, `System.DateTime` or `System.Time`
    Temporal(Temporal),
    /// `System.Quantity`
    Quantity(Quantity<'a>),
    /// What `type()` returns: a namespace and a name.
    Type(&'static str, &'static str),
    /// A resource of which no more than its type is known: what a reference names that nobody
    /// has loaded.
    Unloaded(&'static Schema),
}

impl<'a> Item<'a> {
    /// The type, with its namespace: `FHIR.Patient`, `System.String`.
    #[must_use]
    pub fn type_name(&self) -> (&'static str, &'static str) {
        match self {
            Item::Node(node) => ("FHIR", node.type_name()),
            Item::Unloaded(schema) => ("FHIR", schema.name),
            _ => ("System", self.kind()),
        }
    }

    /// The type's name, without a namespace.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Item::Node(node) => node.type_name(),
            Item::Boolean(_) => "Boolean",
            Item::Integer(_) => "Integer",
            Item::Decimal(_) => "Decimal",
            Item::String(_) => "String",
            Item::Temporal(value) => match value.kind() {
                TemporalKind::Date => "Date",
                TemporalKind::DateTime => "DateTime",
                TemporalKind::Time => "Time",
            },
            Item::Quantity(_) => "Quantity",
            Item::Type(..) => "TypeInfo",
            Item::Unloaded(schema) => schema.name,
        }
    }

    /// The element of the value, if it is one.
    #[must_use]
    pub fn as_node(&self) -> Option<&Node<'a>> {
        match self {
            Item::Node(node) => Some(node),
            _ => None,
        }
    }

    /// The item as a value of the `System` types: a FHIR primitive's value, or a Quantity's. An
    /// item that has no such form, or a primitive without a value, has `None`.
    ///
    /// Dates and decimals that are not well-formed are strings.
    #[must_use]
    pub fn system(&self) -> Option<Item<'a>> {
        let node = match self {
            Item::Node(node) => node,
            Item::Type(..) | Item::Unloaded(_) => return None,
            other => return Some(other.clone()),
        };
        match node.content {
            Content::Element(element) => quantity_of(element).map(Item::Quantity),
            Content::Primitive(value, _) => Some(match value? {
                ValueRef::Boolean(value) => Item::Boolean(value),
                ValueRef::Integer(value) => Item::Integer(value),
                ValueRef::Decimal(text) => match decimal(text) {
                    Some(value) => Item::Decimal(value),
                    None => Item::String(text.into()),
                },
                ValueRef::Text(text) => text_item(text, node.primitive_kind()),
                _ => return None,
            }),
        }
    }

    /// The text, if the item is a string or a FHIR primitive that is text in JSON.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Item::String(text) => Some(text),
            Item::Node(node) => match node.value()? {
                ValueRef::Text(text) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    /// The text as [`Item::text`] returns it, for as long as the value lives.
    pub(crate) fn shared_text(&self) -> Option<Text<'a>> {
        match self {
            Item::String(text) => Some(text.clone()),
            Item::Node(node) => match node.value()? {
                ValueRef::Text(text) => Some(Text::Borrowed(text)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The boolean, if the item is one.
    #[must_use]
    pub fn boolean(&self) -> Option<bool> {
        match self {
            Item::Boolean(value) => Some(*value),
            Item::Node(node) => match node.value()? {
                ValueRef::Boolean(value) => Some(value),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Item<'_> {
    /// Whether an item is of a type or of one derived from it.
    pub(crate) fn is_of_type(&self, name: &TypeName) -> bool {
        match self {
            Item::Node(node) => name.namespace != Namespace::System && node.is_a(&name.name),
            Item::Unloaded(schema) => {
                name.namespace != Namespace::System && element_is_a(schema, &name.name)
            }
            item => {
                name.namespace != Namespace::Fhir
                    && (item.kind() == &*name.name || &*name.name == "Any")
            }
        }
    }

    /// Whether `as` and `ofType()` take an item as one of a type.
    pub(crate) fn casts_to(&self, name: &TypeName) -> bool {
        match self {
            Item::Node(node) => name.namespace != Namespace::System && node.casts_to(&name.name),
            item => item.is_of_type(name),
        }
    }
}

fn text_item(text: &str, kind: Option<PrimitiveKind>) -> Item<'_> {
    let temporal = match kind {
        Some(PrimitiveKind::Date) => Temporal::parse_date(text),
        Some(PrimitiveKind::DateTime | PrimitiveKind::Instant) => Temporal::parse_date_time(text),
        Some(PrimitiveKind::Time) => Temporal::parse_time(text),
        _ => None,
    };
    temporal.map_or(Item::String(text.into()), Item::Temporal)
}

/// The text of the value alone: what `toString()` returns. An element that is not a primitive shows
/// its type.
impl fmt::Display for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Item::Node(node) => match node.value() {
                Some(ValueRef::Text(text) | ValueRef::Decimal(text)) => f.write_str(text),
                Some(ValueRef::Boolean(value)) => write!(f, "{value}"),
                Some(ValueRef::Integer(value)) => write!(f, "{value}"),
                _ => f.write_str(node.type_name()),
            },
            Item::Boolean(value) => write!(f, "{value}"),
            Item::Integer(value) => write!(f, "{value}"),
            Item::Decimal(value) => write!(f, "{value}"),
            Item::String(text) => f.write_str(text),
            Item::Temporal(value) => write!(f, "{value}"),
            Item::Quantity(value) => write!(f, "{value}"),
            Item::Type(namespace, name) => write!(f, "{namespace}.{name}"),
            Item::Unloaded(schema) => f.write_str(schema.name),
        }
    }
}

/// The result of an expression: any number of items. One or none take no memory of their own.
#[derive(Clone, Default)]
pub struct Collection<'a>(Items<'a>);

type Items<'a> = SmallVec<[Item<'a>; 1]>;

impl<'a> Collection<'a> {
    /// No items.
    #[must_use]
    pub const fn new() -> Self {
        Collection(SmallVec::new_const())
    }

    /// The items.
    #[must_use]
    pub fn as_slice(&self) -> &[Item<'a>] {
        &self.0
    }

    /// Adds an item at the end.
    pub fn push(&mut self, item: Item<'a>) {
        self.0.push(item);
    }

    /// The item, if there is exactly one.
    #[must_use]
    pub fn single(&self) -> Option<&Item<'a>> {
        match self.as_slice() {
            [item] => Some(item),
            _ => None,
        }
    }

    pub(crate) fn of_boolean(value: Option<bool>) -> Self {
        value.map(Item::Boolean).into()
    }
}

impl fmt::Debug for Collection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.as_slice()).finish()
    }
}

impl<'a> Deref for Collection<'a> {
    type Target = [Item<'a>];
    fn deref(&self) -> &[Item<'a>] {
        self.as_slice()
    }
}

impl<'a> From<Item<'a>> for Collection<'a> {
    fn from(item: Item<'a>) -> Self {
        Collection(SmallVec::from_buf([item]))
    }
}

impl<'a> From<Option<Item<'a>>> for Collection<'a> {
    fn from(item: Option<Item<'a>>) -> Self {
        item.map_or(Collection::new(), Collection::from)
    }
}

impl<'a> From<Vec<Item<'a>>> for Collection<'a> {
    fn from(items: Vec<Item<'a>>) -> Self {
        Collection(items.into())
    }
}

impl<'a> From<&[Item<'a>]> for Collection<'a> {
    fn from(items: &[Item<'a>]) -> Self {
        Collection(items.into())
    }
}

impl<'a> FromIterator<Item<'a>> for Collection<'a> {
    fn from_iter<T: IntoIterator<Item = Item<'a>>>(items: T) -> Self {
        Collection(items.into_iter().collect())
    }
}

/// The items of a [`Collection`], one by one.
#[derive(Debug)]
pub struct IntoIter<'a>(smallvec::IntoIter<[Item<'a>; 1]>);

impl<'a> Iterator for IntoIter<'a> {
    type Item = Item<'a>;
    fn next(&mut self) -> Option<Item<'a>> {
        self.0.next()
    }
}

impl<'a> IntoIterator for Collection<'a> {
    type Item = Item<'a>;
    type IntoIter = IntoIter<'a>;
    fn into_iter(self) -> IntoIter<'a> {
        IntoIter(self.0.into_iter())
    }
}

impl<'c, 'a> IntoIterator for &'c Collection<'a> {
    type Item = &'c Item<'a>;
    type IntoIter = std::slice::Iter<'c, Item<'a>>;
    fn into_iter(self) -> Self::IntoIter {
        self.as_slice().iter()
    }
}
