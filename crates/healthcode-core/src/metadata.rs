//! [`Metadata`]: the id and extensions of a primitive.

use crate::element::support;
use crate::{Boxed, Element, Extra, Extras, Fields, List, Root, Schema, Slot, Str};

/// A version's `Extension` type.
pub trait Extensible: Root + Element + Clone + Default + PartialEq {
    /// The schema of [`Metadata`] with these extensions.
    fn metadata_schema() -> &'static Schema;
}

/// The id and extensions of a primitive: what is beside it under its `_` name in JSON.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Metadata<X> {
    /// The element id.
    pub id: Option<Str>,
    /// The extensions.
    pub extension: List<X>,
    pub(crate) extras: Extras,
}

impl<X> Default for Metadata<X> {
    fn default() -> Self {
        Metadata {
            id: None,
            extension: List::new(),
            extras: Extras::default(),
        }
    }
}

impl<X> Metadata<X> {
    /// Whether it holds nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.id.is_none() && self.extension.is_empty() && self.extras.is_empty()
    }

    /// The metadata in `place`, created if absent.
    // These are not inlined: each type of primitive has what calls them.
    #[inline(never)]
    pub(crate) fn of(place: &mut Option<Boxed<Self>>) -> &mut Self {
        place.get_or_insert_default()
    }

    /// The primitive's value as JSON text, where it was not of the primitive's JSON type.
    #[inline(never)]
    pub(crate) fn malformed(&self) -> Option<&str> {
        self.extras.malformed().map(Extra::json)
    }

    /// Whether JSON shows it: a kept malformed value alone belongs to the value's own name.
    #[inline(never)]
    pub(crate) fn is_written(&self) -> bool {
        self.id.is_some()
            || !self.extension.is_empty()
            || self
                .extras
                .iter()
                .any(|e| !e.kind().is_value() && !e.kind().is_xml())
    }
}

impl<X: Extensible> Element for Metadata<X> {
    fn schema(&self) -> &'static Schema {
        X::metadata_schema()
    }

    fn slot<'a>(&'a mut self, key: &str) -> Slot<'a> {
        match key {
            "id" => support::attribute(&mut self.id),
            "extension" => support::elements(&mut self.extension),
            _ => Slot::Unknown,
        }
    }

    fn fields<'a>(&'a self, out: &mut Fields<'a>) {
        support::get_attribute(out, 0, &self.id);
        support::get_elements(out, 1, &self.extension);
    }

    fn extras(&self) -> &Extras {
        &self.extras
    }

    fn extras_mut(&mut self) -> &mut Extras {
        &mut self.extras
    }
}
