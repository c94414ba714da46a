//! [`Untyped`]: an element of any type of any release, made by its schema.
//!
//! It has the same slots and fields as generated structs, in the same order, so that readers, writers and
//! walkers treat both alike.

use crate::unknown::SCHEMA as UNKNOWN;
use crate::{
    AnyPrimitive, Element, ElementItems, ElementList, ExtraKind, Extras, Field, Fields,
    PrimitiveItems, PrimitiveKind, PrimitiveList, Release, Released, ResourceSlot, ResourceType,
    Root, RootSlot, Schema, Slot, Str, Type, ValueRef, debug_element, same_element,
};
use std::fmt;
use std::marker::PhantomData;
use std::sync::LazyLock;

/// An element of any type of a release: a resource, data type, backbone element, or a primitive's
/// metadata.
#[derive(Clone)]
pub struct Untyped {
    release: &'static Release,
    schema: &'static Schema,
    /// Sorted by index in the schema.
    values: Vec<FieldValue>,
    extras: Extras,
}

/// What a field holds.
#[derive(Clone)]
struct FieldValue {
    index: u16,
    choice: u16,
    value: Value,
}

#[derive(Clone)]
enum Value {
    Attribute(Option<Str>),
    Primitive(UntypedPrimitive),
    Primitives(Box<Primitives>),
    Element(Box<Untyped>),
    Elements(Box<Elements>),
    Resource(Box<Resources>),
    Resources(Box<Resources>),
}

/// A primitive of any type.
#[derive(Clone)]
struct UntypedPrimitive {
    release: &'static Release,
    kind: PrimitiveKind,
    value: Option<Scalar>,
    metadata: Option<Box<Untyped>>,
}

#[derive(Clone)]
enum Scalar {
    Text(Str),
    Decimal(Str),
    Boolean(bool),
    Integer(i32),
}

#[derive(Clone)]
struct Primitives {
    release: &'static Release,
    kind: PrimitiveKind,
    items: Vec<UntypedPrimitive>,
}

#[derive(Clone)]
struct Elements {
    release: &'static Release,
    schema: &'static Schema,
    items: Vec<Untyped>,
}

#[derive(Clone)]
struct Resources {
    release: &'static Release,
    items: Vec<Untyped>,
}

impl Untyped {
    /// An empty element of a type of the release.
    #[must_use]
    pub fn new(release: &'static Release, schema: &'static Schema) -> Self {
        Untyped {
            release,
            schema,
            values: Vec::new(),
            extras: Extras::default(),
        }
    }

    /// An empty resource of the named type, or of unknown type if the release has no such resource.
    #[must_use]
    pub fn resource(release: &'static Release, type_name: Option<&str>) -> Self {
        let schema = type_name.and_then(|name| release.resource(name));
        Untyped::new(release, schema.unwrap_or(&UNKNOWN))
    }

