//! [`Node`]: an element or primitive of a resource, with the place that it has in what holds it.

use healthcode_core::{Element, Field, FieldRef, PrimitiveKind, Schema, SchemaKind, ValueRef};
use std::fmt;

/// An element of the value that is evaluated over: a resource, complex element or primitive.
///
/// It borrows, and is copied freely.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    parent: Option<&'a dyn Element>,
    field: u16,
    choice: u16,
    index: u32,
    pub(crate) content: Content<'a>,
}

#[derive(Clone, Copy)]
pub(crate) enum Content<'a> {
    Element(&'a dyn Element),
    Primitive(Option<ValueRef<'a>>, Option<&'a dyn Element>),
}

impl<'a> Node<'a> {
    /// An element whose place in another is not known, or that has none: a resource.
    #[must_use]
    pub fn root(element: &'a dyn Element) -> Self {
        Node {
            parent: None,
            field: 0,
            choice: 0,
            index: 0,
            content: Content::Element(element),
        }
    }

    /// A complex element: the `index`th of field `field` of `parent`, of the type `choice` of that
    /// field. Fields and types are counted as in [`FieldRef`](healthcode_core::FieldRef).
    #[must_use]
    pub fn element(
        parent: &'a dyn Element,
        place: (u16, u16),
        index: usize,
        element: &'a dyn Element,
    ) -> Self {
        Node::at(parent, place, index, Content::Element(element))
    }

    fn at(
        parent: &'a dyn Element,
        (field, choice): (u16, u16),
        index: usize,
        content: Content<'a>,
    ) -> Self {
        Node {
            parent: Some(parent),
            field,
            choice,
            index: u32::try_from(index).unwrap_or(u32::MAX),
            content,
        }
    }

    /// A primitive, by its value and metadata, either of which may be absent; the rest as for
    /// [`Node::element`].
    #[must_use]
    pub fn primitive(
        parent: &'a dyn Element,
        place: (u16, u16),
        index: usize,
        value: Option<ValueRef<'a>>,
        metadata: Option<&'a dyn Element>,
    ) -> Self {
        Node::at(parent, place, index, Content::Primitive(value, metadata))
    }

    /// The element; a primitive has none.
    #[must_use]
    pub fn as_element(&self) -> Option<&'a dyn Element> {
        match self.content {
            Content::Element(element) => Some(element),
            Content::Primitive(..) => None,
        }
    }

    /// A primitive's value.
    #[must_use]
    pub fn value(&self) -> Option<ValueRef<'a>> {
        match self.content {
            Content::Element(_) => None,
            Content::Primitive(value, _) => value,
        }
    }

    /// A primitive's id and extensions, and what was in its place but is not of its type.
    #[must_use]
    pub fn metadata(&self) -> Option<&'a dyn Element> {
        match self.content {
            Content::Element(_) => None,
            Content::Primitive(_, metadata) => metadata,
        }
    }

    /// What has its members: the element, or a primitive's metadata.
    pub(crate) fn holder(&self) -> Option<&'a dyn Element> {
        match self.content {
            Content::Element(element) => Some(element),
            Content::Primitive(_, metadata) => metadata,
        }
    }

    /// What holds it.
    #[must_use]
    pub fn parent(&self) -> Option<&'a dyn Element> {
        self.parent
    }

    /// The field of its parent that it is in, with that field's index.
    #[must_use]
    pub fn field(&self) -> Option<(usize, &'static Field)> {
        let index = usize::from(self.field);
        let field = self.parent?.schema().fields.get(index)?;
        Some((index, field))
    }

    /// Which of the field's values it is, from 0.
    #[must_use]
    pub fn index(&self) -> usize {
        usize::try_from(self.index).unwrap_or(usize::MAX)
    }

    /// Which primitive it is, if it is one.
    #[must_use]
    pub fn primitive_kind(&self) -> Option<PrimitiveKind> {
        if let Content::Element(_) = self.content {
            return None;
        }
        let (_, field) = self.field()?;
        field.types.get(usize::from(self.choice))?.primitive
    }

    /// The name of its FHIR type: `Patient`, `dateTime`, `BackboneElement`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self.content {
            Content::Element(element) => match (type_name(element.schema()), self.declared()) {
                ("Quantity", Some(name)) if RESTRICTED.contains(&name) => name,
                (name, _) => name,
            },
            Content::Primitive(..) => self.primitive_kind().map_or("string", PrimitiveKind::name),
        }
    }

    /// Whether it is of the named FHIR type, or of one that is derived from it.
    #[must_use]
    pub fn is_a(&self, name: &str) -> bool {
        match self.content {
            Content::Element(element) => {
                element_is_a(element.schema(), name) || self.declared() == Some(name)
            }
            Content::Primitive(..) => {
                let kind = self.primitive_kind().map_or("string", PrimitiveKind::name);
                name == kind || name == "Element" || base_of_primitive(kind) == Some(name)
            }
        }
    }

    /// Whether `as` and `ofType()` take it as the named type: primitives are of no type but their
    /// own.
    pub(crate) fn casts_to(&self, name: &str) -> bool {
        match self.content {
            Content::Element(_) => self.is_a(name),
            Content::Primitive(..) => self.type_name() == name || name == "Element",
        }
    }

    /// The type that its field names: `Age`, whose values are of the type `Quantity`.
    fn declared(&self) -> Option<&'static str> {
        let (_, field) = self.field()?;
        Some(field.types.get(usize::from(self.choice))?.code)
    }

    /// Whether both are the same place of the same value.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    /// What identifies this place within the value.
    pub(crate) fn key(&self) -> (usize, usize, u16, u32) {
        let schema = |e: &dyn Element| std::ptr::from_ref(e.schema()).addr();
        match (self.content, self.parent) {
            (Content::Element(e), _) => (address(e), schema(e), u16::MAX, 0),
            (_, Some(parent)) => (address(parent), schema(parent), self.field, self.index),
            _ => (0, 0, self.field, self.index),
        }
    }
}

