//! [`Element`]: how generic code fills and walks a value of any type.
//!
//! A reader calls [`Element::slot`] for the place of a JSON member's value and fills that place.
//! A writer or validator calls [`Element::fields`] for what is present. Both sides are a closed set
//! of leaves plus `dyn` children, so that every mechanism is compiled once.

use crate::{ElementItems, Extras, Fields, Schema, Str, ValueRef};
use std::any::Any;
use std::fmt::Debug;

/// A complex FHIR value: a resource, data type, backbone element, or a primitive's metadata.
///
/// Model crates implement it; it is not meant to be implemented by hand.
pub trait Element: Any + Send + Sync {
    /// What the definition says of this type.
    fn schema(&self) -> &'static Schema;

    /// Where the value of the JSON member `key` belongs.
    fn slot<'a>(&'a mut self, key: &str) -> Slot<'a>;

    /// Puts every field that holds something into `out`, in the schema's order.
    fn fields<'a>(&'a self, out: &mut Fields<'a>);

    /// What the payload held beside the schema's fields.
    fn extras(&self) -> &Extras;

    /// What the payload held beside the schema's fields, to be changed.
    fn extras_mut(&mut self) -> &mut Extras;
}

impl dyn Element {
    /// The value as its own type, if it is a `T`.
    #[must_use]
    pub fn downcast_ref<T: Element>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }

    /// The value as its own type, if it is a `T`.
    #[must_use]
    pub fn downcast_mut<T: Element>(&mut self) -> Option<&mut T> {
        (self as &mut dyn Any).downcast_mut()
    }
}

// No supertrait: that would be two more pointers, and a second table, for each type.
impl Debug for dyn Element {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        crate::debug_element(self, f)
    }
}