    /// The release that defines its type.
    #[must_use]
    pub fn release(&self) -> &'static Release {
        self.release
    }

    /// The name of its type: `Patient`; `Resource` for resources that the release does not define.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.schema.name
    }

    /// The element that the field of this name holds; the first of several.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Untyped> {
        match &self.held(name)?.value {
            Value::Element(element) => Some(element),
            Value::Elements(list) => list.items.first(),
            Value::Resource(list) | Value::Resources(list) => list.items.first(),
            _ => None,
        }
    }

    /// The elements that the field of this name holds.
    #[must_use]
    pub fn list(&self, name: &str) -> &[Untyped] {
        match self.held(name).map(|held| &held.value) {
            Some(Value::Element(element)) => std::slice::from_ref(&**element),
            Some(Value::Elements(list)) => &list.items,
            Some(Value::Resource(list) | Value::Resources(list)) => &list.items,
            _ => &[],
        }
    }

    /// The text that the field of this name holds; the first of several. A decimal number is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        let held = self.held(name)?;
        match &held.value {
            Value::Attribute(text) => text.as_deref(),
            _ => held.primitives().first()?.text(),
        }
    }

    /// The texts that the field of this name holds.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        let primitives = self.held(name).map_or(&[][..], FieldValue::primitives);
        primitives.iter().filter_map(UntypedPrimitive::text)
    }

    /// The whole number that the field of this name holds; the first of several.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i32> {
        match self.held(name)?.primitives().first()?.value {
            Some(Scalar::Integer(value)) => Some(value),
            _ => None,
        }
    }

    /// Whether the field of this name holds `true` or `false`; the first of several.
    #[must_use]
    pub fn boolean(&self, name: &str) -> Option<bool> {
        match self.held(name)?.primitives().first()?.value {
            Some(Scalar::Boolean(value)) => Some(value),
            _ => None,
        }
    }

    /// Whether the field of this name holds anything.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let mut fields = Fields::new();
        self.fields(&mut fields);
        fields.since(0).iter().any(|field| {
            let definition = self.schema.fields.get(usize::from(field.index));
            definition.is_some_and(|definition| definition.name() == name)
        })
    }

    fn held(&self, name: &str) -> Option<&FieldValue> {
        let field = |held: &&FieldValue| {
            let field = self.schema.fields.get(usize::from(held.index));
            field.is_some_and(|field| field.name() == name)
        };
        self.values.iter().find(field)
    }

    /// The place of the field with this index among the values, or the place to insert it at.
    #[inline]
    fn place(&self, index: u16) -> Result<usize, usize> {
        // Members mostly come in the order of the schema.
        match self.values.last() {
            None => Err(0),
            Some(last) if last.index < index => Err(self.values.len()),
            Some(last) if last.index == index => Ok(self.values.len() - 1),
            _ => self.values.binary_search_by_key(&index, |held| held.index),
        }
    }

    /// The field that a JSON member belongs to, the type of its value, and whether it is a `_` member.
    #[inline]
    fn member(&self, key: &str) -> Option<(u16, u16, &'static Field, &'static Type, bool)> {
        let (name, sibling) = match key.strip_prefix('_') {
            Some(name) => (name, true),
            None => (key, false),
        };
        let fields = self.schema.fields;
        let next = self.values.last().map_or(0, |held| usize::from(held.index));
        let start = if next < fields.len() { next } else { 0 };
        let (before, after) = fields.split_at(start);
        let after = after.iter().zip(start..);
        for (field, index) in after.chain(before.iter().zip(0..)) {
            let own = field.name();
            let choice = if name.len() == own.len() {
                if name != own || field.choice {
                    continue;
                }
                0
            } else if field.choice {
                let Some(suffix) = name.strip_prefix(own) else {
                    continue;
                };
                let mut types = field.types.iter();
                let Some(choice) = types.position(|one| one.suffix == suffix) else {
                    continue;
                };
                choice
            } else {
                continue;
            };
            let one = field.types.get(choice)?;
            return Some((
                u16::try_from(index).ok()?,
                u16::try_from(choice).ok()?,
                field,
                one,
                sibling,
            ));
        }
        None
    }

    fn empty(&self, index: u16, field: &'static Field, one: &'static Type) -> Option<Value> {
        let (release, many) = (self.release, field.repeats());
        Some(match (one.primitive, one.schema()) {
            (Some(_), _) if is_attribute(self.schema, index, field) => Value::Attribute(None),
            (Some(kind), _) if many => Value::Primitives(Box::new(Primitives {
                release,
                kind,
                items: Vec::new(),
            })),
            (Some(kind), _) => Value::Primitive(UntypedPrimitive::new(release, kind)),
            (None, Some(schema)) => {
                let schema = release.schema_of_values(schema);
                if many {
                    Value::Elements(Box::new(Elements {
                        release,
                        schema,
                        items: Vec::new(),
                    }))
                } else {
                    Value::Element(Box::new(Untyped::new(release, schema)))
                }
            }
            (None, None) => {
                let resources = Box::new(Resources {
                    release,
                    items: Vec::new(),
                });
                if many {
                    Value::Resources(resources)
                } else {
                    Value::Resource(resources)
                }
            }
        })
    }
}

/// Whether a field is an attribute in XML, which has no metadata: the id of an element, and the URL of
/// an extension.
fn is_attribute(schema: &Schema, index: u16, field: &Field) -> bool {
    match field.name() {
        "id" => index == 0 && !schema.is_resource(),
        "url" => schema.name == "Extension",
        _ => false,
    }
}