/// The nodes of a field; a primitive's metadata that is in a field of its own is one, too.
pub(crate) fn nodes<'a>(
    parent: &'a dyn Element,
    field: FieldRef<'a>,
) -> impl Iterator<Item = Node<'a>> {
    let place = (field.index, field.choice);
    let count = match field.value {
        ValueRef::Elements(list) => list.count(),
        ValueRef::Primitives(list) => list.count(),
        _ => 1,
    };
    (0..count).map(move |index| match field.value {
        ValueRef::Element(child) => Node::element(parent, place, 0, child),
        ValueRef::Elements(list) => Node::element(parent, place, index, list.element_at(index)),
        ValueRef::Primitives(list) => {
            let (value, metadata) = (list.value_at(index), list.metadata_at(index));
            Node::primitive(parent, place, index, value, metadata)
        }
        ValueRef::Metadata(metadata) => Node::primitive(parent, place, 0, None, Some(metadata)),
        value => Node::primitive(parent, place, 0, Some(value), None),
    })
}

/// Where an element lies; elements of one type that lie at one place are one.
pub(crate) fn address(element: &dyn Element) -> usize {
    std::ptr::from_ref(element).cast::<u8>().addr()
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.content {
            Content::Element(element) => fmt::Debug::fmt(element, f),
            Content::Primitive(value, metadata) => f
                .debug_struct("Primitive")
                .field("value", &value)
                .field("metadata", &metadata)
                .finish(),
        }
    }
}

fn base_of_primitive(kind: &str) -> Option<&'static str> {
    match kind {
        "code" | "id" | "markdown" => Some("string"),
        "url" | "canonical" | "oid" | "uuid" => Some("uri"),
        "positiveInt" | "unsignedInt" => Some("integer"),
        _ => None,
    }
}

fn has(schema: &Schema, field: &str) -> bool {
    schema.field(field).is_some()
}

pub(crate) const PRIMITIVES: [&str; 20] = [
    "boolean",
    "integer",
    "positiveInt",
    "unsignedInt",
    "decimal",
    "string",
    "markdown",
    "code",
    "id",
    "uri",
    "url",
    "canonical",
    "oid",
    "uuid",
    "date",
    "dateTime",
    "instant",
    "time",
    "base64Binary",
    "xhtml",
];
/// The types that others are derived from, and no value is of alone.
pub(crate) const ABSTRACT: [&str; 4] = ["Resource", "DomainResource", "Element", "BackboneElement"];
/// The types that restrict `Quantity`.
pub(crate) const RESTRICTED: [&str; 4] = ["Age", "Count", "Distance", "Duration"];
/// The profiles of `Quantity` that elements name as if they were types.
pub(crate) const PROFILED: [&str; 2] = ["SimpleQuantity", "MoneyQuantity"];

fn type_name(schema: &'static Schema) -> &'static str {
    match schema.kind {
        SchemaKind::Backbone | SchemaKind::Metadata => {
            if has(schema, "modifierExtension") {
                "BackboneElement"
            } else {
                "Element"
            }
        }
        _ => match schema.name {
            name if PROFILED.contains(&name) => "Quantity",
            name => name,
        },
    }
}

/// Whether a schema's type is the named one or derived from it.
pub(crate) fn element_is_a(schema: &'static Schema, name: &str) -> bool {
    if schema.name == name && schema.kind != SchemaKind::Backbone {
        return true;
    }
    match (schema.kind, name) {
        (SchemaKind::Resource | SchemaKind::UnknownResource, "Resource") => true,
        (SchemaKind::Resource, "DomainResource") => has(schema, "contained"),
        (SchemaKind::DataType | SchemaKind::Backbone | SchemaKind::Metadata, "Element") => true,
        (SchemaKind::DataType | SchemaKind::Backbone, "BackboneElement") => {
            has(schema, "modifierExtension")
        }
        (SchemaKind::DataType, "Quantity") => is_quantity(schema),
        _ => false,
    }
}

/// Whether a version of FHIR, whose complex types `find` returns, has a type of this name.
pub(crate) fn is_type(name: &str, find: fn(&str) -> Option<&'static Schema>) -> bool {
    PRIMITIVES.contains(&name)
        || ABSTRACT.contains(&name)
        || RESTRICTED.contains(&name)
        || find(name).is_some_and(|schema| {
            schema.kind != SchemaKind::Backbone && !PROFILED.contains(&schema.name)
        })
}

/// Whether a schema's type restricts `Quantity`, or is it.
pub(crate) fn is_quantity(schema: &Schema) -> bool {
    schema.name == "Quantity"
        || RESTRICTED.contains(&schema.name)
        || PROFILED.contains(&schema.name)
}