/// The place of a JSON member's value.
#[allow(missing_debug_implementations, reason = "borrows half-filled values")]
#[non_exhaustive]
pub enum Slot<'a> {
    /// A JSON string.
    Text(&'a mut Str),
    /// A JSON string from a closed set, or other text.
    Code(&'a mut dyn crate::codes::CodeSlot),
    /// A JSON boolean.
    Boolean(&'a mut bool),
    /// A JSON number without fraction or exponent, of 32 bits.
    Integer(&'a mut i32),
    /// A JSON number, kept as its text.
    Decimal(&'a mut Str),
    /// A JSON string that has no metadata: an element's `id`, an extension's `url`.
    Attribute(&'a mut Option<Str>),
    /// A JSON object: the id and extensions of the primitive (a `_` member).
    Metadata(&'a mut dyn AnyPrimitive),
    /// A JSON array of primitives.
    Primitives(&'a mut dyn PrimitiveList),
    /// A JSON array of objects and nulls: the metadata of repeating primitives.
    MetadataList(&'a mut dyn PrimitiveList),
    /// A JSON object.
    Element(&'a mut dyn Element),
    /// A JSON array of objects.
    Elements(&'a mut dyn ElementList),
    /// A JSON object that names its type.
    Resource(&'a mut dyn ResourceSlot),
    /// A JSON array of objects that name their types.
    Resources(&'a mut dyn ResourceSlot),
    /// The `resourceType` member.
    ResourceType,
    /// The member was here before.
    Repeated,
    /// The member was here before, and has these primitives.
    RepeatedPrimitives(&'a mut dyn PrimitiveList),
    /// The member was here before, and has these elements.
    RepeatedElements(&'a mut dyn ElementList),
    /// The member was here before, and has these resources.
    RepeatedResources(&'a mut dyn ResourceSlot),
    /// The choice element holds another type's value.
    SecondChoice,
    /// The schema has no such member.
    Unknown,
}

/// A primitive of any type, for readers.
pub trait AnyPrimitive {
    /// The place of its value; [`Slot::Repeated`] if it has one, or a kept malformed one.
    fn value_slot(&mut self) -> Slot<'_>;
    /// Drops its value.
    fn clear_value(&mut self);
    /// Whether JSON had its `_` sibling already.
    fn has_written_metadata(&self) -> bool;
    /// Its metadata, created if absent.
    fn metadata(&mut self) -> &mut dyn Element;
}

/// A list of primitives, for readers.
pub trait PrimitiveList {
    /// How many primitives there are.
    fn count(&self) -> usize;
    /// Whether any of them has a value or a kept malformed one.
    fn any_value(&self) -> bool;
    /// Whether any of them has metadata.
    fn any_metadata(&self) -> bool;
    /// The primitive at `index`; the list grows to hold it.
    fn at(&mut self, index: usize) -> &mut dyn AnyPrimitive;
}

/// A list of elements, for readers.
pub trait ElementList {
    /// Appends an empty element and returns it to be filled.
    fn push_empty(&mut self) -> &mut dyn Element;
}

/// A place for resources, for readers.
pub trait ResourceSlot {
    /// Puts an empty resource of the named type here and returns it to be filled: the version's
    /// unknown resource where it has no such type or no name is given.
    fn open(&mut self, type_name: Option<&str>) -> &mut dyn Element;
}

/// The `Resource` type of a FHIR version, for the slots that hold it.
pub trait ResourceType: Root {
    /// An empty resource of the named type.
    fn of_type(type_name: Option<&str>) -> Self;
}

impl<R: ResourceType> ResourceSlot for Option<R> {
    fn open(&mut self, type_name: Option<&str>) -> &mut dyn Element {
        self.insert(R::of_type(type_name)).as_element_mut()
    }
}

impl<R: ResourceType> ResourceSlot for crate::List<R> {
    fn open(&mut self, type_name: Option<&str>) -> &mut dyn Element {
        self.push(R::of_type(type_name));
        let last = self.len() - 1;
        self[last].as_element_mut()
    }
}

/// A value that can be a document: any element, or a version's `Resource`.
pub trait Root: Debug + Sized + 'static {
    /// Where a reader puts the document.
    #[doc(hidden)]
    fn open(place: &mut Option<Self>) -> RootSlot<'_>;
    /// The value as an element.
    fn as_element(&self) -> &dyn Element;
    /// The value as an element, to be changed.
    fn as_element_mut(&mut self) -> &mut dyn Element;
}

/// Where a reader puts a document.
#[doc(hidden)]
#[allow(missing_debug_implementations, reason = "borrows half-filled values")]
pub enum RootSlot<'a> {
    Element(&'a mut dyn Element),
    Resource(&'a mut dyn ResourceSlot),
}

/// What generated code calls; each of its functions is one field's mechanics.
#[doc(hidden)]
pub(crate) mod support {
    use super::{
        AnyPrimitive, Element, ElementItems, ElementList, Fields, PrimitiveList, ResourceType,
        Root, Slot, Str, ValueRef,
    };
    use crate::{Extensible, List, Metadata, Primitive, Scalar};

    impl<T: Root + Default> ElementList for List<T> {
        fn push_empty(&mut self) -> &mut dyn Element {
            self.push_default().as_element_mut()
        }
    }

    impl<T: Root> ElementItems for List<T> {
        fn count(&self) -> usize {
            self.len()
        }
        fn element_at(&self, index: usize) -> &dyn Element {
            self[index].as_element()
        }
    }

    #[inline(never)]
    pub fn attribute(field: &mut Option<Str>) -> Slot<'_> {
        if field.is_some() {
            Slot::Repeated
        } else {
            Slot::Attribute(field)
        }
    }

    #[inline(never)]
    pub fn primitive<T: Scalar, X: Extensible>(field: &mut Primitive<T, X>) -> Slot<'_> {
        field.value_slot()
    }

    #[inline(never)]
    pub fn metadata<T: Scalar, X: Extensible>(field: &mut Primitive<T, X>) -> Slot<'_> {
        Slot::Metadata(field)
    }

    #[inline(never)]
    pub fn primitives<T: Scalar, X: Extensible>(field: &mut List<Primitive<T, X>>) -> Slot<'_> {
        if field.any_value() {
            Slot::RepeatedPrimitives(field)
        } else {
            Slot::Primitives(field)
        }
    }

    #[inline(never)]
    pub fn metadata_list<T: Scalar, X: Extensible>(field: &mut List<Primitive<T, X>>) -> Slot<'_> {
        if field.any_metadata() {
            Slot::Repeated
        } else {
            Slot::MetadataList(field)
        }
    }

    #[inline(never)]
    pub fn element<T: Root + Default>(field: &mut Option<Box<T>>) -> Slot<'_> {
        if field.is_some() {
            Slot::Repeated
        } else {
            Slot::Element(field.insert(Box::default()).as_element_mut())
        }
    }

    #[inline(never)]
    pub fn elements<T: Root + Default>(field: &mut List<T>) -> Slot<'_> {
        if field.is_empty() {
            Slot::Elements(field)
        } else {
            Slot::RepeatedElements(field)
        }
    }

    #[inline(never)]
    pub fn resource<R: ResourceType>(field: &mut Option<R>) -> Slot<'_> {
        if field.is_some() {
            Slot::Repeated
        } else {
            Slot::Resource(field)
        }
    }

    #[inline(never)]
    pub fn resources<R: ResourceType>(field: &mut List<R>) -> Slot<'_> {
        if field.is_empty() {
            Slot::Resources(field)
        } else {
            Slot::RepeatedResources(field)
        }
    }

    /// Splits the JSON name of a choice element's member: the type's suffix, and whether it is a
    /// `_` member. `None` if the element has no such choice.
    #[inline(never)]
    #[must_use]
    pub fn choice_suffix<'k>(key: &'k str, element: &str) -> Option<(&'k str, bool)> {
        let name = key.strip_prefix('_');
        let suffix = name.unwrap_or(key).strip_prefix(element)?;
        let is_type = suffix.starts_with(|c: char| c.is_ascii_uppercase());
        is_type.then_some((suffix, name.is_some()))
    }

    #[inline(never)]
    pub fn choice_primitive<T: Scalar, X: Extensible>(
        value: &mut Primitive<T, X>,
        metadata: bool,
    ) -> Slot<'_> {
        if metadata {
            Slot::Metadata(value)
        } else {
            value.value_slot()
        }
    }

    /// The text of an unknown resource's member, if it is a string without JSON escapes.
    #[must_use]
    pub fn plain_text<'a>(resource: &'a crate::UnknownResource, key: &str) -> Option<&'a str> {
        let text = resource.get(key)?.strip_prefix('"')?.strip_suffix('"')?;
        (!text.contains('\\')).then_some(text)
    }

    #[inline]
    pub fn get_attribute<'a>(out: &mut Fields<'a>, index: u16, field: &'a Option<Str>) {
        if let Some(text) = field {
            out.push(index, 0, ValueRef::Text(text));
        }
    }

    #[inline]
    pub fn get_primitive<'a, T: Scalar, X: Extensible>(
        out: &mut Fields<'a>,
        index: u16,
        choice: u16,
        field: &'a Primitive<T, X>,
    ) {
        if field.is_there() {
            push_primitive(out, index, choice, field);
        }
    }

    #[inline(never)]
    fn push_primitive<'a, T: Scalar, X: Extensible>(
        out: &mut Fields<'a>,
        index: u16,
        choice: u16,
        field: &'a Primitive<T, X>,
    ) {
        if let Some(value) = field.value() {
            out.push(index, choice, value.value_ref());
        }
        if let Some(metadata) = field.metadata_ref() {
            push_metadata(out, index, choice, metadata);
        }
    }

    #[inline(never)]
    fn push_metadata<'a, X: Extensible>(
        out: &mut Fields<'a>,
        index: u16,
        choice: u16,
        metadata: &'a Metadata<X>,
    ) {
        out.push(index, choice, ValueRef::Metadata(metadata));
    }

    #[inline]
    pub fn get_primitives<'a, T: Scalar, X: Extensible>(
        out: &mut Fields<'a>,
        index: u16,
        field: &'a List<Primitive<T, X>>,
    ) {
        if !field.is_empty() {
            push_primitives(out, index, field);
        }
    }

    // Apart, because every codegen unit that makes a `dyn` reference has a copy of its table.
    #[inline(never)]
    fn push_primitives<'a, T: Scalar, X: Extensible>(
        out: &mut Fields<'a>,
        index: u16,
        field: &'a List<Primitive<T, X>>,
    ) {
        out.push(index, 0, ValueRef::Primitives(field));
    }

    #[inline]
    pub fn get_element<'a, T: Root>(out: &mut Fields<'a>, index: u16, field: &'a Option<Box<T>>) {
        if let Some(element) = field {
            get_choice(out, index, 0, &**element);
        }
    }

    #[inline(never)]
    pub fn get_choice<'a, T: Root>(out: &mut Fields<'a>, index: u16, choice: u16, element: &'a T) {
        out.push(index, choice, ValueRef::Element(element.as_element()));
    }

    #[inline]
    pub fn get_elements<'a, T: Root>(out: &mut Fields<'a>, index: u16, field: &'a List<T>) {
        if !field.is_empty() {
            push_elements(out, index, field);
        }
    }

    #[inline(never)]
    fn push_elements<'a, T: Root>(out: &mut Fields<'a>, index: u16, field: &'a List<T>) {
        out.push(index, 0, ValueRef::Elements(field));
    }

    #[inline]
    pub fn get_resource<'a, R: ResourceType>(
        out: &mut Fields<'a>,
        index: u16,
        field: &'a Option<R>,
    ) {
        if let Some(resource) = field {
            out.push(index, 0, ValueRef::Element(resource.as_element()));
        }
    }
}