impl Element for Untyped {
    fn schema(&self) -> &'static Schema {
        self.schema
    }

    fn slot<'a>(&'a mut self, key: &str) -> Slot<'a> {
        let Some((index, choice, field, one, sibling)) = self.member(key) else {
            let is_type = key == "resourceType" && self.schema.kind == crate::SchemaKind::Resource;
            return if is_type {
                Slot::ResourceType
            } else {
                Slot::Unknown
            };
        };
        if sibling && (one.primitive.is_none() || is_attribute(self.schema, index, field)) {
            return Slot::Unknown;
        }
        let (at, new) = match self.place(index) {
            Ok(at) => (at, false),
            Err(at) => {
                let Some(value) = self.empty(index, field, one) else {
                    return Slot::Unknown;
                };
                let held = FieldValue {
                    index,
                    choice,
                    value,
                };
                self.values.insert(at, held);
                (at, true)
            }
        };
        let Some(held) = self.values.get_mut(at) else {
            return Slot::Unknown;
        };
        if held.choice != choice {
            return Slot::SecondChoice;
        }
        match &mut held.value {
            Value::Attribute(text) => match text {
                None => Slot::Attribute(text),
                Some(_) => Slot::Repeated,
            },
            Value::Primitive(primitive) => {
                if sibling {
                    Slot::Metadata(primitive)
                } else {
                    primitive.value_slot()
                }
            }
            Value::Primitives(list) => match (sibling, list.any(sibling)) {
                (true, true) => Slot::Repeated,
                (true, false) => Slot::MetadataList(&mut **list),
                (false, true) => Slot::RepeatedPrimitives(&mut **list),
                (false, false) => Slot::Primitives(&mut **list),
            },
            Value::Element(element) => {
                if new {
                    Slot::Element(&mut **element)
                } else {
                    Slot::Repeated
                }
            }
            Value::Elements(list) => {
                if list.items.is_empty() {
                    Slot::Elements(&mut **list)
                } else {
                    Slot::RepeatedElements(&mut **list)
                }
            }
            Value::Resource(list) => {
                if list.items.is_empty() {
                    Slot::Resource(&mut **list)
                } else {
                    Slot::Repeated
                }
            }
            Value::Resources(list) => {
                if list.items.is_empty() {
                    Slot::Resources(&mut **list)
                } else {
                    Slot::RepeatedResources(&mut **list)
                }
            }
        }
    }

    fn fields<'a>(&'a self, out: &mut Fields<'a>) {
        for held in &self.values {
            let (index, choice) = (held.index, held.choice);
            match &held.value {
                Value::Attribute(Some(text)) => out.push(index, choice, ValueRef::Text(text)),
                Value::Attribute(None) => {}
                Value::Primitive(primitive) => {
                    if let Some(value) = &primitive.value {
                        out.push(index, choice, value.value_ref());
                    }
                    if let Some(metadata) = &primitive.metadata {
                        out.push(index, choice, ValueRef::Metadata(&**metadata));
                    }
                }
                Value::Primitives(list) if list.items.is_empty() => {}
                Value::Primitives(list) => out.push(index, choice, ValueRef::Primitives(&**list)),
                Value::Element(element) => out.push(index, choice, ValueRef::Element(&**element)),
                Value::Elements(list) if list.items.is_empty() => {}
                Value::Elements(list) => out.push(index, choice, ValueRef::Elements(&**list)),
                Value::Resource(list) => {
                    if let Some(resource) = list.items.first() {
                        out.push(index, choice, ValueRef::Element(resource));
                    }
                }
                Value::Resources(list) if list.items.is_empty() => {}
                Value::Resources(list) => out.push(index, choice, ValueRef::Elements(&**list)),
            }
        }
    }

    fn extras(&self) -> &Extras {
        &self.extras
    }

    fn extras_mut(&mut self) -> &mut Extras {
        &mut self.extras
    }
}

impl PartialEq for Untyped {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.schema, other.schema) && same_element(self, other)
    }
}

