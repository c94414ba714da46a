//! [`Primitive`]: a FHIR primitive with its id and extensions.

use crate::{
    AnyPrimitive, Boxed, Element, Extensible, Extra, List, Metadata, PrimitiveItems, PrimitiveList,
    Scalar, Slot, Text, ValueRef,
};

/// A FHIR primitive: a value, an id and extensions, each of which may be absent.
///
/// `T` is what it holds; `X` is the version's `Extension` (model crates have an alias that fixes
/// it). Equality is by text: `1.0` and `1.00` differ.
///
/// ```
/// # use healthcode_core::{Primitive, Date, Extensible};
/// # fn demo<X: Extensible>() {
/// let mut born: Primitive<Date, X> = "1977-05-09".into();
/// assert_eq!(born.as_str(), Some("1977-05-09"));
/// born.set("1977-05");
/// assert!(born.value().is_some_and(|date| date.check().is_ok()));
/// # }
/// ```
#[derive(Debug, PartialEq)]
pub struct Primitive<T, X> {
    value: Option<T>,
    metadata: Option<Boxed<Metadata<X>>>,
}

impl<T: Clone, X: Clone> Clone for Primitive<T, X> {
    // Not inlined: models clone thousands of them.
    #[inline(never)]
    fn clone(&self) -> Self {
        Primitive {
            value: self.value.clone(),
            metadata: self.metadata.clone(),
        }
    }
}

impl<T, X> Default for Primitive<T, X> {
    #[inline]
    fn default() -> Self {
        Primitive {
            value: None,
            metadata: None,
        }
    }
}

impl<T: Scalar, X: Extensible> Primitive<T, X> {
    /// A primitive with this value.
    pub fn new(value: impl Into<T>) -> Self {
        Primitive {
            value: Some(value.into()),
            metadata: None,
        }
    }

    /// The value; `None` if absent, or if the payload's was of the wrong JSON type (see
    /// [`Primitive::malformed`]).
    #[inline]
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// The value, to be changed.
    pub fn value_mut(&mut self) -> Option<&mut T> {
        self.value.as_mut()
    }

    /// Sets the value; id and extensions stay, a malformed value goes.
    pub fn set(&mut self, value: impl Into<T>) {
        self.forget_malformed();
        self.value = Some(value.into());
    }

    /// Takes the value out; id and extensions stay.
    pub fn take(&mut self) -> Option<T> {
        self.value.take()
    }

    /// Whether there is nothing: no value, no id, no extension, nothing malformed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.value.is_none() && self.metadata.as_ref().is_none_or(|m| m.is_empty())
    }

    /// The element id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.metadata.as_ref()?.id.as_deref()
    }

    /// The extensions.
    #[must_use]
    pub fn extension(&self) -> &[X] {
        match &self.metadata {
            Some(metadata) => &metadata.extension,
            None => &[],
        }
    }

    /// The extensions, to be changed.
    pub fn extension_mut(&mut self) -> &mut List<X> {
        &mut self.metadata_mut().extension
    }

    /// The id and extensions, made if there are none.
    pub fn metadata_mut(&mut self) -> &mut Metadata<X> {
        Metadata::of(&mut self.metadata)
    }

    /// The id and extensions, if there are any.
    #[must_use]
    pub fn metadata_ref(&self) -> Option<&Metadata<X>> {
        self.metadata.as_deref()
    }

    /// The payload's value as JSON text, where it was not of this primitive's JSON type.
    #[must_use]
    pub fn malformed(&self) -> Option<&str> {
        self.metadata.as_ref()?.malformed()
    }

    fn forget_malformed(&mut self) {
        if let Some(metadata) = &mut self.metadata {
            let not_value = |extra: &Extra| !extra.kind().is_value();
            metadata.extras.retain(not_value);
            if metadata.is_empty() {
                self.metadata = None;
            }
        }
    }

    /// Whether there is anything, if only empty metadata.
    #[inline]
    pub(crate) fn is_there(&self) -> bool {
        self.value.is_some() || self.metadata.is_some()
    }

    fn is_metadata_written(&self) -> bool {
        match &self.metadata {
            None => false,
            Some(metadata) => metadata.is_written(),
        }
    }
}

impl<T: Text, X: Extensible> Primitive<T, X> {
    /// The value's text.
    #[inline]
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.value.as_ref().map(T::as_str)
    }
}

impl<T: Scalar + Copy, X: Extensible> Primitive<T, X> {
    /// The value, copied.
    #[must_use]
    pub fn get(&self) -> Option<T> {
        self.value
    }
}

impl<T: Scalar, X: Extensible> AnyPrimitive for Primitive<T, X> {
    #[inline]
    fn value_slot(&mut self) -> Slot<'_> {
        if self.value.is_some() || (self.metadata.is_some() && self.malformed().is_some()) {
            Slot::Repeated
        } else {
            T::slot(&mut self.value)
        }
    }
    fn clear_value(&mut self) {
        self.value = None;
    }
    fn has_written_metadata(&self) -> bool {
        self.is_metadata_written()
    }
    fn metadata(&mut self) -> &mut dyn Element {
        self.metadata_mut()
    }
}

impl<T: Scalar, X: Extensible> PrimitiveList for List<Primitive<T, X>> {
    fn count(&self) -> usize {
        self.len()
    }
    fn any_value(&self) -> bool {
        self.iter()
            .any(|item| item.value.is_some() || item.malformed().is_some())
    }
    fn any_metadata(&self) -> bool {
        self.iter().any(Primitive::is_metadata_written)
    }
    fn at(&mut self, index: usize) -> &mut dyn AnyPrimitive {
        while self.len() <= index {
            self.push_default();
        }
        &mut self[index]
    }
}

impl<T: Scalar, X: Extensible> PrimitiveItems for List<Primitive<T, X>> {
    fn count(&self) -> usize {
        self.len()
    }
    fn value_at(&self, index: usize) -> Option<ValueRef<'_>> {
        self[index].value().map(T::value_ref)
    }
    fn metadata_at(&self, index: usize) -> Option<&dyn Element> {
        self[index].metadata_ref().map(|m| m as &dyn Element)
    }
}

impl<T: Scalar, X: Extensible> From<T> for Primitive<T, X> {
    fn from(value: T) -> Self {
        Primitive::new(value)
    }
}

impl<T: Text, X: Extensible> From<&str> for Primitive<T, X> {
    fn from(text: &str) -> Self {
        Primitive::new(text)
    }
}

impl<T: Text, X: Extensible> From<String> for Primitive<T, X> {
    fn from(text: String) -> Self {
        Primitive::new(text.as_str())
    }
}

impl<T: Text, X: Extensible> PartialEq<str> for Primitive<T, X> {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}

impl<T: Text, X: Extensible> PartialEq<&str> for Primitive<T, X> {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == Some(*other)
    }
}

impl<X: Extensible> PartialEq<bool> for Primitive<bool, X> {
    fn eq(&self, other: &bool) -> bool {
        self.value == Some(*other)
    }
}

impl<X: Extensible> PartialEq<i32> for Primitive<i32, X> {
    fn eq(&self, other: &i32) -> bool {
        self.value == Some(*other)
    }
}