impl fmt::Debug for Untyped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_element(self, f)
    }
}

impl FieldValue {
    fn primitives(&self) -> &[UntypedPrimitive] {
        match &self.value {
            Value::Primitive(primitive) => std::slice::from_ref(primitive),
            Value::Primitives(list) => &list.items,
            _ => &[],
        }
    }
}

impl Scalar {
    fn value_ref(&self) -> ValueRef<'_> {
        match self {
            Scalar::Text(text) => ValueRef::Text(text),
            Scalar::Decimal(text) => ValueRef::Decimal(text),
            Scalar::Boolean(value) => ValueRef::Boolean(*value),
            Scalar::Integer(value) => ValueRef::Integer(*value),
        }
    }
}

impl UntypedPrimitive {
    fn new(release: &'static Release, kind: PrimitiveKind) -> Self {
        UntypedPrimitive {
            release,
            kind,
            value: None,
            metadata: None,
        }
    }

    fn text(&self) -> Option<&str> {
        match &self.value {
            Some(Scalar::Text(text) | Scalar::Decimal(text)) => Some(text),
            _ => None,
        }
    }

    fn has_malformed(&self) -> bool {
        let metadata = self.metadata.as_ref();
        metadata.is_some_and(|metadata| metadata.extras.malformed().is_some())
    }

    /// Whether JSON has a `_` member for its metadata. A malformed value that is kept there is written under the
    /// name of the value itself.
    fn is_metadata_written(&self) -> bool {
        let shown = |kind: ExtraKind| !kind.is_value() && !kind.is_xml();
        self.metadata.as_ref().is_some_and(|metadata| {
            let mut fields = Fields::new();
            metadata.fields(&mut fields);
            !fields.is_empty() || metadata.extras.iter().any(|extra| shown(extra.kind()))
        })
    }
}

impl AnyPrimitive for UntypedPrimitive {
    fn value_slot(&mut self) -> Slot<'_> {
        if self.value.is_some() || self.has_malformed() {
            return Slot::Repeated;
        }
        let empty = match self.kind {
            PrimitiveKind::Boolean => Scalar::Boolean(false),
            PrimitiveKind::Integer | PrimitiveKind::PositiveInt | PrimitiveKind::UnsignedInt => {
                Scalar::Integer(0)
            }
            PrimitiveKind::Decimal => Scalar::Decimal(Str::default()),
            _ => Scalar::Text(Str::default()),
        };
        match self.value.insert(empty) {
            Scalar::Text(text) => Slot::Text(text),
            Scalar::Decimal(text) => Slot::Decimal(text),
            Scalar::Boolean(value) => Slot::Boolean(value),
            Scalar::Integer(value) => Slot::Integer(value),
        }
    }

    fn clear_value(&mut self) {
        self.value = None;
    }

    fn has_written_metadata(&self) -> bool {
        self.is_metadata_written()
    }

    fn metadata(&mut self) -> &mut dyn Element {
        let schema = self.release.metadata.unwrap_or(&UNKNOWN);
        let release = self.release;
        let metadata = &mut self.metadata;
        &mut **metadata.get_or_insert_with(|| Box::new(Untyped::new(release, schema)))
    }
}

impl Primitives {
    /// Whether any of them has metadata that JSON shows, or a value.
    fn any(&self, metadata: bool) -> bool {
        if metadata {
            self.any_metadata()
        } else {
            self.any_value()
        }
    }
}

impl PrimitiveList for Primitives {
    fn count(&self) -> usize {
        self.items.len()
    }
    fn any_value(&self) -> bool {
        let has = |item: &UntypedPrimitive| item.value.is_some() || item.has_malformed();
        self.items.iter().any(has)
    }
    fn any_metadata(&self) -> bool {
        self.items.iter().any(UntypedPrimitive::is_metadata_written)
    }
    fn at(&mut self, index: usize) -> &mut dyn AnyPrimitive {
        while self.items.len() <= index {
            let item = UntypedPrimitive::new(self.release, self.kind);
            self.items.push(item);
        }
        &mut self.items[index]
    }
}

impl PrimitiveItems for Primitives {
    fn count(&self) -> usize {
        self.items.len()
    }
    fn value_at(&self, index: usize) -> Option<ValueRef<'_>> {
        self.items[index].value.as_ref().map(Scalar::value_ref)
    }
    fn metadata_at(&self, index: usize) -> Option<&dyn Element> {
        let metadata = self.items[index].metadata.as_deref();
        metadata.map(|metadata| metadata as &dyn Element)
    }
}

impl ElementList for Elements {
    fn push_empty(&mut self) -> &mut dyn Element {
        self.items.push(Untyped::new(self.release, self.schema));
        let last = self.items.len() - 1;
        &mut self.items[last]
    }
}

impl ElementItems for Elements {
    fn count(&self) -> usize {
        self.items.len()
    }
    fn element_at(&self, index: usize) -> &dyn Element {
        &self.items[index]
    }
}

impl ResourceSlot for Resources {
    fn open(&mut self, type_name: Option<&str>) -> &mut dyn Element {
        self.items.push(Untyped::resource(self.release, type_name));
        let last = self.items.len() - 1;
        &mut self.items[last]
    }
}

impl ElementItems for Resources {
    fn count(&self) -> usize {
        self.items.len()
    }
    fn element_at(&self, index: usize) -> &dyn Element {
        &self.items[index]
    }
}

/// A resource of the release that `R` stands for: a document to be read.
pub struct UntypedResource<R>(Untyped, PhantomData<fn() -> R>);

/// An entry of a Bundle of the release that `R` stands for: a document to be read.
pub struct UntypedEntry<R>(Untyped, PhantomData<fn() -> R>);

/// What both have.
macro_rules! document {
    ($name:ident) => {
        impl<R> $name<R> {
            /// The element itself.
            #[must_use]
            pub fn as_untyped(&self) -> &Untyped {
                &self.0
            }

            /// The element itself.
            #[must_use]
            pub fn into_untyped(self) -> Untyped {
                self.0
            }
        }

        impl<R> Clone for $name<R> {
            fn clone(&self) -> Self {
                $name(self.0.clone(), PhantomData)
            }
        }

        impl<R> PartialEq for $name<R> {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl<R> fmt::Debug for $name<R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}

document!(UntypedResource);
document!(UntypedEntry);

/// No release is known before there is a value: what is read is a resource of unknown type.
impl Root for Untyped {
    fn open(place: &mut Option<Self>) -> RootSlot<'_> {
        RootSlot::Resource(place)
    }
    fn as_element(&self) -> &dyn Element {
        self
    }
    fn as_element_mut(&mut self) -> &mut dyn Element {
        self
    }
}

impl ResourceType for Untyped {
    fn of_type(type_name: Option<&str>) -> Self {
        static NONE: LazyLock<Release> = LazyLock::new(|| Release::new("", ""));
        Untyped::resource(&NONE, type_name)
    }
}

impl<R: Released> Root for UntypedResource<R> {
    fn open(place: &mut Option<Self>) -> RootSlot<'_> {
        RootSlot::Resource(place)
    }
    fn as_element(&self) -> &dyn Element {
        &self.0
    }
    fn as_element_mut(&mut self) -> &mut dyn Element {
        &mut self.0
    }
}

impl<R: Released> ResourceType for UntypedResource<R> {
    fn of_type(type_name: Option<&str>) -> Self {
        UntypedResource(Untyped::resource(R::release(), type_name), PhantomData)
    }
}

impl<R: Released> Root for UntypedEntry<R> {
    fn open(place: &mut Option<Self>) -> RootSlot<'_> {
        let release = R::release();
        let bundle = release
            .find("Bundle")
            .and_then(|bundle| bundle.field("entry"));
        let entry = bundle.and_then(|(_, field)| field.types.first()?.schema());
        let entry = Untyped::new(release, entry.unwrap_or(&UNKNOWN));
        RootSlot::Element(&mut place.insert(UntypedEntry(entry, PhantomData)).0)
    }
    fn as_element(&self) -> &dyn Element {
        &self.0
    }
    fn as_element_mut(&mut self) -> &mut dyn Element {
        &mut self.0
    }
}
